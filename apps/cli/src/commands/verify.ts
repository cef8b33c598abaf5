import { string } from '../command-line/flags.ts'
import { parseVersion } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { exitCodes } from '../oclif/exit-code.ts'
import { findOldText } from '../git/find-old-text.ts'
import { renderAccepted, renderVerify } from '../render/verify.ts'
import {
  acceptReport,
  verifyReport,
  type AcceptReport,
  type VerifyReport,
} from '../reports/verify-report.ts'

/** What `mig verify` returns: what it found, or with `--accept` what it put on record. */
export type VerifyResult = VerifyReport | AcceptReport

export default class Verify extends BaseCommand<typeof Verify> {
  static override summary = 'Hold files, version and ledger against each other.'
  static override description =
    'Exits with 6 if a file was changed after it was applied, is missing or out of order, or if the database is ahead of the files.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --accept 12 --reason "comment corrected"',
  ]
  static override flags = {
    accept: string({
      summary: 'Put on record that the changed file of this version is meant to be as it is.',
      helpValue: 'VERSION',
      dependsOn: ['reason'],
    }),
    reason: string({ summary: 'Why, for the record.', helpValue: 'TEXT', dependsOn: ['accept'] }),
  }

  async run(): Promise<VerifyResult> {
    const { accept, reason } = this.flags
    if (accept !== undefined) return this.#accept(parseVersion(accept), reason ?? '')
    const report = await this.withMigrator(async (migrator) =>
      verifyReport(migrator.database.name, await migrator.verify(), {
        folder: migrator.source.location,
        findOldText: findOldText(this.settings.distrust),
        redact: (text) => this.foreign(text),
      }),
    )
    this.print(renderVerify(report, this.style))
    if (!report.sound) this.runtime.exitCode = exitCodes.integrity
    return report
  }

  async #accept(version: bigint, reason: string): Promise<AcceptReport> {
    if (reason.trim() === '') this.refuse('--reason is empty')
    const report = await this.withMigrator(async (migrator) =>
      acceptReport(migrator.database.name, await migrator.accept(version, reason), reason),
    )
    this.say(renderAccepted(report))
    return report
  }
}
