import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { SecondProcess } from './options.ts'

/** A process that holds what the tests want to see freed by its death. */
export interface SecondProcessHandle {
  readonly pid: number | undefined
  /** Ends the process without a chance to clean up, and waits for its end. */
  kill(): Promise<void>
}

const timeoutMs = 30_000

/** The step that a second process is to be killed in. */
export interface SecondProcessStep {
  readonly kind: 'transactional' | 'non-transactional'
  readonly script: string
}

/** Starts a process that takes the lock and then runs the step, if there is one. Resolves once it holds the lock. */
export const startSecondProcess = async (
  { module, env }: SecondProcess,
  step?: SecondProcessStep,
): Promise<SecondProcessHandle> => {
  // Run from source, this file is a .ts and so is everything it imports; a built one runs without conditions.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const parsed = fileURLToPath(new URL(`./lock-holder.${extension}`, import.meta.url))
  const child = spawn(
    process.execPath,
    [
      ...(extension === 'ts' ? ['--conditions=@mig/source'] : []),
      parsed,
      module.href,
      ...(step === undefined ? [] : [step.kind, step.script]),
    ],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = once(child, 'close')
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))

  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  const ready = new Promise<true>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve(true)
      else output += `${line}\n`
    })
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const isReady = await Promise.race([ready, ended.then(() => false)])
  clearTimeout(timer)
  if (!isReady) throw new Error(`The second process ended before it was ready:\n${output}`)
  return { pid: child.pid, kill }
}
