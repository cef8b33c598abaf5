import {
  isMigrateError,
  ledgerFormat,
  type MigrateError,
  type Preparation,
  versionFromRow,
  type VersionState,
} from '@mig/core/driver'
import { createTable } from './postgres-create-table.ts'
import { createLedger, ledgerColumns, ledgerTableOf } from './postgres-ledger.ts'
import { literal, quoteLiteral, quoteTable, type TableName } from './postgres-sql.ts'
import { type DriverState, rollBack } from './postgres-state.ts'
import { createVersionTable, stateOfRow } from './postgres-version-table.ts'

interface TableFacts {
  readonly exists: boolean
  readonly columns: readonly string[]
  readonly select: boolean
  readonly insert: boolean
  readonly update: boolean
  readonly delete: boolean
  readonly truncate: boolean
}

const readTable = async (state: DriverState, table: TableName): Promise<TableFacts> => {
  const right = (name: string): string =>
    `pg_catalog.has_table_privilege(c.oid, '${name}') AS "${name.toLowerCase()}"`
  const [row] = await state.session.query(
    `SELECT ${['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'].map(right).join(', ')}, ` +
      "(SELECT pg_catalog.string_agg(a.attname, ',') FROM pg_catalog.pg_attribute AS a " +
      'WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns ' +
      `FROM pg_catalog.pg_class AS c WHERE c.oid = pg_catalog.to_regclass(${quoteLiteral(quoteTable(table))})`,
    `The table ${quoteTable(table)} could not be looked at`,
  )
  return {
    exists: row !== undefined,
    columns: (row?.['columns'] ?? '').split(','),
    select: row?.['select'] === 't',
    insert: row?.['insert'] === 't',
    update: row?.['update'] === 't',
    delete: row?.['delete'] === 't',
    truncate: row?.['truncate'] === 't',
  }
}

/** Makes what is missing, looks at the rights, and reads where the database stands. */
export const prepare = async (state: DriverState, withLedger: boolean): Promise<Preparation> => {
  const { table } = state.marker
  let marker = await readTable(state, table)
  if (!marker.exists) {
    await createTable(
      state.session,
      createVersionTable(table),
      `The version table ${quoteTable(table)} could not be created`,
    )
    marker = await readTable(state, table)
  }
  const truncates = marker.truncate && marker.insert && !(marker.update && marker.delete)
  const ledger = withLedger ? await prepareLedger(state) : undefined
  state.ledger = ledger?.table

  const first = `SELECT version, dirty FROM ${quoteTable(table)} LIMIT 1`
  const [row] = await state.session.query(
    `SELECT m.version, m.dirty, (SELECT pg_catalog.count(*) FROM ${quoteTable(table)}) AS rows ` +
      `FROM (SELECT 1) AS one LEFT JOIN (${first}) AS m ON true`,
    'The version could not be read',
  )
  const current = stateOfRow(row)
  const rows = Number(row?.['rows'])
  const needless = rows === 1 && current.version === null && !current.dirty
  state.marker = {
    table,
    writes: truncates ? 'truncate' : 'update',
    extraRows: rows > 1 || needless,
  }
  const recorded = ledger?.table === undefined ? undefined : await readRecorded(state, ledger.table)
  return {
    state: current,
    ledger: !withLedger ? 'off' : state.ledger === undefined ? 'unavailable' : 'on',
    ...(ledger?.reason === undefined ? {} : { ledgerReason: ledger.reason }),
    ...(recorded === undefined ? {} : { recorded }),
  }
}

interface LedgerPreparation {
  readonly table?: TableName
  /** Why there is none. */
  readonly reason?: string
}

const prepareLedger = async (state: DriverState): Promise<LedgerPreparation> => {
  const table = ledgerTableOf(state.marker.table)
  const name = quoteTable(table)
  let facts = await readTable(state, table)
  if (!facts.exists) {
    try {
      await createTable(
        state.session,
        createLedger(table),
        `The ledger ${name} could not be created`,
      )
    } catch (error) {
      if (!isDenied(error)) throw error
      await rollBack(state)
      return { reason: error.message }
    }
    facts = await readTable(state, table)
  }
  const missing = ledgerColumns.filter((column) => !facts.columns.includes(column))
  if (missing.length > 0) {
    return { reason: `${name} is no ledger of mig: it has no column ${missing.join(', ')}` }
  }
  if (!facts.select) return { reason: `rows may not be read from ${name}` }
  const [row] = await state.session.query(
    `SELECT pg_catalog.max(format) AS format FROM ${name}`,
    `The ledger ${name} could not be read`,
  )
  if (Number(row?.['format'] ?? 0) > ledgerFormat) {
    return { reason: `${name} was written by a newer release of mig (format ${row?.['format']})` }
  }
  return facts.insert ? { table } : { reason: `rows may not be inserted into ${name}` }
}

const isDenied = (error: unknown): error is MigrateError =>
  isMigrateError(error) && ['42501', '25006'].includes(error.details.serverCode ?? '')

const readRecorded = async (
  state: DriverState,
  table: TableName,
): Promise<VersionState | undefined> => {
  const [row] = await state.session.query(
    `SELECT to_version, dirty FROM ${quoteTable(table)} ORDER BY id DESC LIMIT ${literal(1)}`,
    'The ledger could not be read',
  )
  if (row === undefined) return undefined
  const version = row['to_version']
  return {
    version: version === null || version === undefined ? null : versionFromRow(version),
    dirty: row['dirty'] === 't',
  }
}
