import { MigrateError } from '@mig/core'
import { printable } from '@mig/app-kit/terminal'
import type { Runtime } from '../process/runtime.ts'
import type { PackageManager } from './package-manager.ts'

/** How a package manager is run. */
export interface PackageRun {
  readonly cwd: string
  readonly runtime: Runtime
  /** Whether what it says goes to stderr at once; else it is part of the error, if there is one. */
  readonly shows: boolean
}

const longestTail = 4000

/** A command line as a person would type it. */
export const commandLine = ({ name }: PackageManager, args: readonly string[]): string =>
  [name, ...args].map((arg) => (/^[\w@%+=:,./~^-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ')

/** Runs a package manager to its end. Throws `PLUGIN_FAILED` with what it said. */
export const runPackageManager = async (
  manager: PackageManager,
  args: readonly string[],
  { cwd, runtime, shows }: PackageRun,
): Promise<void> => {
  // Runs npm.cmd on Windows, which is none of the system's programs, with its arguments as they are.
  const { default: spawn } = await import('cross-spawn')
  let output = ''
  const { code, failure } = await new Promise<{ code: number | null; failure?: Error }>((end) => {
    const child = spawn(manager.file, args, {
      cwd,
      env: { ...runtime.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (shows) runtime.stderr.write(printable(text))
      })
    }
    child.on('error', (error) => end({ code: null, failure: error }))
    child.on('close', (ended) => end({ code: ended }))
  })
  if (code === 0) return
  const what =
    failure?.message ?? `it ended with ${code === null ? 'a signal' : `exit code ${code}`}`
  const said = shows || output.trim() === '' ? '' : `\n${output.trim().slice(-longestTail)}`
  throw new MigrateError(
    'PLUGIN_FAILED',
    `"${commandLine(manager, args)}" failed: ${what}${said}`,
    {
      hint: `What ${manager.name} says is its own: check the name, the network and its configuration.`,
      cause: failure,
    },
  )
}
