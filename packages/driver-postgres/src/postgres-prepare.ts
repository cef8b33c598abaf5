import {
  emptyState,
  isMigrateError,
  ledgerFormat,
  type MigrateError,
  type Preparation,
  versionFromRow,
  type VersionState,
} from '@mig/core/driver'
import { createTable } from './postgres-create-table.ts'
import type { Row } from './postgres-exchange.ts'
import { ledgerColumns, ledgerDefinition, ledgerTableOf } from './postgres-ledger.ts'
import type { PostgresSession } from './postgres-session.ts'
import {
  equals,
  noWaitForDisk,
  operator,
  quoteLiteral,
  quoteTable,
  relationNamed,
  type TableName,
} from './postgres-sql.ts'
import { type DriverState, rollBack } from './postgres-state.ts'
import { stateOfRow, versionTableDefinition } from './postgres-version-table.ts'

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

/** Reads what is known of tables. One that is missing gives no row. */
const selectTables = (tables: readonly TableName[]): string => {
  const right = (name: string): string =>
    `pg_catalog.has_table_privilege(c.oid, '${name}') AS "${name.toLowerCase()}"`
  const names = tables.map((table, index) => `(${index}, ${quoteLiteral(quoteTable(table))})`)
  return (
    `SELECT t.i, ${['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'].map(right).join(', ')}, ` +
    "(SELECT pg_catalog.string_agg(a.attname, ',') FROM pg_catalog.pg_attribute AS a " +
    `WHERE a.attrelid ${equals} c.oid AND a.attnum ${operator('>')} 0::int2 AND NOT a.attisdropped) AS columns ` +
    `FROM (VALUES ${names.join(', ')}) AS t (i, name) ` +
    `JOIN pg_catalog.pg_class AS c ON c.oid ${equals} ${relationNamed('t.name')}`
  )
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
  const wanted = withLedger ? ledgerTable : undefined
  if (state.isNew && (await makeNew(state, wanted))) return ofNew(withLedger)
  const found = await makeTables(state, wanted)
  if (found === 'new') return ofNew(withLedger)
  const { marker, ledger: ledgerFacts } = found
  const truncates = marker.truncate && marker.insert && !(marker.update && marker.delete)
  const unusable = typeof ledgerFacts === 'string' ? ledgerFacts : faultOf(ledgerTable, ledgerFacts)

  const readable = withLedger && unusable === undefined
  const row = found.row ?? (await readRows(state, readable ? ledgerTable : undefined))
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

const ofNew = (withLedger: boolean): Preparation => ({
  state: emptyState,
  ledger: withLedger ? 'on' : 'off',
})

/**
 * Makes the tables, all in one transaction, where none of them is there: they are as they were made then. `false` where
 * that did not work, which a look at each says more about. The disk is not waited for: the first write that does so
 * takes these along.
 */
const makeNew = async (state: DriverState, ledger: TableName | undefined): Promise<boolean> => {
  const { session, marker } = state
  state.isNew = false
  const definitions = [
    versionTableDefinition(marker.table),
    ...(ledger === undefined ? [] : [ledgerDefinition(ledger)]),
  ]
  const texts = [noWaitForDisk, ...definitions.map((definition) => `CREATE TABLE ${definition}`)]
  const { failure } = await session.exchange([{ texts: [texts.join(';\n')] }])
  if (failure !== undefined) return false
  state.marker = { table: marker.table, writes: 'update', extraRows: false }
  state.ledger = ledger
  return true
}

/** Both tables. */
interface Tables {
  readonly marker: TableFacts
  /** The reason, where it is missing and cannot be made. */
  readonly ledger?: TableFacts | string
  /** What {@link selectRows} read, where that was possible. */
  readonly row?: Row
}

/** Looks at the tables and reads them, all at once, and makes those that are missing. */
const makeTables = async (
  state: DriverState,
  ledgerTable: TableName | undefined,
): Promise<Tables | 'new'> => {
  const { session, marker } = state
  const { table } = marker
  const tables = ledgerTable === undefined ? [table] : [table, ledgerTable]
  const [looked = [], read = []] = await session.queryEach(
    [selectTables(tables), selectRows(table, ledgerTable)],
    `The tables ${tables.map(quoteTable).join(' and ')} could not be looked at`,
  )
  if (isMigrateError(looked)) throw looked
  if (looked.length === 0 && (await makeNew(state, ledgerTable))) return 'new'
  const [markerFacts, ledgerFacts] = tables.map((_, index) => {
    const facts = looked.find(({ i }) => i === `${index}`)
    return facts === undefined ? undefined : factsOf(facts)
  })
  const made = markerFacts ?? (await createMarker(session, table))
  if (ledgerTable !== undefined && ledgerFacts === undefined) {
    return { marker: made, ledger: await createLedger(state, ledgerTable) }
  }
  const [row] = isMigrateError(read) ? [] : read
  return {
    marker: made,
    ...(ledgerFacts === undefined ? {} : { ledger: ledgerFacts }),
    ...(row === undefined ? {} : { row }),
  }
}

const createMarker = async (session: PostgresSession, table: TableName): Promise<TableFacts> => {
  const what = `The version table ${quoteTable(table)} could not be created`
  await createTable(session, versionTableDefinition(table), what)
  return ownTable([])
}

const createLedger = async (state: DriverState, table: TableName): Promise<TableFacts | string> => {
  const what = `The ledger ${quoteTable(table)} could not be created`
  try {
    await createTable(state.session, ledgerDefinition(table), what)
    return ownTable(ledgerColumns)
  } catch (error) {
    if (!isDenied(error)) throw error
    await rollBack(state)
    return error.message
  }
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
const selectRows = (marker: TableName, ledger: TableName | undefined): string => {
  const table = quoteTable(marker)
  const [columns, newest] =
    ledger === undefined
      ? ['', '']
      : [
          ', h.id, h.format, h.to_version AS recorded_version, h.dirty AS recorded_dirty',
          ` LEFT JOIN (SELECT id, format, to_version, dirty FROM ${quoteTable(ledger)} ORDER BY id DESC LIMIT 1) AS h ON true`,
        ]
  return (
    `SELECT m.version, m.dirty, (SELECT pg_catalog.count(*) FROM ${table}) AS rows${columns} ` +
    `FROM (SELECT 1) AS one LEFT JOIN (SELECT version, dirty FROM ${table} LIMIT 1) AS m ON true${newest}`
  )
}

const readRows = async (
  { session, marker }: DriverState,
  ledger: TableName | undefined,
): Promise<Row> => {
  const [row = {}] = await session.query(
    selectRows(marker.table, ledger),
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
