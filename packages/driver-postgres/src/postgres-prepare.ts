import {
  isMigrateError,
  ledgerFormat,
  type MigrateError,
  type Preparation,
  versionFromRow,
  type VersionState,
} from '@mig/core/driver'
import { createTable } from './postgres-create-table.ts'
import type { Row } from './postgres-exchange.ts'
import { createLedger, ledgerColumns, ledgerTableOf } from './postgres-ledger.ts'
import { quoteLiteral, quoteTable, type TableName } from './postgres-sql.ts'
import { type DriverState, rollBack } from './postgres-state.ts'
import { createVersionTable, stateOfRow } from './postgres-version-table.ts'

interface TableFacts {
  readonly columns: readonly string[]
  readonly select: boolean
  readonly insert: boolean
  readonly update: boolean
  readonly delete: boolean
  readonly truncate: boolean
}

/** What is known of a table that was made a moment ago. */
const ownTable = (columns: readonly string[]): TableFacts => ({
  columns,
  select: true,
  insert: true,
  update: true,
  delete: true,
  truncate: true,
})

/** Looks at tables, all in one statement. One that is missing gives nothing. */
const readTables = async (
  state: DriverState,
  tables: readonly TableName[],
): Promise<readonly (TableFacts | undefined)[]> => {
  const right = (name: string): string =>
    `pg_catalog.has_table_privilege(c.oid, '${name}') AS "${name.toLowerCase()}"`
  const names = tables.map((table, index) => `(${index}, ${quoteLiteral(quoteTable(table))})`)
  const rows = await state.session.query(
    `SELECT t.i, ${['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'].map(right).join(', ')}, ` +
      "(SELECT pg_catalog.string_agg(a.attname, ',') FROM pg_catalog.pg_attribute AS a " +
      'WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns ' +
      `FROM (VALUES ${names.join(', ')}) AS t (i, name) ` +
      'JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(t.name)',
    `The tables ${tables.map(quoteTable).join(' and ')} could not be looked at`,
  )
  return tables.map((_, index) => {
    const row = rows.find(({ i }) => i === `${index}`)
    return row === undefined ? undefined : factsOf(row)
  })
}

const factsOf = (row: Row): TableFacts => ({
  columns: (row['columns'] ?? '').split(','),
  select: row['select'] === 't',
  insert: row['insert'] === 't',
  update: row['update'] === 't',
  delete: row['delete'] === 't',
  truncate: row['truncate'] === 't',
})

/** Makes what is missing, looks at the rights, and reads where the database stands. */
export const prepare = async (state: DriverState, withLedger: boolean): Promise<Preparation> => {
  const { table } = state.marker
  const ledgerTable = ledgerTableOf(table)
  const [marker, ledgerFacts] = withLedger
    ? await makeTables(state, ledgerTable)
    : await makeMarker(state)
  const truncates = marker.truncate && marker.insert && !(marker.update && marker.delete)
  const unusable = typeof ledgerFacts === 'string' ? ledgerFacts : faultOf(ledgerTable, ledgerFacts)

  const readable = withLedger && unusable === undefined
  const row = await readRows(state, readable ? ledgerTable : undefined)
  const current = stateOfRow(row)
  const rows = Number(row['rows'])
  const needless = rows === 1 && current.version === null && !current.dirty
  state.marker = {
    table,
    writes: truncates ? 'truncate' : 'update',
    extraRows: rows > 1 || needless,
  }
  if (!withLedger) {
    state.ledger = undefined
    return { state: current, ledger: 'off' }
  }
  const reason =
    unusable ?? newerFormat(ledgerTable, row) ?? missingInsert(ledgerTable, ledgerFacts)
  state.ledger = reason === undefined ? ledgerTable : undefined
  if (reason !== undefined) return { state: current, ledger: 'unavailable', ledgerReason: reason }
  const recorded = recordedIn(row)
  return { state: current, ledger: 'on', ...(recorded === undefined ? {} : { recorded }) }
}

/** The facts of both tables; for the ledger the reason, where it is missing and cannot be made. */
type BothTables = readonly [marker: TableFacts, ledger?: TableFacts | string]

