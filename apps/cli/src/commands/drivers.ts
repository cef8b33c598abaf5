import { BaseCommand } from '../oclif/base-command.ts'
import { findDrivers } from '../discovery/find-drivers.ts'
import { driversReport, type DriversReport } from '../reports/driver-report.ts'
import { renderDrivers } from '../render/drivers.ts'

/** What `mig drivers` returns. */
export type DriversResult = DriversReport

export default class Drivers extends BaseCommand<typeof Drivers> {
  static override summary =
    'Show the installed drivers, the URL schemes they take, and where each comes from.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<DriversResult> {
    const { config, runtime, settings } = this
    const projectFolder = settings.folders.at(-1) ?? runtime.cwd
    const { distrust } = settings
    const discovery = await findDrivers({ config, projectFolder, distrust })
    const report = driversReport(discovery, (text) => runtime.redactor.redact(text))
    this.print(renderDrivers(report, this.style))
    return report
  }
}
