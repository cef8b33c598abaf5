import { string } from '../command-line/args.ts'
import { boolean } from '../command-line/flags.ts'
import { parseVersion } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { confirmFlag } from '../command-line/shared-flags.ts'
import { renderState } from '../render/result.ts'
import { count, lines, shown } from '@mig/app-kit/terminal'
import { stateReport, type StateReport } from '../reports/reports.ts'

/** What `mig baseline` returns. */
export interface BaselineReport {
  readonly database: string
  readonly from: StateReport
  readonly to: StateReport
  /** The versions that count as applied from now on. */
  readonly versions: readonly string[]
}

export default class Baseline extends BaseCommand<typeof Baseline> {
  static override summary = 'Adopt a database that was built by other means, at a version.'
  static override description =
    'Runs nothing. Refuses a version that the catalog contradicts: something that its files make is not there, or ' +
    'something that later files make is.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 12',
    '<%= config.bin %> <%= command.id %> --from-golang-migrate',
  ]
  static override args = {
    version: string({ description: 'The version the database is at.' }),
  }
  static override flags = {
    ...confirmFlag,
    force: boolean({
      summary: 'Adopt it also where it does not look like that version.',
      exclusive: ['from-golang-migrate'],
    }),
    'from-golang-migrate': boolean({
      summary: 'Keep the version golang-migrate left, and make the ledger from it and the files.',
    }),
  }

  async run(): Promise<BaselineReport> {
    const { version } = this.args
    const inferred = this.flags['from-golang-migrate'] === true
    if ((version === undefined) !== inferred) {
      this.refuse('Name the version, or pass --from-golang-migrate')
    }
    const wanted = version === undefined ? 'golang-migrate' : parseVersion(version)
    const report = await this.withMigrator(async (migrator) => {
      const { name } = migrator.database
      await this.confirm(migrator, { message: `This adopts "${name}" without running anything.` })
      const { from, to, versions } = await migrator.baseline(wanted, {
        force: this.flags.force === true,
      })
      return {
        database: name,
        from: stateReport(from),
        to: stateReport(to),
        versions: versions.map(String),
      }
    })
    const { versions, to } = report
    this.say(
      lines(
        shown`Adopted at version ${renderState(to)}: ${count(versions.length, 'migration')} count as applied. Nothing ran.`,
      ),
    )
    return report
  }
}
