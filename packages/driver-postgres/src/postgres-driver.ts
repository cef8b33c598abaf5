import { splitPostgres } from '@mig/sql'
import {
  type DatabaseInfo,
  defineCapabilities,
  type Driver,
  type DriverSettings,
  emptyState,
  isMigrateError,
  type LedgerEntry,
  type LedgerQuery,
  type LedgerSnapshot,
  type LockStrategy,
  MigrateError,
  type StateChange,
  type VersionState,
} from '@mig/core/driver'
import { runAtomicStep } from './postgres-atomic-step.ts'
import { sessionSource } from './postgres-connect.ts'
import { placeOf } from './postgres-connect-error.ts'
import { dropTables } from './postgres-drop.ts'
import { makeDurable } from './postgres-durability.ts'
import { beginGuardedStep } from './postgres-guarded-step.ts'
import { appendToLedger, eventOfRow, ledgerTableOf, selectLedger } from './postgres-ledger.ts'
import { postgresLock } from './postgres-lock.ts'
import { parseTable, type PostgresSettings } from './postgres-options.ts'
import { prepare } from './postgres-prepare.ts'
import { settle } from './postgres-settle.ts'
import { quoteTable, type TableName, waitForDisk } from './postgres-sql.ts'
import {
  type DriverState,
  lockStrategies,
  openSession,
  rollBack,
  type ServerFacts,
} from './postgres-state.ts'
import { selectMarker, setMarker, stateOfRow } from './postgres-version-table.ts'

/** Connects, and finds out what the connection is to. */
export const openPostgresDriver = async (
  settings: PostgresSettings,
  driverSettings: DriverSettings,
): Promise<Driver> => {
  const source = sessionSource(settings)
  const opened = await openSession(source, driverSettings.signal)
  try {
    const { facts } = opened
    const table = markerTable(settings, driverSettings, facts)
    const lockTable = { schema: facts.schema ?? table.schema, name: settings.lockTable }
    const state: DriverState = {
      ...opened,
      settings,
      source,
      lock: postgresLock(driverSettings.lock ?? settings.lock ?? 'advisory', {
        database: facts.database,
        databaseInUrl: settings.databaseInUrl,
        marker: table,
        lockTable,
      }),
      marker: { table, writes: 'update', extraRows: false },
      ledger: driverSettings.ledger ? ledgerTableOf(table) : undefined,
      journal: undefined,
    }
    return postgresDriverOn(state, lockTable, driverSettings.ledger)
  } catch (error) {
    await opened.session.close()
    throw error
  }
}

/** The version table with its schema: that of the session, unless the name has one. */
const markerTable = (
  settings: PostgresSettings,
  { migrationsTable }: DriverSettings,
  { schema, searchPath }: ServerFacts,
): TableName => {
  const { migrationsTable: fromUrl, quotedTableNames } = settings
  const table =
    migrationsTable === undefined ? fromUrl : parseTable(migrationsTable, quotedTableNames)
  if (table.schema !== undefined) return { schema: table.schema, name: table.name }
  if (schema !== undefined) return { schema, name: table.name }
  throw new MigrateError(
    'INVALID_OPTION',
    `The search_path ${searchPath === '' ? 'is empty' : `"${searchPath}" names no schema that exists`}`,
    {
      hint: 'Create the schema first, or correct the search_path of the database URL.',
      details: { option: 'search_path' },
    },
  )
}

const guardedByChoice = 'the database URL asks for it (x-multi-statement)'

