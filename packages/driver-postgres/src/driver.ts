import { splitPostgres } from '@mig/sql'
import {
  type DatabaseInfo,
  defineCapabilities,
  type Driver,
  ownStatementLimitMs,
  type DriverSettings,
  MigrateError,
} from '@mig/core/driver'
import { runTransactionalSteps } from './steps/transactional-step.ts'
import { sessionSource } from './connect/connect.ts'
import { placeOf } from './connect/connect-error.ts'
import { dropTables } from './drop.ts'
import { makeDurable } from './tables/durability.ts'
import { dropInvalidIndex, inspect } from './doctor/inspection.ts'
import { beginNonTransactionalStep } from './steps/non-transactional-step.ts'
import { ledgerTableOf } from './tables/ledger.ts'
import { postgresLock } from './lock/lock.ts'
import { parseTable, type PostgresSettings } from './connect/options.ts'
import { prepare } from './tables/prepare.ts'
import { appendEvent, readLedger, readState, writeState } from './tables/records.ts'
import { refuseWithoutSchema } from './tables/search-path.ts'
import { recover } from './steps/recover.ts'
import { quoteTable, type TableName } from './tables/quote.ts'
import { type DriverState, lockStrategies, openSession, type ServerFacts } from './state.ts'

/** Connects, and finds out what the connection is to. */
export const openPostgresDriver = async (
  given: PostgresSettings,
  driverSettings: DriverSettings,
): Promise<Driver> => {
  const settings: PostgresSettings = {
    ...given,
    role: driverSettings.role ?? given.role,
    trustVersionTable: driverSettings.trustVersionTable ?? given.trustVersionTable,
  }
  const source = sessionSource(settings, ownStatementLimitMs(driverSettings))
  const named = namedVersionTable(settings, driverSettings)
  const opened = await openSession(source, named, settings.role, driverSettings.signal)
  try {
    const { facts } = opened
    const table = versionTable(named, facts) ?? (await refuseWithoutSchema(opened.session, facts))
    const lockTable = { schema: facts.schema ?? table.schema, name: settings.lockTable }
    const state: DriverState = {
      ...opened,
      settings,
      source,
      lock: postgresLock(driverSettings.lock ?? settings.lock ?? 'advisory', {
        database: facts.database,
        databaseInUrl: settings.databaseInUrl,
        versionTable: table,
        lockTable,
      }),
      versionTable: { table, writes: 'update', extraRows: false },
      justOpened: true,
      ledger: driverSettings.ledger ? ledgerTableOf(table) : undefined,
      journal: undefined,
    }
    setImmediate(() => (state.justOpened = false))
    return postgresDriverOn(state, lockTable, driverSettings.ledger)
  } catch (error) {
    await opened.session.close()
    throw error
  }
}

/** The version table as the settings name it. */
const namedVersionTable = (
  { migrationsTable: fromUrl, quotedTableNames }: PostgresSettings,
  { migrationsTable }: DriverSettings,
): PostgresSettings['migrationsTable'] =>
  migrationsTable === undefined ? fromUrl : parseTable(migrationsTable, quotedTableNames)

/** The version table with its schema: that of the session, unless the name has one. Nothing where there is none. */
const versionTable = (
  table: PostgresSettings['migrationsTable'],
  { schema }: ServerFacts,
): TableName | undefined => {
  if (table.schema !== undefined) return { schema: table.schema, name: table.name }
  // The schema of temporary tables ends with the session, and its tables with every step.
  if (schema !== undefined && !schema.startsWith('pg_temp')) return { schema, name: table.name }
  return undefined
}

const nonTransactionalByChoice = 'the database URL asks for it (x-multi-statement)'

/** The driver on a session. Its methods stand in the order of the contract. */
const postgresDriverOn = (
  state: DriverState,
  lockTable: TableName,
  withLedger: boolean,
): Driver => {
  const { settings, lock } = state
  const { table } = state.versionTable
  const deadlocks = new Map<string, number>()
  let closed = false

  /** What every call goes through. */
  const use = async <T>(action: () => Promise<T>): Promise<T> => {
    if (closed) throw new MigrateError('CONNECTION_LOST', 'The driver is closed')
    return action()
  }

  return {
    capabilities: defineCapabilities({
      batchSize: 32,
      orderedDurability: true,
      serverCancel: true,
      roles: true,
      lockStrategies,
    }),
    database: databaseInfo(settings, state.facts, table),
    split: (script) =>
      splitPostgres(script, {
        standardConformingStrings: state.facts.standardConformingStrings,
        serverVersion: state.facts.versionNumber,
      }),
    ...(settings.multiStatement ? { guardReason: async () => nonTransactionalByChoice } : {}),
    readState: () => use(() => readState(state)),
    readLedger: (query) => use(() => readLedger(state, query)),
    tryLock: () => use(() => lock.tryLock(state.session)),
    unlock: () => use(() => lock.unlock(state.session)),
    clearLock: () => use(() => lock.clear(state.session)),
    prepare: () => use(() => prepare(state, withLedger)),
    runTransactional: (steps, signal, progress) =>
      use(() => runTransactionalSteps(state, steps, signal, progress)),
    beginNonTransactional: (step) => use(() => beginNonTransactionalStep(state, step, deadlocks)),
    recover: () => use(() => recover(state)),
    makeDurable: () => use(() => makeDurable(state)),
    writeState: (change) => use(() => writeState(state, change)),
    appendEvent: (entry) => use(() => appendEvent(state, entry)),
    inspect: (request) => use(() => inspect(state, lockTable, request)),
    dropInvalidIndex: (name) => use(() => dropInvalidIndex(state, name)),
    drop: () => use(() => dropTables(state, lockTable)),
    close: async () => {
      if (closed) return
      closed = true
      await closeSessions(state)
    },
  }
}

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
    // The end of a session of mig's own gives its advisory lock back, and a row of the lock table only this.
    const { owned } = session.handle
    if (lock.held && !session.broken && (!owned || lock.strategy === 'table')) {
      await lock.unlock(session)
    }
    if (!owned && !session.broken) {
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
