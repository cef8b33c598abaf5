import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A running `mig`, in a process of its own. */
export interface MigProcess {
  readonly child: ChildProcess
  readonly startedAt: number
  /** Lines of stderr, each with the time it came, in milliseconds since the start. */
  readonly lines: { readonly text: string; readonly atMs: number }[]
  /** Resolves when stderr has a line that matches; rejects if the process ends before. */
  line(pattern: RegExp): Promise<void>
  readonly exit: Promise<Exit>
}

/** Settings of the machine that must not reach a test. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(MIG_|DATABASE_URL|PG|MYSQL_|NODE_OPTIONS|VITEST)/.test(name),
    ),
  )

/** Starts a program and follows what it writes. */
export const follow = (
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): MigProcess => {
  const startedAt = performance.now()
  const child = spawn(command, args, {
    env: { ...cleanEnvironment(), NO_COLOR: '1', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines: MigProcess['lines'] = []
  const waiting = new Set<() => void>()
  let stdout = ''
  let stderr = ''
  let open = ''
  let ended = false
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
    const parts = (open + chunk).split('\n')
    open = parts.pop() ?? ''
    for (const text of parts) lines.push({ text, atMs: performance.now() - startedAt })
    for (const wake of waiting) wake()
  })
  const exit = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      ended = true
      for (const wake of waiting) wake()
      resolve({ code, signal, stdout, stderr })
    })
  })
  const line = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (lines.some(({ text }) => pattern.test(text))) resolve()
        else if (ended) reject(new Error(`Ended without ${pattern}:\n${stderr}`))
        else return
        waiting.delete(look)
      }
      waiting.add(look)
      look()
    })
  return { child, startedAt, lines, line, exit }
}

/** Starts `mig`. */
export const startMig = (
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): MigProcess => follow(process.execPath, [bin, ...args], environment)

/** Runs `mig` to its end. */
export const runMig = async (
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Exit> => startMig(args, environment).exit

/** Starts several programs that all begin at the same moment: each waits for a line on its standard input. */
export const afterBarrier = (
  commands: readonly (readonly string[])[],
  environment: NodeJS.ProcessEnv = {},
): { readonly processes: readonly MigProcess[]; readonly release: () => void } => {
  const processes = commands.map((command) =>
    follow('sh', ['-c', 'read -r _ && exec "$@"', 'sh', ...command], environment),
  )
  return {
    processes,
    release: () => {
      for (const { child } of processes) child.stdin?.end('go\n')
    },
  }
}

/** The command line that starts `mig`. */
export const migCommand = (...args: readonly string[]): string[] => [process.execPath, bin, ...args]
