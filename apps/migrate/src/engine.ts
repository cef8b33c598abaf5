import { setImmediate as nextTurn } from 'node:timers/promises'
import { joinErrors, toError, type DropInDriver, type DropInState } from '@mig/golang-migrate'
import type { MigrateSource } from './file-source.ts'
import { formatGoDuration } from './go-duration.ts'
import type { Log } from './log.ts'
import {
  noChange,
  planDown,
  planGoto,
  planUp,
  type Plan,
  type PlanInput,
  type PlannedStep,
} from './plan.ts'

/** What an engine is made of. */
export interface EngineOptions {
  readonly source: MigrateSource
  readonly database: DropInDriver
  readonly log: Log
  /** How many steps are planned ahead. */
  readonly prefetch: bigint
  /** In nanoseconds, signed. */
  readonly lockTimeout: bigint
  /** Hides secrets in what others say. */
  readonly redact: (text: string) => string
}

/** More than this many files are never held open, whatever prefetch says. */
const mostAhead = 16n

/** The longest that a timer of Node takes. */
const longestTimerMs = 2_147_483_647

const stepsDirection = (count: bigint): 'up' | 'down' => (count > 0n ? 'up' : 'down')

/** golang-migrate's engine: which step comes when, the dirty mark around each, the lock around all. */
export class Engine {
  readonly #options: EngineOptions
  #stopRequested = false

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /** The step that runs is finished, the ones after it are not begun, and the operation succeeds. */
  requestStop(): void {
    this.#stopRequested = true
  }

  async up(): Promise<void> {
    await this.#migrate((input, from) => planUp(input, from))
  }

  async down(): Promise<void> {
    await this.#migrate((input, from) => planDown(input, from))
  }

  /** So many steps up, or down where the count is negative. */
  async steps(count: bigint): Promise<void> {
    if (count === 0n) throw noChange
    const plan = stepsDirection(count) === 'up' ? planUp : planDown
    await this.#migrate((input, from) => plan(input, from, count > 0n ? count : -count))
  }

  async goto(version: bigint): Promise<void> {
    await this.#migrate((input, from) => planGoto(input, from, version))
  }

  async force(version: bigint): Promise<void> {
    await this.#locked(() => this.#options.database.setVersion(version, false))
  }

  async drop(): Promise<void> {
    await this.#locked(() => this.#options.database.drop())
  }

  /** Throws where there is no version, also where "no version" is dirty. */
  async version(): Promise<DropInState> {
    const state = await this.#options.database.version()
    if (state.version === -1n) throw new Error('no migration')
    return state
  }

  async close(): Promise<void> {
    this.#tell('Closing source and database')
    await this.#options.database.close()
  }

  #tell(text: string): void {
    if (this.#options.log.verbose) this.#options.log.line(text)
  }

  async #migrate(plan: (input: PlanInput, from: bigint) => Plan): Promise<void> {
    const { source, database, log, prefetch, redact } = this.#options
    const input: PlanInput = {
      source,
      shouldStop: () => this.#stopRequested,
      planned: ({ label, script }) => {
        const buffered = prefetch > 0n && script !== undefined
        this.#tell(`${buffered ? 'Start buffering' : 'Scheduled'} ${label}`)
      },
      failed: (error) => log.print(`error: ${redact(error.message)}`),
    }
    await this.#locked(async () => {
      const { version, dirty } = await database.version()
      if (dirty) throw new Error(`Dirty database version ${version}. Fix and force version.`)
      for (const next of ahead(plan(input, version), prefetch)) {
        // Signals are heard between two steps, also where a step never waits for anything.
        await nextTurn()
        if (this.#stopRequested) return
        await this.#run(next())
      }
    })
  }

  async #run({ target, script, label, plannedAt }: PlannedStep): Promise<void> {
    const { database, log } = this.#options
    // Read before anything is written: a script that cannot be read must not count as an empty one.
    const content = script?.read()
    const readAt = content === undefined ? plannedAt : process.hrtime.bigint()
    await database.setVersion(target, true)
    if (content !== undefined) {
      this.#tell(`Read and execute ${label}`)
      await database.run(content)
    }
    await database.setVersion(target, false)
    const endedAt = process.hrtime.bigint()
    const [read, ran] = [readAt - plannedAt, endedAt - readAt].map(formatGoDuration)
    const total = formatGoDuration(endedAt - plannedAt)
    log.line(log.verbose ? `Finished ${label} (read ${read}, ran ${ran})` : `${label} (${total})`)
  }

  async #locked(operation: () => Promise<void>): Promise<void> {
    const { database } = this.#options
    await this.#lock()
    const failed = await operation().then(() => undefined, toError)
    const notUnlocked = await database.unlock().then(() => undefined, toError)
    const error = joinErrors(failed, notUnlocked)
    if (error !== undefined) throw error
  }

  async #lock(): Promise<void> {
    const { database, lockTimeout } = this.#options
    const controller = new AbortController()
    const timeout = Promise.withResolvers<never>()
    const expire = (): void => {
      timeout.reject(new Error("timeout: can't acquire database lock"))
      controller.abort()
    }
    const ms = Math.min(Number(lockTimeout) / 1e6, longestTimerMs)
    // No time at all is over before a server can answer.
    const immediate = ms <= 0 ? setImmediate(expire) : undefined
    const timer = ms > 0 ? setTimeout(expire, ms) : undefined
    const lock = database.lock(controller.signal)
    // Its own rejection, after the time is up, is of no interest any more.
    lock.catch(() => {})
    try {
      await Promise.race([lock, timeout.promise])
    } finally {
      clearImmediate(immediate)
      clearTimeout(timer)
    }
  }
}

/**
 * Plans so many steps before the first of them is handed out, as golang-migrate's queue does. An error of planning
 * waits for its turn.
 */
function* ahead(plan: Plan, count: bigint): Generator<() => PlannedStep> {
  const queue: (() => PlannedStep)[] = []
  const capacity = Number(count < mostAhead ? count : mostAhead) + 1
  let ended = false
  const fill = (): void => {
    while (!ended && queue.length < capacity) {
      try {
        const { done, value } = plan.next()
        if (done === true) ended = true
        else queue.push(() => value)
      } catch (error) {
        ended = true
        queue.push(() => {
          throw toError(error)
        })
      }
    }
  }
  for (fill(); ; fill()) {
    const next = queue.shift()
    if (next === undefined) return
    yield next
  }
}
