import type { Command } from '@oclif/core/command'
import Config from './commands/config.ts'
import Create from './commands/create.ts'
import Down from './commands/down.ts'
import Drivers from './commands/drivers.ts'
import Drop from './commands/drop.ts'
import Force from './commands/force.ts'
import Goto from './commands/goto.ts'
import Plan from './commands/plan.ts'
import Redo from './commands/redo.ts'
import Status from './commands/status.ts'
import Unlock from './commands/unlock.ts'
import Up from './commands/up.ts'
import Version from './commands/version.ts'

/** Every command of `mig` that is its own, by name. oclif reads this through package.json. */
export const COMMANDS: Readonly<Record<string, typeof Command>> = {
  config: Config,
  create: Create,
  down: Down,
  drivers: Drivers,
  drop: Drop,
  force: Force,
  goto: Goto,
  plan: Plan,
  redo: Redo,
  status: Status,
  unlock: Unlock,
  up: Up,
  version: Version,
}
