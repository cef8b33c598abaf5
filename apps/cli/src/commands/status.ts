import { boolean } from '@oclif/core/flags'
import { BaseCommand } from '../base-command.ts'
import { exitCodes } from '../exit-code.ts'
import { renderStatus } from '../render/status.ts'
import { statusReport, type StatusReport } from '../reports.ts'

/** What `mig status` returns. */
export type StatusResult = StatusReport

/** Where several fit, the first counts. */
const checkCode = ({ state, migrations, pending }: StatusReport): number => {
  if (state.dirty) return exitCodes.dirty
  if (migrations.some(({ missing }) => missing)) return exitCodes.integrity
  return pending > 0 ? exitCodes.pending : exitCodes.done
}

export default class Status extends BaseCommand<typeof Status> {
  static override summary = 'Show every migration: applied, pending, missing; and whether the database is dirty.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --check',
  ]
  static override flags = {
    check: boolean({
      summary: 'Exit with 5 if something is pending, 3 if dirty, 6 if a file is missing.',
    }),
  }

  async run(): Promise<StatusResult> {
    const report = await this.withMigrator(async (migrator) =>
      statusReport(migrator.database.name, await migrator.status()),
    )
    this.print(renderStatus(report, this.style))
    if (this.flags.check === true) this.runtime.exitCode = checkCode(report)
    return report
  }
}
