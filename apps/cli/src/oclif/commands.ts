import type { CommandClass } from './base-command.ts'
import Baseline from '../commands/baseline.ts'
import Config from '../commands/config.ts'
import Create from '../commands/create.ts'
import Down from '../commands/down.ts'
import Doctor from '../commands/doctor.ts'
import Drivers from '../commands/drivers.ts'
import Drop from '../commands/drop.ts'
import Force from '../commands/force.ts'
import Goto from '../commands/goto.ts'
import History from '../commands/history.ts'
import Plan from '../commands/plan.ts'
import Plugins from '../commands/plugins.ts'
import PluginsInstall from '../commands/plugins/install.ts'
import PluginsLink from '../commands/plugins/link.ts'
import PluginsUninstall from '../commands/plugins/uninstall.ts'
import Redo from '../commands/redo.ts'
import Repair from '../commands/repair.ts'
import Status from '../commands/status.ts'
import Unlock from '../commands/unlock.ts'
import Up from '../commands/up.ts'
import Verify from '../commands/verify.ts'
import Version from '../commands/version.ts'

/** Every command of `mig` that is its own, by name, with a colon before the second word. oclif reads this through package.json. */
export const COMMANDS: Readonly<Record<string, CommandClass>> = {
  baseline: Baseline,
  config: Config,
  create: Create,
  down: Down,
  doctor: Doctor,
  drivers: Drivers,
  drop: Drop,
  force: Force,
  goto: Goto,
  history: History,
  plan: Plan,
  plugins: Plugins,
  'plugins:install': PluginsInstall,
  'plugins:link': PluginsLink,
  'plugins:uninstall': PluginsUninstall,
  redo: Redo,
  repair: Repair,
  status: Status,
  unlock: Unlock,
  up: Up,
  verify: Verify,
  version: Version,
}
