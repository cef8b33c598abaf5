import { string } from '../command-line/args.ts'
import { formatVersion } from '@mig/core'
import { parseVersionOrNone } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { confirmFlag } from '../command-line/shared-flags.ts'
import { renderState } from '../render/result.ts'
import { lines, shown } from '@mig/app-kit/terminal'
import { stateReport, type StateReport } from '../reports/reports.ts'

/** What `mig force` returns. */
export interface ForceReport {
  readonly database: string
  readonly from: StateReport
  readonly to: StateReport
}

export default class Force extends BaseCommand<typeof Force> {
  static override summary = 'Set the version and clear the dirty mark, without running anything.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 12',
    '<%= config.bin %> <%= command.id %> none',
  ]
  static override args = {
    version: string({
      required: true,
      description: 'The version the database is at, or "none" (or -1) for nothing applied.',
    }),
  }
  static override flags = { ...confirmFlag }

  async run(): Promise<ForceReport> {
    const version = parseVersionOrNone(this.args.version)
    const report = await this.withMigrator(async (migrator) => {
      const { name } = migrator.database
      const message = `This sets the version of "${name}" to ${formatVersion(version)} without running anything.`
      await this.confirm(migrator, { message })
      const { from, to } = await migrator.force(version)
      return { database: name, from: stateReport(from), to: stateReport(to) }
    })
    const { arrow } = this.style.symbols
    this.say(
      lines(
        shown`Forced: ${renderState(report.from)} ${arrow} ${renderState(report.to)}. Nothing ran.`,
      ),
    )
    return report
  }
}
