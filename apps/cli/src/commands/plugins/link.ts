import { resolve } from 'node:path'
import { string } from '../../command-line/args.ts'
import { MigrateError } from '@mig/core'
import { BaseCommand } from '../../oclif/base-command.ts'
import { DataFolder } from '../../plugins/data-folder.ts'
import { pluginIn } from '../../plugins/plugin-package.ts'
import { pluginReport, type PluginReport } from '../../plugins/plugin-report.ts'
import { field, lines, shown } from '@mig/app-kit/terminal'

/** What `mig plugins link` returns. */
export interface PluginsLinkResult {
  readonly folder: string
  readonly plugin: PluginReport
}

export default class PluginsLink extends BaseCommand<typeof PluginsLink> {
  static override summary = 'Use a plugin from the folder it is written in.'
  static override description =
    'Runs nothing and installs nothing: the dependencies of the plugin are yours to install. "mig plugins uninstall NAME" takes the link away.'
  static override examples = ['<%= config.bin %> <%= command.id %> ./my-plugin']
  static override args = {
    path: string({ required: true, description: 'Folder with the package.json of the plugin.' }),
  }

  async run(): Promise<PluginsLinkResult> {
    const root = resolve(this.runtime.cwd, this.args.path)
    const found = pluginIn(root)
    if (found === undefined) {
      throw new MigrateError('PLUGIN_FAILED', `There is no plugin of mig in ${root}`, {
        hint: 'Its package.json needs a name, and "oclif" with commands or hooks.',
      })
    }
    const folder = new DataFolder(this.config.dataDir)
    folder.prepare()
    const installed = folder.plugins.find(
      ({ name, type }) => name === found.name && type === 'user',
    )
    if (installed !== undefined) {
      throw new MigrateError('PLUGIN_FAILED', `${found.name} is installed already`, {
        hint: `Run "mig plugins uninstall ${found.name}" first.`,
      })
    }
    const plugin = { name: found.name, type: 'link', root } as const
    folder.register(plugin)
    this.say(
      lines(
        shown`Linked ${field(found.name)} ${field(found.version)}.`,
        shown`Its code runs at every mig command from now on.`,
      ),
    )
    return { folder: folder.path, plugin: pluginReport(plugin, folder) }
  }
}
