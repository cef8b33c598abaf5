import { string } from '../../command-line/args.ts'
import { boolean, option } from '../../command-line/flags.ts'
import { BaseCommand } from '../../oclif/base-command.ts'
import { DataFolder } from '../../plugins/data-folder.ts'
import { installPlugin } from '../../plugins/install-plugin.ts'
import {
  choosePackageManager,
  installArguments,
  packageManagerNames,
  type PackageManagerName,
} from '../../plugins/package-manager.ts'
import type { PluginPackage } from '../../plugins/plugin-package.ts'
import { parsePluginSpec } from '../../plugins/plugin-spec.ts'
import { commandLine } from '../../plugins/run-package-manager.ts'
import { ask } from '../../process/prompt.ts'
import { field, lines, shown } from '@mig/app-kit/terminal'

/** What `mig plugins install` returns. */
export interface PluginsInstallResult {
  readonly folder: string
  readonly packageManager: PackageManagerName
  readonly plugins: readonly PluginPackage[]
}

export default class PluginsInstall extends BaseCommand<typeof PluginsInstall> {
  static override summary = 'Install plugins for all of your projects, with npm or pnpm.'
  static override description =
    'Shows what will run and asks first. Install scripts of packages do not run unless --allow-scripts says so. A name is installed again where it is there already, which updates it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> mig-plugin-name',
    '<%= config.bin %> <%= command.id %> mig-plugin-name@1.2.3 --yes',
    '<%= config.bin %> <%= command.id %> ./mig-plugin-name-1.2.3.tgz',
  ]
  static override args = {
    name: string({
      required: true,
      multiple: true,
      description: 'Package, package@version, URL, or path of a tarball or folder.',
    }),
  }
  static override flags = {
    'allow-scripts': boolean({ summary: 'Let packages run their install scripts.' }),
    'package-manager': option({
      summary:
        'What to install with. Default is what the other plugins were installed with, else npm, else pnpm.',
      options: packageManagerNames,
    })(),
  }

  async run(): Promise<PluginsInstallResult> {
    const { runtime, settings, flags, config } = this
    const specs = this.args.name.map((name) => parsePluginSpec(name, runtime.cwd))
    const folder = new DataFolder(config.dataDir)
    folder.assertTrusted()
    const manager = choosePackageManager(flags['package-manager'], folder, runtime.env)
    const allowScripts = flags['allow-scripts'] === true
    const commands = specs.map((spec) =>
      commandLine(manager, installArguments(manager.name, spec, { allowScripts })),
    )
    const plan = [
      `This runs in ${folder.path}:`,
      ...commands,
      allowScripts
        ? 'Install scripts of these packages and of all that they need run now, with your rights.'
        : 'Install scripts do not run.',
      'Code of a plugin runs at every mig command from then on.',
    ]
    if (settings.yes) this.tell(plan.join('\n'))
    else await ask({ message: plan.join('\n'), expected: 'yes', flag: '--yes' }, runtime)
    folder.prepare()
    const run = { cwd: folder.path, runtime, shows: !settings.quiet && !this.jsonEnabled() }
    const plugins: PluginPackage[] = []
    for (const spec of specs) {
      const plugin = await installPlugin(spec, { folder, manager, run, allowScripts })
      plugins.push(plugin)
      this.say(lines(shown`Installed ${field(plugin.name)} ${field(plugin.version)}.`))
    }
    return { folder: folder.path, packageManager: manager.name, plugins }
  }
}
