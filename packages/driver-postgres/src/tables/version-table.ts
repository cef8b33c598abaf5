import {
  emptyState,
  formatState,
  versionFromRow,
  versionToRow,
  type VersionState,
} from '@mig/core/driver'
import { serverErrorOf } from '../steps/errors.ts'
import type { Row } from '../session/exchange.ts'
import { equals, literal, operator, quoteLiteral, quoteTable, type TableName } from './quote.ts'

/**
 * How the version row may be written. `truncate` is golang-migrate's way, and taken only where no other right is granted: it
 * locks out readers, and older snapshots see an empty table.
 */
type VersionWrites = 'update' | 'truncate'

/** How to write the version row of this database. */
export interface VersionTable {
  readonly table: TableName
  readonly writes: VersionWrites
  /** There are rows besides the one that counts, which the next write removes. */
  readonly extraRows: boolean
}

/** Stands in the server's message where a condition on the rows of the version table did not hold. */
const versionTableChanged = 'mig: the version table does not say '

const divisionByZero = '22012'

/** Whether an error of a conditional write of the version row says that it found something else. */
export const isVersionTableChanged = (error: Error): boolean =>
  error.message.includes(versionTableChanged) || serverErrorOf(error)?.code === divisionByZero

/** What stands after the words that make the table: exactly as golang-migrate has it. */
export const versionTableDefinition = (table: TableName): string =>
  `${quoteTable(table)} (version bigint not null primary key, dirty boolean not null)`

/** Reads the version row: one row, whichever comes first, as golang-migrate does. */
export const selectVersion = (table: TableName): string =>
  `SELECT version, dirty FROM ${quoteTable(table)} LIMIT 1`

/** The row of {@link selectVersion} for joining it to others: the column `found` tells a row with NULL from none. */
export const versionRow = (table: TableName): string =>
  `(SELECT version, dirty, true AS found FROM ${quoteTable(table)} LIMIT 1)`

/** The state that a row read by {@link selectVersion} stands for. */
export const stateOfRow = (row: Row | undefined): VersionState => {
  const { version, dirty } = row ?? {}
  if (version === null || version === undefined) return emptyState
  return { version: versionFromRow(version), dirty: dirty === 't' }
}

/** A clean "nothing applied" is an empty table. */
const hasRow = ({ version, dirty }: VersionState): boolean => version !== null || dirty

/** A version as the version table has it. */
const bigint = (version: VersionState['version']): string => `${versionToRow(version)}::bigint`

const valuesOf = ({ version, dirty }: VersionState): string =>
  `${bigint(version)}, ${literal(dirty)}`

const isRow = ({ version, dirty }: VersionState): string =>
  `version ${equals} ${bigint(version)} AND dirty ${equals} ${literal(dirty)}`

/**
 * Fails unless a query counts exactly so many rows, with a message that says what was expected.
 *
 * The message is cast to a number, and built of the count so that the server cannot do so before the query ran.
 */
const require = (expected: VersionState, rows: number, query: string): string => {
  const message = quoteLiteral(`${versionTableChanged}${formatState(expected)}: `)
  return (
    `${query} SELECT CASE WHEN pg_catalog.count(*) ${equals} ${rows}::bigint THEN 1 ` +
    `ELSE (${message}::pg_catalog.text ${operator('||')} pg_catalog.count(*)::pg_catalog.text)::int END`
  )
}

/** The row was written by the transaction that is running, and none that the script made has ended it since. */
const writtenHere =
  ` AND xmin::pg_catalog.text::bigint ${equals} ` +
  `(pg_catalog.txid_current() ${operator('%')} 4294967296::bigint)`

/** A conditional write of the version row. */
export interface VersionMove {
  readonly from: VersionState
  readonly to: VersionState
  /** The row must come from the transaction that is running. */
  readonly sameTransaction?: boolean
}

/** Moves the version row if it is exactly at `from`, else fails. One statement each; to be run in a transaction. */
export const moveVersion = (versionTable: VersionTable, move: VersionMove): readonly string[] => {
  const { from } = move
  const table = quoteTable(versionTable.table)
  if (versionTable.writes === 'truncate') return truncateVersion(versionTable, move)
  const statements: string[] = []
  if (versionTable.extraRows) {
    const others = hasRow(from) ? ` WHERE version ${operator('<>')} ${bigint(from.version)}` : ''
    statements.push(requireFirstRow(table, from), `DELETE FROM ${table}${others}`)
  }
  // Without a row there is nothing that two writers could wait for each other on.
  if (!hasRow(from)) statements.push(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`)
  const write =
    hasRow(from) && hasRow(move.to)
      ? updateVersion(table, move)
      : require(from, 1, `WITH moved AS (${writeVersion(table, move)})`) + ' FROM moved'
  return [...statements, write]
}

/**
 * From one row to another, which is what nearly every step does: divides by zero unless there is a row and it is the
 * right one. That costs the server a third of what counting the rows of an UPDATE does.
 */
const updateVersion = (table: string, { from, to, sameTransaction }: VersionMove): string => {
  const here = sameTransaction === true ? writtenHere : ''
  const over = operator('/')
  return (
    `UPDATE ${table} SET version = ${bigint(to.version)} ${over} (${isRow(from)}${here})::int, ` +
    `dirty = ${literal(to.dirty)} ` +
    `WHERE (1 ${over} (EXISTS (SELECT FROM ${table}))::int) ${equals} 1`
  )
}

const writeVersion = (table: string, { from, to, sameTransaction }: VersionMove): string => {
  if (!hasRow(from)) {
    const none = `NOT EXISTS (SELECT FROM ${table})`
    return hasRow(to)
      ? `INSERT INTO ${table} (version, dirty) SELECT ${valuesOf(to)} WHERE ${none} RETURNING 1`
      : `SELECT 1 WHERE ${none}`
  }
  const here = sameTransaction === true ? writtenHere : ''
  return `DELETE FROM ${table} WHERE ${isRow(from)}${here} RETURNING 1`
}

/** The first row is this one; where there should be none, a clean -1 counts as none. */
const requireFirstRow = (table: string, state: VersionState, here = ''): string => {
  const first = `FROM (SELECT version, dirty, xmin FROM ${table} LIMIT 1) AS m`
  return hasRow(state)
    ? `${require(state, 1, '')} ${first} WHERE ${isRow(state)}${here}`
    : `${require(state, 0, '')} ${first} WHERE NOT (version ${operator('<')} 0::bigint AND NOT dirty)`
}

const truncateVersion = (
  versionTable: VersionTable,
  { from, to, sameTransaction }: VersionMove,
): readonly string[] => {
  const table = quoteTable(versionTable.table)
  return [
    `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`,
    requireFirstRow(table, from, sameTransaction === true ? writtenHere : ''),
    ...setVersion(versionTable, to),
  ]
}

/** Sets the version row whatever it was. One statement each; to be run in a transaction. */
export const setVersion = (versionTable: VersionTable, to: VersionState): readonly string[] => {
  const table = quoteTable(versionTable.table)
  return [
    versionTable.writes === 'truncate' ? `TRUNCATE ${table}` : `DELETE FROM ${table}`,
    ...(hasRow(to) ? [`INSERT INTO ${table} (version, dirty) VALUES (${valuesOf(to)})`] : []),
  ]
}
