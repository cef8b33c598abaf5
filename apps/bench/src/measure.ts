import { spawn } from 'node:child_process'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { presentable } from './redact.ts'

/** A program to be measured, as it is started. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** Added to the few variables that every program gets. */
  readonly environment?: Readonly<Record<string, string>>
  /** Where it runs. Default is the scratch folder. */
  readonly folder?: string
  /** A file that becomes its standard input. */
  readonly input?: string
}

/** One run of a program: the whole process, from start to end. */
export interface Run {
  readonly wallMs: number
  /** User and system time of the program; a server's is not in it. */
  readonly cpuMs: number
  /** The largest resident set. */
  readonly peakMb: number
}

/** A run, and what was counted from outside of it. */
export interface CountedRun extends Run {
  /** `null` where nothing stood between program and server that could count them. */
  readonly roundTrips: number | null
}

/** What every measured program sees of the machine. */
export interface Surroundings {
  /** Empty home and working folder, so that nobody's settings or plugins are measured. */
  readonly scratch: string
  readonly timeoutMs: number
  /** Ends the run that is going on. */
  readonly signal?: AbortSignal
}

/** A run that did not end well. */
export class RunFailedError extends Error {
  override readonly name: string = 'RunFailedError'
}

const gnuTime = '/usr/bin/time'
const keptOutput = 4_000

/**
 * Runs a program under GNU time.
 *
 * @throws {@link RunFailedError} with the end of what it printed if it fails or takes too long.
 */
export async function measure(command: Command, surroundings: Surroundings): Promise<Run> {
  const { scratch, timeoutMs, signal } = surroundings
  signal?.throwIfAborted()
  const report = join(scratch, 'time')
  const input = await open(command.input ?? '/dev/null')
  let output = ''
  let timedOut = false
  const startedAt = performance.now()
  const child = spawn(
    gnuTime,
    ['-q', '-f', '%U %S %M', '-o', report, command.program, ...command.args],
    {
      cwd: command.folder ?? scratch,
      env: { PATH: process.env['PATH'], HOME: scratch, LANG: 'C.UTF-8', ...command.environment },
      stdio: [input.fd, 'pipe', 'pipe'],
      // A group of its own: ending GNU time alone would leave the program running.
      detached: true,
    },
  )
  const kill = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  const timer = setTimeout(() => {
    timedOut = true
    kill()
  }, timeoutMs)
  signal?.addEventListener('abort', kill)
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-keptOutput)))
  }
  let code: number | null
  try {
    code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', kill)
    await input.close()
  }
  const wallMs = performance.now() - startedAt
  signal?.throwIfAborted()
  if (timedOut) throw new RunFailedError(`took longer than ${timeoutMs / 1000} s`)
  if (code !== 0) throw new RunFailedError(`ended with ${code}: ${presentable(output)}`)
  const figures = (await readFile(report, 'utf8')).trim().split(' ').map(Number)
  await rm(report)
  const [user = Number.NaN, system = Number.NaN, kilobytes = Number.NaN] = figures
  return { wallMs, cpuMs: (user + system) * 1000, peakMb: kilobytes / 1024 }
}

/** Several runs of one thing. */
export interface Sample {
  readonly runs: readonly CountedRun[]
  readonly medianMs: number
  readonly lowestMs: number
  readonly highestMs: number
  readonly cpuMs: number
  readonly peakMb: number
  readonly roundTrips: number | null
}

/** The value in the middle; of an even number the mean of the two there. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Median and spread of several runs. */
export function summarise(runs: readonly CountedRun[]): Sample {
  const wall = runs.map(({ wallMs }) => wallMs)
  const counted = runs.flatMap(({ roundTrips }) => (roundTrips === null ? [] : [roundTrips]))
  return {
    runs,
    medianMs: median(wall),
    lowestMs: Math.min(...wall),
    highestMs: Math.max(...wall),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    peakMb: median(runs.map(({ peakMb }) => peakMb)),
    roundTrips: counted.length === 0 ? null : median(counted),
  }
}
