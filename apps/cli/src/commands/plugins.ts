import { BaseCommand } from '../oclif/base-command.ts'
import { DataFolder } from '../plugins/data-folder.ts'
import { pluginsReport, type PluginsReport } from '../plugins/plugin-report.ts'
import { renderPlugins } from '../render/plugins.ts'

/** What `mig plugins` returns. */
export type PluginsResult = PluginsReport

export default class Plugins extends BaseCommand<typeof Plugins> {
  static override summary = 'Show the installed and linked plugins.'
  static override description =
    'A plugin brings commands, drivers or hooks. Its hooks run at every command but "mig plugins" and what belongs to it.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<PluginsResult> {
    const report = pluginsReport(new DataFolder(this.config.dataDir))
    this.print(renderPlugins(report, this.style))
    return report
  }
}
