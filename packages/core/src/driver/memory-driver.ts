import type { LedgerEntry, LedgerEvent } from '../ledger.ts'
import { ledgerFormat } from '../ledger.ts'
import { MigrateError } from '../errors.ts'
import type { Script, Statement } from '../statement.ts'
import { emptyState, sameState, type VersionState } from '../version-state.ts'
import { defineCapabilities } from './driver-capabilities.ts'
import type { AtomicStep, Driver, DriverFactory, GuardedRun, PreparedStep } from './driver.ts'
import { positionOf, statementError } from './statement-error.ts'

/** A database in memory, for drivers opened on the same one to share. */
export interface MemoryDatabase {
  state: VersionState
  objects: Set<string>
  events: LedgerEvent[]
  lockedBy: symbol | undefined
}

/** An empty database. */
export const memoryDatabase = (): MemoryDatabase => ({
  state: emptyState,
  objects: new Set(),
  events: [],
  lockedBy: undefined,
})

/** Bodies are lines of `create NAME`, `drop NAME`, `sleep MS` and `outside`, each ended by a semicolon. */
const split = (body: string): Script => ({
  statements: [...body.matchAll(/[^;\s][^;]*/g)].map((match): Statement => {
    const text = match[0].trimEnd()
    const { line, column } = positionOf(body, match.index)
    const [command = ''] = text.toUpperCase().split(/\s/)
    const place = {
      text,
      start: match.index,
      end: match.index + text.length,
      line,
      column,
      command,
    }
    return command === 'OUTSIDE'
      ? { ...place, role: 'outside', reason: 'OUTSIDE cannot be rolled back' }
      : { ...place, role: 'plain' }
  }),
})

/** The reference driver: the contract with nothing around it. Nothing survives the process. */
export const memoryDriver = (database: MemoryDatabase = memoryDatabase()): DriverFactory => ({
  name: 'memory',
  open: (settings) => Promise.resolve(openMemoryDriver(database, settings.ledger)),
})

const openMemoryDriver = (database: MemoryDatabase, ledger: boolean): Driver => {
  const me = Symbol('memory driver')

  const append = (entry: LedgerEntry): void => {
    if (!ledger) return
    const id = BigInt(database.events.length + 1)
    database.events.push({ ...entry, id, format: ledgerFormat, at: new Date() })
  }

  const execute = async (
    step: PreparedStep,
    index: number,
    signal?: AbortSignal,
  ): Promise<void> => {
    const [command = '', name = ''] = step.script.statements.at(index)?.text.split(/\s+/) ?? []
    const fail = (message: string): MigrateError => statementError(step, { index, message })
    const { objects } = database
    if (command === 'create' && objects.has(name)) throw fail(`"${name}" already exists`)
    if (command === 'drop' && !objects.has(name)) throw fail(`"${name}" does not exist`)
    if (command === 'create') objects.add(name)
    else if (command === 'drop') objects.delete(name)
    else if (command === 'sleep') await sleep(Number(name), signal)
    else if (command !== 'outside') throw fail(`Unknown statement "${command}"`)
  }

  const runAtomic = async (step: AtomicStep, signal?: AbortSignal): Promise<number> => {
    const startedAt = performance.now()
    const before = new Set(database.objects)
    try {
      for (let index = 0; index < step.script.statements.length; index++) {
        await execute(step, index, signal)
      }
    } catch (error) {
      database.objects = before
      throw error
    }
    const durationMs = performance.now() - startedAt
    database.state = { version: step.to, dirty: false }
    append({ ...step.entry, durationMs })
    return durationMs
  }

  const isAt = (step: PreparedStep): boolean =>
    sameState(database.state, { version: step.from, dirty: false })

  const unlock = (): void => {
    if (database.lockedBy === me) database.lockedBy = undefined
  }

  return {
    capabilities: defineCapabilities({ serverCancel: true }),
    database: { name: 'memory', server: 'memory', location: 'memory', migrationsTable: 'memory' },
    split,
    readState: async () => database.state,
    readLedger: async ({ version, limit }) => {
      const events = database.events.filter(
        (event) => version === undefined || event.version === version,
      )
      return { state: database.state, events: limit === undefined ? events : events.slice(-limit) }
    },
    tryLock: async () => {
      if (database.lockedBy !== undefined) return { held: false, holder: 'another driver' }
      database.lockedBy = me
      return { held: true }
    },
    unlock: async () => {
      if (database.lockedBy !== me) throw new MigrateError('LOCK_LOST', 'The lock is not held')
      unlock()
    },
    clearLock: async () =>
      database.lockedBy === undefined
        ? { cleared: false }
        : { cleared: false, holder: 'another driver' },
    prepare: async () => {
      const last = database.events.at(-1)
      return {
        state: database.state,
        ledger: ledger ? 'on' : 'off',
        ...(last === undefined ? {} : { recorded: { version: last.to, dirty: last.dirty } }),
      }
    },
    runAtomic: async ([step], signal) => {
      if (!isAt(step)) return { kind: 'changed' }
      return { kind: 'applied', durationsMs: [await runAtomic(step, signal)] }
    },
    beginGuarded: async (step) => {
      if (!isAt(step)) return { kind: 'changed' }
      const startedAt = performance.now()
      const event = { ...step.entry, dirty: true }
      database.state = { version: step.to, dirty: true }
      append({ ...event, kind: 'started' })
      const run: GuardedRun = {
        statement: async (index, signal) => {
          await execute(step, index, signal)
          append({ ...event, kind: 'statement', statement: index + 1 })
          return 'done'
        },
        finish: async () => {
          database.state = { version: step.to, dirty: false }
          append({ ...step.entry, durationMs: performance.now() - startedAt })
        },
      }
      return { kind: 'started', run }
    },
    settle: async () => database.state,
    makeDurable: async () => ({ confirmed: true }),
    writeState: async ({ to, entry }) => {
      database.state = to
      append(entry)
    },
    appendEvent: async (entry) => append(entry),
    drop: async () => {
      const dropped = [...database.objects]
      Object.assign(database, { ...memoryDatabase(), lockedBy: database.lockedBy })
      return { dropped }
    },
    close: async () => unlock(),
  }
}

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new MigrateError('ABORTED', 'The statement was cancelled', { cause: signal.reason }))
    })
  })
