import { boolean } from '../command-line/flags.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { exitCodes } from '../oclif/exit-code.ts'
import { renderStatus } from '../render/status.ts'
import { statusReport, type StatusReport } from '../reports/reports.ts'

/** What `mig status` returns. */
export type StatusResult = StatusReport

/** Where several fit, the first counts. */
const checkCode = ({ state, pending, outOfOrder, changed, missing }: StatusReport): number => {
  if (state.dirty) return exitCodes.dirty
  if (outOfOrder + changed + missing > 0) return exitCodes.integrity
  return pending > 0 ? exitCodes.pending : exitCodes.done
}

export default class Status extends BaseCommand<typeof Status> {
  static override summary =
    'Show every migration: applied (when, by whom), pending, out of order, changed, missing.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --pending',
    '<%= config.bin %> <%= command.id %> --check',
  ]
  static override flags = {
    check: boolean({
      summary:
        'Exit with 3 if dirty, 6 if a file was changed, is missing or out of order, 5 if something is pending.',
    }),
    pending: boolean({ summary: 'Show only what is not applied.' }),
  }

  async run(): Promise<StatusResult> {
    const whole = await this.withMigrator(async (migrator) =>
      statusReport(migrator.database.name, await migrator.status()),
    )
    const report =
      this.flags.pending === true
        ? { ...whole, migrations: whole.migrations.filter(({ status }) => status !== 'applied') }
        : whole
    this.print(renderStatus(report, this.style))
    if (this.flags.check === true) this.runtime.exitCode = checkCode(whole)
    return report
  }
}
