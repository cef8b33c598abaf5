import { setTimeout as sleep } from 'node:timers/promises'
import {
  emptyState,
  isMigrateError,
  type LedgerEntry,
  type LedgerQuery,
  type LedgerSnapshot,
  type MigrateError,
  type StateChange,
  type VersionState,
} from '@mig/core/driver'
import { appendToLedger, ledgerOfRows, ledgerTableOf, selectLedger } from './ledger.ts'
import type { Row } from '../session/exchange.ts'
import { isLockBusy } from '../lock/lock.ts'
import { nullProblem, untrusted } from './own-tables.ts'
import { quoteTable, type TableName, waitForDisk } from './quote.ts'
import { type DriverState, rollBack } from '../state.ts'
import { ledgerProblem, requireVersionTable } from './trust.ts'
import { selectVersion, setVersion, stateOfRow } from './version-table.ts'

/** The state that a row of the version table stands for. Throws `VERSION_TABLE_UNTRUSTED` for one with NULL in it. */
const stateOfVersion = (table: TableName, row: Row | undefined): VersionState => {
  if (row !== undefined && (row['version'] === null || row['dirty'] === null)) {
    throw untrusted('version table', nullProblem(table))
  }
  return stateOfRow(row)
}

/** Reads the version row; a missing table reads as nothing applied. */
export const readState = async (state: DriverState): Promise<VersionState> => {
  const { session, versionTable } = state
  if (!(await requireVersionTable(state))) return emptyState
  try {
    const [row] = await session.query(
      selectVersion(versionTable.table),
      'The version could not be read',
    )
    return stateOfVersion(versionTable.table, row)
  } catch (error) {
    if (isMissing(error)) return emptyState
    throw error
  }
}

/**
 * Reads version row and ledger in one statement, as far as what stands in their places may be read: of a database that was
 * opened a moment ago that is known.
 */
export const readLedger = async (
  state: DriverState,
  query: LedgerQuery,
): Promise<LedgerSnapshot> => {
  if (!(await requireVersionTable(state))) return { state: emptyState, events: [] }
  const { table } = state.versionTable
  const { ledger } = state.tables
  if (ledger === undefined) return { state: await readState(state), events: [] }
  const problem = ledgerProblem(state, ledger)
  if (problem !== undefined) {
    return { state: await readState(state), events: [], unavailable: problem.reason }
  }
  try {
    const read = await state.session.query(
      selectLedger(table, ledgerTableOf(table), query),
      'The ledger could not be read',
    )
    const [first] = read
    const row = {
      version: first?.['current_version'] ?? null,
      dirty: first?.['current_dirty'] ?? null,
    }
    return {
      state: stateOfVersion(table, first?.['version_found'] === 't' ? row : undefined),
      ...ledgerOfRows(read, query),
    }
  } catch (error) {
    if (isMissing(error)) return { state: await readState(state), events: [] }
    if (!isDenied(error)) throw error
    // The version row may well be readable: only that would be an error.
    const unavailable = `rows may not be read from ${quoteTable(ledgerTableOf(table))}`
    return { state: await readState(state), events: [], unavailable }
  }
}

/** Sets the version row whatever it was, with the ledger's row. */
export const writeState = async (state: DriverState, { to, entry }: StateChange): Promise<void> => {
  await writeDurably(
    state,
    [...state.lock.inTransaction, ...setVersion(state.versionTable, to), ...append(state, entry)],
    'The version could not be written',
  )
  state.versionTable = { ...state.versionTable, extraRows: false }
}

/** Appends an event to the ledger. */
export const appendEvent = async (state: DriverState, entry: LedgerEntry): Promise<void> => {
  if (state.ledger === undefined) return
  await writeDurably(state, append(state, entry), 'The ledger could not be written')
}

const append = ({ ledger }: DriverState, entry: LedgerEntry): readonly string[] =>
  ledger === undefined ? [] : [appendToLedger(ledger, entry)]

/** Runs statements in a transaction that waits for the disk. */
const writeDurably = async (
  state: DriverState,
  statements: readonly string[],
  what: string,
): Promise<void> => {
  const text = ['BEGIN', waitForDisk, ...statements, 'COMMIT'].join(';\n')
  const startedAt = performance.now()
  for (;;) {
    try {
      await state.session.query(text, what)
      return
    } catch (error) {
      if (!state.session.broken) await rollBack(state)
      const busy = isMigrateError(error) && isLockBusy(error.message)
      if (!busy || performance.now() - startedAt > lockWaitMs) throw error
    }
    await sleep(lockPauseMs)
  }
}

const lockPauseMs = 50
/** How long a write waits for a step of somebody else, where each transaction takes the lock by itself. */
const lockWaitMs = 30_000

const isDenied = (error: unknown): boolean =>
  isMigrateError(error) && error.details.serverCode === '42501'

/** The table or its schema is not there, or not any more. */
const isMissing = (error: unknown): error is MigrateError =>
  isMigrateError(error) && ['42P01', '3F000'].includes(error.details.serverCode ?? '')
