import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cliFolder } from './run-mig.ts'

/** How a process ended, and what it printed. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** How `mig` is started. */
export interface SpawnOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly node?: readonly string[]
  /** The user to run as, for tests that run as root. */
  readonly user?: number
  /** The command line to run. Default is `mig`. */
  readonly tool?: 'mig' | 'migrate'
  /** Obey the permissions of files, even where the tests run as root. */
  readonly obeyPermissions?: boolean
  /** Called with all of stderr so far, whenever more arrives. */
  readonly onStderr?: (text: string, child: ChildProcess) => void
}

/** Root may read every file. What takes that right away from a process leaves the user as it is. */
const withoutOverride = ['setpriv', '--bounding-set=-dac_override,-dac_read_search']

/** Runs the built `mig` as users do, in a process of its own and with a home folder of its own. */
export const spawnMig = async (
  argv: readonly string[],
  { cwd, env = {}, node = [], user, tool = 'mig', obeyPermissions = false, onStderr }: SpawnOptions,
): Promise<ProcessEnd> => {
  const home = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(cwd, 'home'),
    LANG: 'C.UTF-8',
    TMPDIR: tmpdir(),
  }
  const start = obeyPermissions && process.getuid?.() === 0 ? withoutOverride : []
  const [command = process.execPath, ...args] = [
    ...start,
    process.execPath,
    ...node,
    join(cliFolder, tool === 'mig' ? 'bin/run.js' : '../migrate/bin/migrate.js'),
    ...argv,
  ]
  const child = spawn(command, args, {
    cwd,
    env: { ...home, ...env },
    ...(user === undefined ? {} : { uid: user, gid: user }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    onStderr?.(stderr, child)
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr }
}
