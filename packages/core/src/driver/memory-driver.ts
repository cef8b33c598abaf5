import type { LedgerEntry, LedgerEvent } from '../ledger/ledger.ts'
import { ledgerFormat } from '../ledger/ledger.ts'
import { MigrateError } from '../errors/errors.ts'
import type { ParsedScript, Statement } from '../script/statement.ts'
import { emptyState, sameState, type VersionState } from '../plan/version-state.ts'
import { defineCapabilities } from './driver-capabilities.ts'
import type {
  TransactionalStep,
  Driver,
  DriverFactory,
  DriverSettings,
  NonTransactionalRun,
  LockReport,
  PreparedStep,
} from './driver.ts'
import type { InspectedObject } from './inspection.ts'
import { blankEntry } from '../run/prepare-step.ts'
import { statementEntry } from './statement-entry.ts'
import { positionOf, statementError } from './statement-error.ts'

/** What a version table and its ledger hold. */
export interface MemoryTable {
  state: VersionState
  events: LedgerEvent[]
}

/** A database in memory, for drivers opened on the same one to share. It is its own default version table. */
export interface MemoryDatabase extends MemoryTable {
  /** The version tables of other names. */
  tables: Map<string, MemoryTable>
  objects: Set<string>
  lockedBy: symbol | undefined
  /** A transactional step is under way. */
  inTransaction: boolean
}

/** An empty database. */
export const memoryDatabase = (): MemoryDatabase => ({
  state: emptyState,
  events: [],
  tables: new Map(),
  objects: new Set(),
  lockedBy: undefined,
  inTransaction: false,
})

const blankComments = (script: string): string =>
  script.replace(/--[^\n]*/g, (comment) => ' '.repeat(comment.length))

/**
 * Scripts are lines of `create NAME`, `drop NAME`, `sleep MS` and `outside`, each ended by a semicolon, and `--` comments.
 */
