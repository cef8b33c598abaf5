import { string } from '../../command-line/args.ts'
import { MigrateError } from '@mig/core'
import { BaseCommand } from '../../oclif/base-command.ts'
import { DataFolder } from '../../plugins/data-folder.ts'
import { choosePackageManager, uninstallArguments } from '../../plugins/package-manager.ts'
import { pluginReport, type PluginReport } from '../../plugins/plugin-report.ts'
import { commandLine, runPackageManager } from '../../plugins/run-package-manager.ts'
import { nearest } from '../../command-line/nearest.ts'
import { ask } from '../../process/prompt.ts'
import { field, lines, shown } from '@mig/app-kit/terminal'

/** What `mig plugins uninstall` returns. */
export interface PluginsUninstallResult {
  readonly folder: string
  readonly plugins: readonly PluginReport[]
}

export default class PluginsUninstall extends BaseCommand<typeof PluginsUninstall> {
  static override summary = 'Remove installed plugins, and links to plugins.'
  static override description =
    'Shows what will run and asks first. The folder that a link leads to stays as it is, and nothing is asked about it.'
  static override examples = ['<%= config.bin %> <%= command.id %> mig-plugin-name']
  static override args = {
    name: string({
      required: true,
      multiple: true,
      description: 'Plugin as "mig plugins" shows it, without its version.',
    }),
  }

  async run(): Promise<PluginsUninstallResult> {
    const { runtime, settings, config } = this
    const folder = new DataFolder(config.dataDir)
    folder.assertTrusted()
    const names = [...new Set(this.args.name)]
    const plugins = names.map((name) => this.#find(name, folder))
    const installed = plugins.filter(({ type }) => type === 'user')
    if (installed.length > 0) {
      const manager = choosePackageManager(undefined, folder, runtime.env)
      const runs = installed.map(({ name }) => uninstallArguments(manager.name, name))
      const plan = [
        `This runs in ${folder.path}:`,
        ...runs.map((args) => commandLine(manager, args)),
      ]
      if (settings.yes) this.tell(plan.join('\n'))
      else await ask({ message: plan.join('\n'), expected: 'yes', flag: '--yes' }, runtime)
      folder.prepare()
      // First of all they are loaded no more, whatever becomes of their files.
      for (const { name } of installed) folder.unregister(name)
      const shows = !settings.quiet && !this.jsonEnabled()
      for (const args of runs) {
        await runPackageManager(manager, args, { cwd: folder.path, runtime, shows })
      }
      folder.clear()
    }
    folder.prepare()
    for (const { name } of plugins) folder.unregister(name)
    this.say(lines(...plugins.map(({ name }) => shown`Removed ${field(name)}.`)))
    return { folder: folder.path, plugins }
  }

  #find(name: string, folder: DataFolder): PluginReport {
    const { plugins } = folder
    const plugin = plugins.find((candidate) => candidate.name === name)
    if (plugin !== undefined) return pluginReport(plugin, folder)
    const guess = nearest(
      name,
      plugins.map((candidate) => candidate.name),
    )
    throw new MigrateError('USAGE', `No plugin "${name}" is installed`, {
      hint: guess === undefined ? 'See "mig plugins".' : `Did you mean "${guess}"?`,
    })
  }
}
