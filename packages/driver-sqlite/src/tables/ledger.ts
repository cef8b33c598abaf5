import {
  emptyState,
  ledgerFormat,
  movingKinds,
  type Direction,
  type LedgerEntry,
  type LedgerEvent,
  type LedgerEventKind,
  type LedgerQuery,
  parseSummaryEvents,
  type LedgerSnapshot,
  type Version,
  type VersionState,
} from '@mig/core/driver'
import type { SqliteConnection } from '../session/session.ts'
import { kindProblem } from './own-tables.ts'
import { columnsOf, hasTable, readVersion, requireTable, stateOfRow } from './version-table.ts'

/** Columns of the ledger in order, with what SQLite is told of them. */
const columns = {
  id: 'INTEGER PRIMARY KEY',
  format: 'INTEGER NOT NULL',
  at: `TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
  kind: 'TEXT NOT NULL',
  run_id: 'TEXT NOT NULL',
  version: 'INTEGER',
  direction: 'TEXT',
  title: 'TEXT NOT NULL',
  from_version: 'INTEGER',
  to_version: 'INTEGER',
  dirty: 'INTEGER NOT NULL',
  statement: 'INTEGER',
  statements: 'INTEGER',
  duration_ms: 'INTEGER',
  checksum: 'TEXT',
  actor: 'TEXT NOT NULL',
  tool: 'TEXT NOT NULL',
  line: 'INTEGER',
  column_number: 'INTEGER',
  error_code: 'TEXT',
  message: 'TEXT',
  details: 'TEXT',
} as const

type ColumnName = keyof typeof columns

const names = Object.keys(columns)
const writtenNames = names.filter((name) => name !== 'id' && name !== 'at')

/** What was found where the ledger should be. */
export type LedgerCondition =
  | { readonly kind: 'usable' }
  | { readonly kind: 'missing' }
  /** Of a later format: read as far as it is understood, and not written to. */
  | { readonly kind: 'newer'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly reason: string }

/** Looks at the ledger's kind and columns before it is trusted. With `trusted` it may have triggers. */
export const inspectLedger = (connection: SqliteConnection, trusted: boolean): LedgerCondition => {
  const { ledgerName, ledgerTable } = connection
  if (!hasTable(connection, ledgerName)) return { kind: 'missing' }
  const problem = kindProblem(connection, ledgerName, trusted)
  if (problem !== undefined) return { kind: 'unusable', reason: problem.reason }
  const found = new Set(
    connection
      .statement(`SELECT name FROM pragma_table_info(?, 'main')`)
      .all(ledgerName)
      .map((row) => String(columnsOf(row)?.[0])),
  )
  const missing = names.filter((name) => !found.has(name))
  if (missing.length > 0) {
    return { kind: 'unusable', reason: `"${ledgerName}" has no column ${missing.join(', ')}` }
  }
  // Nobody writes an older format after a newer one.
  const newest = `SELECT format FROM ${ledgerTable} ORDER BY id DESC LIMIT 1`
  const [format] = columnsOf(connection.statement(newest).get()) ?? []
  if (typeof format === 'bigint' && format > BigInt(ledgerFormat)) {
    return { kind: 'newer', reason: `"${ledgerName}" was written by a newer release of mig` }
  }
  return { kind: 'usable' }
}

/** Creates the ledger. */
export const createLedger = ({ client, ledgerTable }: SqliteConnection): void => {
  const definitions = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
  client.exec(`CREATE TABLE IF NOT EXISTS ${ledgerTable} (${definitions.join(', ')})`)
}

const columnsWritten = writtenNames.join(', ')
const valuesWritten = writtenNames.map(() => '?').join(', ')

/** Appends an event, where events are written, in the transaction that is open. */
export const appendEvent = (connection: SqliteConnection, entry: LedgerEntry): void => {
  if (!connection.writesLedger) return
  connection
    .statement(
      `INSERT INTO ${connection.ledgerTable} (${columnsWritten}) VALUES (${valuesWritten})`,
    )
    .run(
      ledgerFormat,
      entry.kind,
      entry.runId,
      entry.version,
      entry.direction,
      entry.title,
      entry.from,
      entry.to,
      entry.dirty ? 1 : 0,
      entry.statement,
      entry.statements,
      entry.durationMs === null ? null : BigInt(Math.round(entry.durationMs)),
      entry.checksum,
      entry.actor,
      entry.tool,
      entry.line,
      entry.column,
      entry.errorCode,
      entry.message,
      entry.details,
    )
}

/** The version row after the newest event. */
export const readRecorded = (connection: SqliteConnection): VersionState | undefined => {
  const row = columnsOf(
    connection
      .statement(`SELECT to_version, dirty FROM ${connection.ledgerTable} ORDER BY id DESC LIMIT 1`)
      .get(),
  )
  return row === undefined ? undefined : { version: integer(row[0]), dirty: row[1] !== 0n }
}

/** Version row and events in one statement, so that they belong together. */
export const readSnapshot = (connection: SqliteConnection, query: LedgerQuery): LedgerSnapshot => {
  if (!hasTable(connection, connection.versionTableName)) return { state: emptyState, events: [] }
  requireTable(connection)
  const { kind } = inspectLedger(connection, true)
  if (kind === 'missing' || kind === 'unusable') {
    return { state: readVersion(connection), events: [] }
  }
  const { summary, version, limit } = query
  if (summary !== true) return readEvents(connection, query)
  const all = version === undefined && limit === undefined
  return (all ? readLinear(connection) : undefined) ?? readSummary(connection, query)
}

type Columns = readonly unknown[]

/** Runs a query whose rows begin with the three columns of the version row. */
const readBesideVersion = (
  connection: SqliteConnection,
  { columns, join }: { readonly columns: string; readonly join: string },
  ...parameters: readonly unknown[]
): { readonly state: VersionState; readonly rows: readonly Columns[] } => {
  const { versionTableName, versionTable } = connection
  const rows = connection
    .statement(
      `SELECT v.found, v.version, v.dirty, ${columns} FROM (SELECT 1) ` +
        `LEFT JOIN (SELECT 1 AS found, version, dirty FROM ${versionTable} LIMIT 1) AS v ${join}`,
    )
    // Rows as arrays: version row and event have columns of one name.
    .raw(true)
    .all(...parameters)
    .filter((row) => Array.isArray(row))
  const [found, version, dirty] = rows[0] ?? []
  return { state: found === null ? emptyState : stateOfRow(version, dirty, versionTableName), rows }
}

/** The newest events that a query asks for. Its parameters are those of {@link eventsParameters}. */
const eventsAsked = ({ ledgerTable }: SqliteConnection): string =>
  `(SELECT * FROM ${ledgerTable} WHERE ? IS NULL OR version = ? ORDER BY id DESC LIMIT ?) AS event`

const eventsParameters = ({ version, limit }: LedgerQuery): unknown[] => [
  version ?? null,
  version ?? null,
  limit ?? -1,
]

const readEvents = (connection: SqliteConnection, query: LedgerQuery): LedgerSnapshot => {
  const columns = names.map((name) => `event.${name}`).join(', ')
  const join = `LEFT JOIN ${eventsAsked(connection)} ORDER BY event.id`
  const { state, rows } = readBesideVersion(
    connection,
    { columns, join },
    ...eventsParameters(query),
  )
  return { state, events: rows.filter((row) => row[3] !== null).map(eventOf) }
}

const readSummary = (connection: SqliteConnection, query: LedgerQuery): LedgerSnapshot => {
  const columns = `(SELECT ${summaryText} FROM ${eventsAsked(connection)})`
  const { state, rows } = readBesideVersion(
    connection,
    { columns, join: '' },
    ...eventsParameters(query),
  )
  return { state, events: parseSummaryEvents(text(rows[0]?.[3]) ?? '') }
}

const orDash = (name: string): string => `COALESCE(event.${name}, '-')`

/** All events as `parseSummaryEvents` reads them. */
const summaryText =
  `group_concat(event.id || ' ' || event.kind || ' ' || ${orDash('version')} || ' ' || ` +
  `${orDash('from_version')} || ' ' || ${orDash('to_version')} || ' ' || event.dirty || ` +
  `CASE WHEN event.details IS NULL THEN '' ELSE ' ' || json_quote(event.details) END, ` +
  'char(10) ORDER BY event.id)'

const moving = movingKinds.map((kind) => `'${kind}'`).join(', ')

/** The whole ledger in short, where it is straight. */
const readLinear = (connection: SqliteConnection): LedgerSnapshot | undefined => {
  const { ledgerTable } = connection
  const { state, rows } = readBesideVersion(connection, {
    columns: 'ledger.versions, ledger.moves, newest.to_version, newest.dirty',
    join:
      `LEFT JOIN (SELECT to_version, dirty FROM ${ledgerTable} ORDER BY id DESC LIMIT 1) AS newest ` +
      `LEFT JOIN (SELECT group_concat(CASE kind WHEN 'applied' THEN version END, char(10)) AS versions, ` +
      `sum(kind <> 'applied' AND kind IN (${moving})) AS moves ` +
      `FROM (SELECT kind, version FROM ${ledgerTable} ORDER BY id)) AS ledger`,
  })
  const [, , , versions, moves, to, dirty] = rows[0] ?? []
  if (moves !== 0n) return undefined
  const recorded: VersionState = { version: integer(to), dirty: dirty !== 0n }
  return { state, events: [], linear: { versions: text(versions) ?? '', recorded } }
}

const places = new Map<string, number>(names.map((name, index) => [name, index + 3]))

const integer = (value: unknown): Version | null => (typeof value === 'bigint' ? value : null)
const number = (value: unknown): number | null => (value === null ? null : Number(value))
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The event of a row with the version row's three columns and those of the ledger. */
const eventOf = (row: Columns): LedgerEvent => {
  const at = (name: ColumnName): unknown => row[places.get(name) ?? row.length] ?? null
  const time = text(at('at'))
  return {
    id: integer(at('id')) ?? 0n,
    format: number(at('format')) ?? ledgerFormat,
    at: time === null ? new Date(0) : new Date(time),
    kind: String(at('kind')) as LedgerEventKind,
    runId: text(at('run_id')) ?? '',
    version: integer(at('version')),
    direction: text(at('direction')) as Direction | null,
    title: text(at('title')) ?? '',
    from: integer(at('from_version')),
    to: integer(at('to_version')),
    dirty: at('dirty') !== 0n,
    statement: number(at('statement')),
    statements: number(at('statements')),
    durationMs: number(at('duration_ms')),
    checksum: text(at('checksum')),
    actor: text(at('actor')) ?? '',
    tool: text(at('tool')) ?? '',
    line: number(at('line')),
    column: number(at('column_number')),
    errorCode: text(at('error_code')),
    message: text(at('message')),
    details: text(at('details')),
  }
}