const split = (script: string): ParsedScript => ({
  statements: [...blankComments(script).matchAll(/[^;\s][^;]*/g)].map((match): Statement => {
    const text = match[0].trimEnd()
    const { line, column } = positionOf(script, match.index)
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

/** What a brief query tells of an event. */
const summaryEvent = ({
  id,
  kind,
  version,
  from,
  to,
  dirty,
  details,
}: LedgerEvent): LedgerEvent => ({
  ...blankEntry({ runId: '', actor: '', tool: '' }),
  id,
  kind,
  version,
  from,
  to,
  dirty,
  details,
  format: ledgerFormat,
  at: new Date(0),
})

/** What a statement makes or removes. */
const objectsOf = (text: string, there: ReadonlySet<string>): readonly InspectedObject[] => {
  const [command = '', name = ''] = text.split(/\s+/)
  if (command !== 'create' && command !== 'drop') return []
  return [
    {
      action: command,
      kind: 'object',
      label: `object ${name}`,
      key: name,
      conditional: false,
      cascade: false,
      shown: there.has(name),
    },
  ]
}

const defaultTable = 'schema_migrations'

/** The reference driver: the contract with nothing around it. Nothing survives the process. */
export const memoryDriver = (database: MemoryDatabase = memoryDatabase()): DriverFactory => ({
  name: 'memory',
  open: async (settings) => {
    if (settings.signal?.aborted === true) {
      throw new MigrateError('ABORTED', 'Cancelled while connecting', {
        cause: settings.signal.reason,
      })
    }
    return openMemoryDriver(database, settings)
  },
})

const openMemoryDriver = (
  shared: MemoryDatabase,
  { ledger, lock, migrationsTable = defaultTable }: DriverSettings,
): Driver => {
  const me = Symbol('memory driver')
  let closed = false

  /** The database, as long as the driver is open. */
  const db = (): MemoryDatabase => {
    if (closed) throw new MigrateError('CONNECTION_LOST', 'The driver is closed')
    return shared
  }

  /** The version table of this driver. */
  const table = (): MemoryTable => {
    if (migrationsTable === defaultTable) return db()
    const found = db().tables.get(migrationsTable) ?? { state: emptyState, events: [] }
    shared.tables.set(migrationsTable, found)
    return found
  }

  const append = (entry: LedgerEntry): void => {
    const { events } = table()
    if (!ledger) return
    const id = BigInt(events.length + 1)
    events.push({ ...entry, id, format: ledgerFormat, at: new Date() })
  }

  const execute = async (
    step: PreparedStep,
    index: number,
    signal?: AbortSignal,
  ): Promise<void> => {
    const [command = '', name = ''] = step.parsed.statements.at(index)?.text.split(/\s+/) ?? []
    const fail = (message: string): MigrateError =>
      statementError(step, { index, message, serverCode: 'REFUSED', cause: new Error(message) })
    const { objects } = db()
    if (command === 'create' && objects.has(name)) throw fail(`"${name}" already exists`)
    if (command === 'drop' && !objects.has(name)) throw fail(`"${name}" does not exist`)
    if (command === 'create') objects.add(name)
    else if (command === 'drop') objects.delete(name)
    else if (command === 'sleep') await sleep(Number(name), signal)
    else if (command !== 'outside') throw fail(`Unknown statement "${command}"`)
  }

  const runTransactional = async (
    step: TransactionalStep,
    signal?: AbortSignal,
  ): Promise<number> => {
    const startedAt = performance.now()
    const before = new Set(db().objects)
    shared.inTransaction = true
    try {
      for (let index = 0; index < step.parsed.statements.length; index++) {
        await execute(step, index, signal)
      }
    } catch (error) {
      shared.objects = before
      throw error
    } finally {
      shared.inTransaction = false
    }
    const durationMs = performance.now() - startedAt
    table().state = { version: step.to, dirty: false }
    append({ ...step.entry, durationMs })
    return durationMs
  }

  const isAt = (step: PreparedStep): boolean =>
    sameState(table().state, { version: step.from, dirty: false })

  const report = (): LockReport =>
    db().lockedBy === undefined ? { cleared: false } : { cleared: false, holder: 'another driver' }

  return {
    capabilities: defineCapabilities({ serverCancel: true, multiProcess: false }),
    database: { name: 'memory', server: 'memory', location: 'memory', migrationsTable },
    split,
    readState: async () => table().state,
    readLedger: async ({ version, limit, summary }) => {
      const { state, events: all } = table()
      const events = all
        .filter((event) => version === undefined || event.version === version)
        .map((event) => (summary === true ? summaryEvent(event) : event))
      return {
        state,
        events: limit === undefined ? events : events.slice(Math.max(events.length - limit, 0)),
      }
    },
    tryLock: async () => {
      if (lock === 'none') return { held: true }
      if (db().lockedBy !== undefined) return { held: false, holder: 'another driver' }
      db().lockedBy = me
      return { held: true }
    },
    unlock: async () => {
      if (lock === 'none') return
      if (db().lockedBy !== me) throw new MigrateError('LOCK_LOST', 'The lock is not held')
      shared.lockedBy = undefined
    },
    clearLock: async () => report(),
    prepare: async () => {
      const { state, events } = table()
      const last = events.at(-1)
      return {
        state,
        ledger: ledger ? 'on' : 'off',
        ...(last === undefined ? {} : { recorded: { version: last.to, dirty: last.dirty } }),
      }
    },
    runTransactional: async ([step], signal) => {
      if (db().inTransaction) return { kind: 'busy' }
      if (!isAt(step)) return { kind: 'changed' }
      return { kind: 'applied', durationsMs: [await runTransactional(step, signal)] }
    },
    beginNonTransactional: async (step) => {
      if (db().inTransaction) return { kind: 'busy' }
      const dirty = { version: step.to, dirty: true }
      if (step.resume === true ? !sameState(table().state, dirty) : !isAt(step)) {
        return { kind: 'changed' }
      }
      const startedAt = performance.now()
      const event = { ...step.entry, dirty: true }
      table().state = dirty
      append({ ...event, kind: 'started' })
      const run: NonTransactionalRun = {
        statement: async (index, signal) => {
          await execute(step, index, signal)
          append(statementEntry(step, index))
          return 'done'
        },
        finish: async () => {
          if (!sameState(table().state, dirty)) {
            throw statementError(step, { message: 'The version was changed while the step ran' })
          }
          table().state = { version: step.to, dirty: false }
          append({ ...step.entry, durationMs: performance.now() - startedAt })
        },
      }
      return { kind: 'started', run }
    },
    recover: async () => table().state,
    makeDurable: async () => {
      db()
      return { confirmed: true }
    },
    writeState: async ({ to, entry }) => {
      table().state = to
      append(entry)
    },
    appendEvent: async (entry) => append(entry),
    inspect: async ({ scripts }) => ({
      scripts: scripts.map((statements) =>
        Array.from(statements, ({ text }) => ({ objects: objectsOf(text, db().objects) })),
      ),
      observations:
        lock === 'none' || db().lockedBy === undefined || db().lockedBy === me
          ? []
          : [{ kind: 'lock-held', holder: 'another driver' }],
      wholeScripts: false,
    }),
    drop: async () => {
      const dropped = [...db().objects]
      Object.assign(shared, { ...memoryDatabase(), lockedBy: shared.lockedBy })
      return { dropped }
    },
    close: async () => {
      closed = true
      if (shared.lockedBy === me) shared.lockedBy = undefined
    },
  }
}

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = (): void => {
      clearTimeout(timer)
      reject(new MigrateError('ABORTED', 'The statement was cancelled', { cause: signal?.reason }))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cancel)
      resolve()
    }, ms)
    signal?.addEventListener('abort', cancel)
    if (signal?.aborted === true) cancel()
  })
