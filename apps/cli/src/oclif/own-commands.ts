import type { CommandConfig } from './command-config.ts'

/** A command as it is started. oclif and the tests of its surface read more of it, see `commands.ts`. */
interface OwnCommand {
  id: string
  run(argv: readonly string[], config: CommandConfig): Promise<unknown>
}

const load =
  (module: () => Promise<{ readonly default: OwnCommand }>) => async (): Promise<OwnCommand> =>
    (await module()).default

/** The commands of mig's own, each loaded when it is to run. The same as in `commands.ts`, which loads them all. */
export const ownCommands: Readonly<Record<string, () => Promise<OwnCommand>>> = {
  baseline: load(() => import('../commands/baseline.ts')),
  config: load(() => import('../commands/config.ts')),
  create: load(() => import('../commands/create.ts')),
  down: load(() => import('../commands/down.ts')),
  doctor: load(() => import('../commands/doctor.ts')),
  drivers: load(() => import('../commands/drivers.ts')),
  drop: load(() => import('../commands/drop.ts')),
  force: load(() => import('../commands/force.ts')),
  goto: load(() => import('../commands/goto.ts')),
  history: load(() => import('../commands/history.ts')),
  plan: load(() => import('../commands/plan.ts')),
  plugins: load(() => import('../commands/plugins.ts')),
  'plugins:install': load(() => import('../commands/plugins/install.ts')),
  'plugins:link': load(() => import('../commands/plugins/link.ts')),
  'plugins:uninstall': load(() => import('../commands/plugins/uninstall.ts')),
  redo: load(() => import('../commands/redo.ts')),
  repair: load(() => import('../commands/repair.ts')),
  status: load(() => import('../commands/status.ts')),
  unlock: load(() => import('../commands/unlock.ts')),
  up: load(() => import('../commands/up.ts')),
  verify: load(() => import('../commands/verify.ts')),
  version: load(() => import('../commands/version.ts')),
}
