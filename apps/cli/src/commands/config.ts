import { BaseCommand } from '../oclif/base-command.ts'
import { configReport, type ConfigReport } from '../reports/config-report.ts'
import { isProtected } from '../session/protection.ts'
import { renderConfig } from '../render/config.ts'

/** What `mig config` returns. */
export type ConfigResult = ConfigReport

export default class ConfigCommand extends BaseCommand<typeof ConfigCommand> {
  static override summary = 'Show every setting and where it comes from. Passwords are hidden.'
  static override examples = ['<%= config.bin %> <%= command.id %> --env production']

  async run(): Promise<ConfigResult> {
    const { cwd } = this.runtime
    const asks = await isProtected(this.settings, this.config, cwd)
    const report = configReport(this.settings, asks, cwd)
    this.print(renderConfig(report, this.style))
    return report
  }
}
