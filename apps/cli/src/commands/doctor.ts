import { BaseCommand } from '../oclif/base-command.ts'
import { doctorReport, type DoctorReport } from '../reports/doctor-report.ts'
import { exitCodes } from '../oclif/exit-code.ts'
import { renderDoctor } from '../render/doctor.ts'

/** What `mig doctor` returns. */
export type DoctorResult = DoctorReport

export default class Doctor extends BaseCommand<typeof Doctor> {
  static override summary = 'Find out what is wrong, why, and what to do about it.'
  static override description =
    'Reads version, ledger, files and catalog, and changes nothing. Exits with 0 if nothing is wrong, with 3 if the database is dirty, else with 1.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<DoctorResult> {
    const report = await this.withMigrator(async (migrator) =>
      doctorReport(migrator.database, await migrator.doctor(), (text) => this.foreign(text)),
    )
    this.print(renderDoctor(report, this.style))
    if (report.state.dirty) this.runtime.exitCode = exitCodes.dirty
    else if (!report.healthy) this.runtime.exitCode = exitCodes.failed
    return report
  }
}