const makeMarker = async (state: DriverState): Promise<BothTables> => {
  const { table } = state.marker
  const [marker] = await readTables(state, [table])
  return [marker ?? (await createMarker(state))]
}

const createMarker = async ({ session, marker: { table } }: DriverState): Promise<TableFacts> => {
  const what = `The version table ${quoteTable(table)} could not be created`
  await createTable(session, createVersionTable(table), what)
  return ownTable([])
}

const makeTables = async (state: DriverState, ledgerTable: TableName): Promise<BothTables> => {
  const { table } = state.marker
  const [marker, ledger] = await readTables(state, [table, ledgerTable])
  if (marker === undefined && ledger === undefined && (await createBoth(state, ledgerTable))) {
    return [ownTable([]), ownTable(ledgerColumns)]
  }
  const made = marker ?? (await createMarker(state))
  if (ledger !== undefined) return [made, ledger]
  const what = `The ledger ${quoteTable(ledgerTable)} could not be created`
  try {
    await createTable(state.session, createLedger(ledgerTable), what)
    return [made, ownTable(ledgerColumns)]
  } catch (error) {
    if (!isDenied(error)) throw error
    await rollBack(state)
    return [made, error.message]
  }
}

/** Makes both in one transaction. `false` where that did not work, which one at a time says more about. */
const createBoth = async (
  { session, marker }: DriverState,
  ledger: TableName,
): Promise<boolean> => {
  const text = `${createVersionTable(marker.table)};\n${createLedger(ledger)}`
  const { failure } = await session.exchange([{ texts: [text] }])
  return failure === undefined
}

/** Why a table of the ledger's name cannot be read as one. */
const faultOf = (table: TableName, facts: TableFacts | undefined): string | undefined => {
  if (facts === undefined) return undefined
  const name = quoteTable(table)
  const missing = ledgerColumns.filter((column) => !facts.columns.includes(column))
  if (missing.length > 0) {
    return `${name} is no ledger of mig: it has no column ${missing.join(', ')}`
  }
  return facts.select ? undefined : `rows may not be read from ${name}`
}

const missingInsert = (
  table: TableName,
  facts: TableFacts | string | undefined,
): string | undefined =>
  typeof facts === 'object' && facts.insert
    ? undefined
    : `rows may not be inserted into ${quoteTable(table)}`

const newerFormat = (table: TableName, row: Row): string | undefined => {
  const format = row['format']
  return Number(format ?? 0) > ledgerFormat
    ? `${quoteTable(table)} was written by a newer release of mig (format ${format})`
    : undefined
}

/** Marker, number of its rows, and the newest event of the ledger, as far as there is one to read. */
const readRows = async (state: DriverState, ledger: TableName | undefined): Promise<Row> => {
  const table = quoteTable(state.marker.table)
  const newest =
    ledger === undefined
      ? ''
      : ` LEFT JOIN (SELECT id, format, to_version, dirty FROM ${quoteTable(ledger)} ORDER BY id DESC LIMIT 1) AS h ON true`
  const [row = {}] = await state.session.query(
    `SELECT m.version, m.dirty, (SELECT pg_catalog.count(*) FROM ${table}) AS rows` +
      (ledger === undefined
        ? ''
        : ', h.id, h.format, h.to_version AS recorded_version, h.dirty AS recorded_dirty') +
      ` FROM (SELECT 1) AS one LEFT JOIN (SELECT version, dirty FROM ${table} LIMIT 1) AS m ON true${newest}`,
    'The version could not be read',
  )
  return row
}

const isDenied = (error: unknown): error is MigrateError =>
  isMigrateError(error) && ['42501', '25006'].includes(error.details.serverCode ?? '')

const recordedIn = (row: Row): VersionState | undefined => {
  const { id, recorded_version: version, recorded_dirty: dirty } = row
  if (id === null || id === undefined) return undefined
  return {
    version: version === null || version === undefined ? null : versionFromRow(version),
    dirty: dirty === 't',
  }
}
