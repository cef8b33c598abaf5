import { string } from '../command-line/flags.ts'
import { parseSteps, parseVersion } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { historyReport, type HistoryReport } from '../reports/history-report.ts'
import { renderHistory } from '../render/history.ts'

/** What `mig history` returns. */
export type HistoryResult = HistoryReport

export default class History extends BaseCommand<typeof History> {
  static override summary = 'Show what happened to the database: every event of the ledger.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --version 12 --limit 5',
  ]
  static override flags = {
    version: string({ summary: 'Only events of this version.', helpValue: 'VERSION' }),
    limit: string({ summary: 'Only the newest N events.', helpValue: 'N' }),
  }

  async run(): Promise<HistoryResult> {
    const { version, limit } = this.flags
    const query = {
      ...(version === undefined ? {} : { version: parseVersion(version) }),
      ...(limit === undefined ? {} : { limit: parseSteps(limit) }),
    }
    const report = await this.withMigrator(async (migrator) =>
      historyReport(migrator.database.name, await migrator.history(query)),
    )
    this.print(renderHistory(report, this.style))
    return report
  }
}
