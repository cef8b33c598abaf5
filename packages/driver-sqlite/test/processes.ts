import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process that is ready to migrate. */
export interface Runner {
  /** Lets it go. */
  go(): void
  kill(): void
  /** How it ended, with the last line it printed and what it complained of. */
  readonly ended: Promise<{
    readonly code: number | null
    readonly signal: string | null
    readonly output: string
    readonly complaints: string
  }>
}

const parsed = fileURLToPath(new URL('run-up.ts', import.meta.url))

/** Starts a process that migrates, and waits until it is ready. */
export const startRunner = async (url: string, folder: string, die = false): Promise<Runner> => {
  const child = spawn(
    process.execPath,
    ['--conditions=@mig/source', parsed, url, folder, ...(die ? ['die'] : [])],
    { stdio: 'pipe' },
  )
  let output = ''
  let complaints = ''
  child.stderr.on('data', (text) => (complaints += String(text)))
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output = line
      resolve()
    })
  })
  const ended = once(child, 'close').then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    output,
    complaints,
  }))
  await Promise.race([ready, ended])
  return {
    go: () => void child.stdin.write('go\n'),
    kill: () => void child.kill('SIGKILL'),
    ended,
  }
}
