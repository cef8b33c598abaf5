import type { Target } from '../databases.ts'
import { plainPostgresUrl } from '../databases.ts'
import { golangMigrateLayout } from '../layouts.ts'
import { installPackedMig } from './packed-mig.ts'
import { databaseUrl, verbs } from './golang-migrate.ts'
import type { Operation, Tool } from './tool.ts'
import { ToolUnavailableError } from './tool.ts'

const everyDatabase = ['postgres', 'mysql', 'mariadb', 'sqlite'] as const

const args: Readonly<Record<Operation, readonly string[]>> = {
  up: ['up'],
  down: ['down', '--all', '--yes'],
  version: ['version'],
}

/** `mig` from the packed tarballs, under the workspace's own Node. */
export const mig: Tool = {
  name: 'mig',
  role: 'ours',
  databases: everyDatabase,
  layout: golangMigrateLayout,
  async prepare(workshop) {
    const { folder, version, executables } = await installPackedMig(workshop)
    const script = executables.get('mig')
    if (script === undefined) throw new ToolUnavailableError('@mig/cli has no executable `mig`')
    return {
      version,
      command: (operation, target, migrations) => ({
        program: process.execPath,
        args: [script, ...args[operation], '--path', migrations, '--database', migUrl(target)],
        folder,
      }),
    }
  },
}

/** The same without a ledger: what keeping one costs. */
export const migWithoutLedger: Tool = {
  ...mig,
  name: 'mig without a ledger',
  databases: ['postgres'],
  async prepare(workshop) {
    const ready = await mig.prepare(workshop)
    return {
      ...ready,
      command(operation, target, migrations) {
        if (operation !== 'up') return { unsupported: 'only what it adds to `up` is of interest' }
        const command = ready.command(operation, target, migrations)
        return 'unsupported' in command
          ? command
          : { ...command, args: [...command.args, '--no-ledger'] }
      },
    }
  },
}

function migUrl(target: Target): string {
  return target.kind === 'postgres' ? plainPostgresUrl(target) : target.url
}

/** The replacement for golang-migrate's command that comes with `mig`. */
export const migrate: Tool = {
  name: 'migrate of mig',
  role: 'ours',
  databases: everyDatabase,
  layout: golangMigrateLayout,
  async prepare(workshop) {
    const { folder, version, executables } = await installPackedMig(workshop)
    const script = executables.get('migrate')
    if (script === undefined) {
      throw new ToolUnavailableError('@mig/migrate has no executable `migrate`')
    }
    return {
      version,
      command: (operation, target, migrations) => ({
        program: process.execPath,
        args: [script, '-path', migrations, '-database', databaseUrl(target), ...verbs[operation]],
        folder,
      }),
    }
  },
}
