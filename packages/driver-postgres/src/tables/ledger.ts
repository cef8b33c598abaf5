import { createHash } from 'node:crypto'
import {
  ledgerFormat,
  type LedgerEntry,
  type LedgerEvent,
  type LedgerEventKind,
  type LedgerQuery,
  type LedgerSnapshot,
  movingKinds,
  parseSummaryEvents,
} from '@mig/core/driver'
import type { Row } from '../session/exchange.ts'
import {
  equals,
  identifierText,
  isOneOf,
  literal,
  operator,
  quoteIdentifier,
  quoteTable,
  type TableName,
} from './quote.ts'
import { versionRow } from './version-table.ts'

const suffix = '_history'
const longestNameBytes = 63

/**
 * The ledger beside a version table. PostgreSQL cuts over-long names and says nothing, which would make it the version
 * table itself: a name that does not fit is cut here and given a hash.
 */
export const ledgerTableOf = (table: TableName): TableName => {
  const { schema } = table
  const name = identifierText(table.name)
  if (Buffer.byteLength(name + suffix) <= longestNameBytes) return { schema, name: name + suffix }
  const tail = `_${createHash('sha256').update(name).digest('hex').slice(0, 8)}${suffix}`
  let head = ''
  for (const character of name) {
    if (Buffer.byteLength(head + character + tail) > longestNameBytes) break
    head += character
  }
  return { schema, name: head + tail }
}