/** The driver on a session. Its methods stand in the order of the contract. */
const postgresDriverOn = (
  state: DriverState,
  lockTable: TableName,
  withLedger: boolean,
): Driver => {
  const { settings, lock } = state
  const { table } = state.marker
  const deadlocks = new Map<string, number>()
  let closed = false

  const readState = async (): Promise<VersionState> => {
    try {
      const [row] = await state.session.query(selectMarker(table), 'The version could not be read')
      return stateOfRow(row)
    } catch (error) {
      if (isMissing(error)) return emptyState
      throw error
    }
  }

  /** Runs statements in a transaction that takes the lock where steps do so, and waits for the disk. */
  const writeDurably = async (statements: readonly string[], what: string): Promise<void> => {
    const text = ['BEGIN', waitForDisk, ...statements, 'COMMIT'].join(';\n')
    try {
      await state.session.query(text, what)
    } catch (error) {
      if (!state.session.broken) await rollBack(state)
      throw error
    }
  }

  const append = (entry: LedgerEntry): readonly string[] =>
    state.ledger === undefined ? [] : [appendToLedger(state.ledger, entry)]

  const strategies: readonly LockStrategy[] = lockStrategies
  return {
    capabilities: defineCapabilities({
      orderedDurability: true,
      serverCancel: true,
      lockStrategies: strategies,
    }),
    database: databaseInfo(settings, state.facts, table),
    split: (body) =>
      splitPostgres(body, {
        standardConformingStrings: state.facts.standardConformingStrings,
        serverVersion: state.facts.versionNumber,
      }),
    ...(settings.multiStatement ? { guardReason: async () => guardedByChoice } : {}),
    readState,
    readLedger: async (query: LedgerQuery): Promise<LedgerSnapshot> => {
      try {
        const rows = await state.session.query(
          selectLedger(table, ledgerTableOf(table), query),
          'The ledger could not be read',
        )
        const [first] = rows
        return {
          state: stateOfRow({
            version: first?.['marker_version'] ?? null,
            dirty: first?.['marker_dirty'] ?? null,
          }),
          events: rows.filter(({ id }) => id !== null).map(eventOfRow),
        }
      } catch (error) {
        if (!isMissing(error)) throw error
        return { state: await readState(), events: [] }
      }
    },
    tryLock: () => lock.tryLock(state.session),
    unlock: () => lock.unlock(state.session),
    clearLock: () => lock.clear(state.session),
    prepare: () => prepare(state, withLedger),
    runAtomic: ([step], signal) => runAtomicStep(state, step, signal),
    beginGuarded: (step) => beginGuardedStep(state, step, deadlocks),
    settle: () => settle(state, readState),
    makeDurable: () =>
      makeDurable(state, async () => {
        await settle(state, readState)
      }),
    writeState: async ({ to, entry }: StateChange) => {
      await writeDurably(
        [...lock.inTransaction, ...setMarker(state.marker, to), ...append(entry)],
        'The version could not be written',
      )
      state.marker = { ...state.marker, extraRows: false }
    },
    appendEvent: async (entry) => {
      if (state.ledger !== undefined)
        await writeDurably(append(entry), 'The ledger could not be written')
    },
    drop: () => dropTables(state, lockTable),
    close: async () => {
      if (closed) return
      closed = true
      await closeSessions(state)
    },
  }
}

/** Neither table nor schema is there. */
const isMissing = (error: unknown): boolean =>
  isMigrateError(error) && ['42P01', '3F000'].includes(error.details.serverCode ?? '')

const databaseInfo = (
  settings: PostgresSettings,
  facts: ServerFacts,
  table: TableName,
): DatabaseInfo => ({
  name: facts.database,
  server: `PostgreSQL ${facts.version}`,
  location:
    settings.client === undefined && settings.pool === undefined
      ? placeOf(settings)
      : 'a connection of the program',
  migrationsTable: quotedForPeople(table),
})

const quotedForPeople = (table: TableName): string =>
  /^[a-z_][a-z0-9_$]*$/.test(table.schema) && /^[a-z_][a-z0-9_$]*$/.test(table.name)
    ? `${table.schema}.${table.name}`
    : quoteTable(table)

const closeSessions = async (state: DriverState): Promise<void> => {
  const { session, reset, lock } = state
  try {
    if (!session.handle.owned && !session.broken) {
      if (lock.held) await lock.unlock(session)
      await session.query(
        ['ROLLBACK', ...reset.leave].join('; '),
        'The session could not be put back',
      )
    }
  } finally {
    await state.journal?.close()
    await session.close()
  }
}
