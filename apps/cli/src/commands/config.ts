import { BaseCommand } from '../base-command.ts'
import { configReport, type ConfigReport } from '../config-report.ts'
import { renderConfig } from '../render/config.ts'

/** What `mig config` returns. */
export type ConfigResult = ConfigReport

export default class ConfigCommand extends BaseCommand<typeof ConfigCommand> {
  static override summary = 'Show every setting and where it comes from. Passwords are hidden.'
  static override examples = ['<%= config.bin %> <%= command.id %> --env production']

  async run(): Promise<ConfigResult> {
    const report = configReport(this.settings, this.runtime.cwd)
    this.print(renderConfig(report, this.style))
    return report
  }
}