const columns = [
  ['id', 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY'],
  ['format', 'integer NOT NULL'],
  ['at', 'timestamp with time zone NOT NULL DEFAULT pg_catalog.clock_timestamp()'],
  ['kind', 'pg_catalog.text NOT NULL'],
  ['run_id', 'pg_catalog.text NOT NULL'],
  ['version', 'bigint'],
  ['direction', 'pg_catalog.text'],
  ['title', 'pg_catalog.text NOT NULL'],
  ['from_version', 'bigint'],
  ['to_version', 'bigint'],
  ['dirty', 'boolean NOT NULL'],
  ['statement', 'integer'],
  ['statements', 'integer'],
  ['duration_ms', 'double precision'],
  ['checksum', 'pg_catalog.text'],
  ['actor', 'pg_catalog.text NOT NULL'],
  ['tool', 'pg_catalog.text NOT NULL'],
  ['line', 'integer'],
  ['column_number', 'integer'],
  ['error_code', 'pg_catalog.text'],
  ['message', 'pg_catalog.text'],
  ['details', 'pg_catalog.text'],
] as const

/** The columns that a table must have to be taken for a ledger. */
export const ledgerColumns: readonly string[] = columns.map(([name]) => name)

/** What stands after the words that make the ledger. */
export const ledgerDefinition = (table: TableName): string =>
  `${quoteTable(table)} (${columns.map(([name, type]) => `"${name}" ${type}`).join(', ')})`

/** A moment or a chunk of time in milliseconds. */
export const milliseconds = (expression: string): string =>
  `pg_catalog.date_part('epoch', ${expression}) ${operator('*')} 1000::double precision`

/** How long the running transaction has taken so far, by the server's clock. */
const sinceTransactionStart = milliseconds(
  `pg_catalog.clock_timestamp() ${operator('-')} pg_catalog.now()`,
)

/** Appends one row. Without a duration of its own the entry gets that of the running transaction, if it asks for it. */
export const appendToLedger = (
  table: TableName,
  entry: LedgerEntry,
  duration: 'as-given' | 'of-transaction' = 'as-given',
): string => {
  const values: Readonly<Record<string, string>> = {
    format: literal(ledgerFormat),
    kind: literal(entry.kind),
    run_id: literal(entry.runId),
    version: literal(entry.version),
    direction: literal(entry.direction),
    title: literal(entry.title),
    from_version: literal(entry.from),
    to_version: literal(entry.to),
    dirty: literal(entry.dirty),
    statement: literal(entry.statement),
    statements: literal(entry.statements),
    duration_ms: duration === 'as-given' ? literal(entry.durationMs) : sinceTransactionStart,
    checksum: literal(entry.checksum),
    actor: literal(entry.actor),
    tool: literal(entry.tool),
    line: literal(entry.line),
    column_number: literal(entry.column),
    error_code: literal(entry.errorCode),
    message: literal(entry.message),
    details: literal(entry.details),
  }
  // A column that is left out costs the server nothing.
  const given = Object.entries(values).filter(([, value]) => value !== 'NULL')
  const names = given.map(([name]) => `"${name}"`)
  return `INSERT INTO ${quoteTable(table)} (${names.join(', ')}) VALUES (${given.map(([, value]) => value).join(', ')})`
}

/**
 * Reads version row and ledger in one statement. Each row has the version row's columns, and those of an event or nulls. The
 * answer to a brief query is one row, with all events in the column `summary` as `parseSummaryEvents` reads them, or the
 * columns of {@link linearColumns} where the ledger is straight.
 */
export const selectLedger = (
  versionTable: TableName,
  table: TableName,
  { version, limit, summary }: LedgerQuery,
): string => {
  const where = version === undefined ? '' : ` WHERE version ${equals} ${version}::bigint`
  const newest = limit === undefined ? '' : ` LIMIT ${limit}`
  const state = `FROM (SELECT 1) AS one ` + `LEFT JOIN ${versionRow(versionTable)} AS m ON true`
  const events = `(SELECT ${ledgerColumns.map(quoteIdentifier).join(', ')} FROM ${quoteTable(table)}${where} ORDER BY id DESC${newest}) AS e`
  if (summary === true && version === undefined && limit === undefined) {
    return (
      `SELECT m.version AS current_version, m.dirty AS current_dirty, m.found AS version_found, ${linearColumns}, ` +
      `CASE WHEN l.moves ${operator('>')} 0::bigint THEN (SELECT ${summaryText} FROM ${events}) END AS summary ${state} ` +
      `LEFT JOIN (SELECT to_version, dirty FROM ${quoteTable(table)} ORDER BY id DESC LIMIT 1) AS n ON true ` +
      `LEFT JOIN (SELECT ${linearText} FROM ${quoteTable(table)}) AS l ON true`
    )
  }
  if (summary === true) {
    return `SELECT m.version AS current_version, m.dirty AS current_dirty, m.found AS version_found, (SELECT ${summaryText} FROM ${events}) AS summary ${state}`
  }
  const names = ledgerColumns.map((name) =>
    name === 'at' ? `${milliseconds('e.at')} AS at` : `e."${name}"`,
  )
  return (
    `SELECT m.version AS current_version, m.dirty AS current_dirty, m.found AS version_found, ${names.join(', ')} ${state} ` +
    `LEFT JOIN ${events} ON true ORDER BY e.id`
  )
}

const orDash = (name: string): string => `COALESCE(e.${name}::pg_catalog.text, '-')`

const summaryText =
  "pg_catalog.string_agg(pg_catalog.concat_ws(' ', e.id, e.kind, " +
  `${['version', 'from_version', 'to_version'].map(orDash).join(', ')}, e.dirty, ` +
  'pg_catalog.to_json(e.details)), pg_catalog.chr(10) ORDER BY e.id)'

const linearColumns =
  'l.moves, l.versions, n.to_version AS recorded_version, n.dirty AS recorded_dirty'

const linearText =
  `pg_catalog.string_agg(version::pg_catalog.text, pg_catalog.chr(10) ORDER BY id) ` +
  `FILTER (WHERE kind ${equals} 'applied') AS versions, ` +
  `pg_catalog.count(*) FILTER (WHERE ${isOneOf('kind', movingKinds)}) AS moves`

/** What the rows that {@link selectLedger} read say of the ledger. */
export const ledgerOfRows = (
  rows: readonly Row[],
  { summary }: LedgerQuery,
): Pick<LedgerSnapshot, 'events' | 'linear'> => {
  if (summary !== true) return { events: rows.filter(({ id }) => id !== null).map(eventOfRow) }
  const [row = {}] = rows
  const dirty = row['recorded_dirty'] ?? null
  if (row['moves'] !== '0' || dirty === null) {
    return { events: parseSummaryEvents(row['summary'] ?? '') }
  }
  const recorded = { version: toBigint(row['recorded_version']), dirty: dirty === 't' }
  return { events: [], linear: { versions: row['versions'] ?? '', recorded } }
}

const toNumber = (value: string | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value)

const toBigint = (value: string | null | undefined): bigint | null =>
  value === null || value === undefined ? null : BigInt(value)

const eventOfRow = (row: Row): LedgerEvent => ({
  id: BigInt(row['id'] ?? 0),
  format: Number(row['format'] ?? ledgerFormat),
  at: new Date(Number(row['at'] ?? 0)),
  kind: row['kind'] as LedgerEventKind,
  runId: row['run_id'] ?? '',
  version: toBigint(row['version']),
  direction: (row['direction'] ?? null) as LedgerEvent['direction'],
  title: row['title'] ?? '',
  from: toBigint(row['from_version']),
  to: toBigint(row['to_version']),
  dirty: row['dirty'] === 't',
  statement: toNumber(row['statement']),
  statements: toNumber(row['statements']),
  durationMs: toNumber(row['duration_ms']),
  checksum: row['checksum'] ?? null,
  actor: row['actor'] ?? '',
  tool: row['tool'] ?? '',
  line: toNumber(row['line']),
  column: toNumber(row['column_number']),
  errorCode: row['error_code'] ?? null,
  message: row['message'] ?? null,
  details: row['details'] ?? null,
})
