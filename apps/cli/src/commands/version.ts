import { BaseCommand } from '../oclif/base-command.ts'
import { renderState } from '../render/result.ts'
import { lines } from '@mig/app-kit/terminal'
import { stateReport, type StateReport } from '../reports/reports.ts'

/** What `mig version` returns. */
export type VersionResult = StateReport

export default class Version extends BaseCommand<typeof Version> {
  static override summary = 'Print the version the database is at, or "none".'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<VersionResult> {
    const state = stateReport(await this.withMigrator((migrator) => migrator.version()))
    this.print(lines(renderState(state)))
    return state
  }
}
