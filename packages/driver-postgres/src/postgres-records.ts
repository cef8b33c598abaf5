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
import { appendToLedger, ledgerOfRows, ledgerTableOf, selectLedger } from './postgres-ledger.ts'
import { isLockBusy } from './postgres-lock.ts'
import { quoteTable, waitForDisk } from './postgres-sql.ts'
import { type DriverState, rollBack } from './postgres-state.ts'
import { isThere, selectMarker, setMarker, stateOfRow } from './postgres-version-table.ts'

/** Reads the marker; a missing table reads as nothing applied. */
export const readState = async ({ session, marker }: DriverState): Promise<VersionState> => {
  try {
    const [row] = await session.query(selectMarker(marker.table), 'The version could not be read')
    return stateOfRow(row)
  } catch (error) {
    if (isMissing(error) && error.details.serverCode !== '42703') return emptyState
    throw error
  }
}

/**
 * Reads marker and ledger in one statement. Whether there is a marker at all is asked with it, for new databases; of one
 * that was opened a moment ago it is known.
 */
export const readLedger = async (
  state: DriverState,
  query: LedgerQuery,
): Promise<LedgerSnapshot> => {
  if (state.isNew && state.justOpened) return { state: emptyState, events: [] }
  const { table } = state.marker
  const [read = [], there = []] = await state.session.queryEach(
    [selectLedger(table, ledgerTableOf(table), query), `SELECT ${isThere(table)} AS is_there`],
    'The ledger could not be read',
  )
  if (!isMigrateError(read)) {
    const [first] = read
    return {
      state: stateOfRow({
        version: first?.['marker_version'] ?? null,
        dirty: first?.['marker_dirty'] ?? null,
      }),
      ...ledgerOfRows(read, query),
    }
  }
  if (isDenied(read)) {
    // The marker may well be readable: only that would be an error.
    const unavailable = `rows may not be read from ${quoteTable(ledgerTableOf(table))}`
    return { state: await readState(state), events: [], unavailable }
  }
  if (!isMissing(read)) throw read
  state.isNew = !isMigrateError(there) && there[0]?.['is_there'] === 'f'
  return { state: state.isNew ? emptyState : await readState(state), events: [] }
}

/** Sets the marker whatever it was, with the ledger's row. */
export const writeState = async (state: DriverState, { to, entry }: StateChange): Promise<void> => {
  await writeDurably(
    state,
    [...state.lock.inTransaction, ...setMarker(state.marker, to), ...append(state, entry)],
    'The version could not be written',
  )
  state.marker = { ...state.marker, extraRows: false }
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

/** Table, schema, or a column of a table that is no ledger, is not there. */
const isMissing = (error: unknown): error is MigrateError =>
  isMigrateError(error) && ['42P01', '3F000', '42703'].includes(error.details.serverCode ?? '')
