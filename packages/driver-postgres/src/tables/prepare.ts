import {
  emptyState,
  isMigrateError,
  ledgerFormat,
  MigrateError,
  type Preparation,
  versionFromRow,
  type VersionState,
} from '@mig/core/driver'
import { createTable } from './create-table.ts'
import type { Row } from '../session/exchange.ts'
import { ledgerColumns, ledgerDefinition, ledgerTableOf } from './ledger.ts'
import {
  factsOfRelation,
  madeTable,
  nullProblem,
  parseFacts,
  type TableFacts,
  untrusted,
  versionColumns,
  versionTableProblem,
} from './own-tables.ts'
import { catalogName, equals, noWaitForDisk, quoteTable, type TableName } from './quote.ts'
import { type DriverState, rollBack } from '../state.ts'
import { checkVersionTable, ledgerProblem, lookAtTables } from './trust.ts'
import { versionRow, stateOfRow, versionTableDefinition } from './version-table.ts'

/** What the session may do with a table, and what is known of it. */
interface Usable {
  readonly facts: TableFacts
  readonly select: boolean
  readonly insert: boolean
  readonly update: boolean
  readonly delete: boolean
  readonly truncate: boolean
}

/** Looks at tables. One that is missing gives no row. */
const selectTables = (tables: readonly TableName[]): string => {
  const right = (name: string): string =>
    `pg_catalog.has_table_privilege(c.oid, '${name}') AS "${name.toLowerCase()}"`
  const names = tables.map(
    ({ schema, name }, index) => `(${index}, ${catalogName(schema)}, ${catalogName(name)})`,
  )
  return (
    `SELECT t.i, ${['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'].map(right).join(', ')}, ` +
    `${factsOfRelation} AS facts FROM (VALUES ${names.join(', ')}) AS t (i, schema, name) ` +
    `JOIN pg_catalog.pg_namespace AS n ON n.nspname ${equals} t.schema ` +
    `JOIN pg_catalog.pg_class AS c ON c.relnamespace ${equals} n.oid AND c.relname ${equals} t.name`
  )
}

const usableOf = (row: Row, facts: TableFacts): Usable => ({
  facts,
  select: row['select'] === 't',
  insert: row['insert'] === 't',
  update: row['update'] === 't',
  delete: row['delete'] === 't',
  truncate: row['truncate'] === 't',
})

/** Makes what is missing, looks at what is there and at the rights, and reads where the database stands. */
export const prepare = async (state: DriverState, withLedger: boolean): Promise<Preparation> => {
  const { table } = state.versionTable
  const wanted = withLedger ? ledgerTableOf(table) : undefined
  const found = await findTables(state, wanted)
  if (found === 'new') return ofNew(withLedger)
  const { versionTable, unusable } = found
  const truncates =
    versionTable.truncate && versionTable.insert && !(versionTable.update && versionTable.delete)
  const row = found.row ?? (await readRows(state, unusable === undefined ? wanted : undefined))
  if (row['nulls'] !== '0') throw untrusted('version table', nullProblem(table))
  const current = stateOfRow(row)
  const rows = Number(row['rows'])
  const needless = rows === 1 && current.version === null && !current.dirty
  state.versionTable = {
    table,
    writes: truncates ? 'truncate' : 'update',
    extraRows: rows > 1 || needless,
  }
  if (wanted === undefined) {
    state.ledger = undefined
    return { state: current, ledger: 'off' }
  }
  const reason = unusable ?? newerFormat(wanted, row) ?? missingInsert(wanted, found.ledger)
  state.ledger = reason === undefined ? wanted : undefined
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
  const { session, versionTable } = state
  const definitions = [
    versionTableDefinition(versionTable.table),
    ...(ledger === undefined ? [] : [ledgerDefinition(ledger)]),
  ]
  const texts = [noWaitForDisk, ...definitions.map((definition) => `CREATE TABLE ${definition}`)]
  const { failure } = await session.exchange([{ texts: [texts.join(';\n')] }])
  if (failure !== undefined) return false
  state.versionTable = { table: versionTable.table, writes: 'update', extraRows: false }
  state.ledger = ledger
  state.tables = {
    versionTable: madeTable(versionColumns),
    ledger: ledger === undefined ? state.tables.ledger : madeTable(madeLedgerColumns),
  }
  return true
}

const madeLedgerColumns = Object.fromEntries(ledgerColumns.map((name) => [name, '']))

/** Both tables. */
interface Tables {
  readonly versionTable: Usable
  readonly ledger?: Usable
  /** Why the ledger is neither read nor written. */
  readonly unusable?: string | undefined
  /** What {@link selectRows} read, where that was possible. */
  readonly row?: Row
}

const mostLooks = 3

/** Finds the tables, and makes those that are missing. Somebody else may make one in the same moment. */
const findTables = async (
  state: DriverState,
  ledger: TableName | undefined,
): Promise<Tables | 'new'> => {
  const isNew = state.tables.versionTable === undefined && state.tables.ledger === undefined
  if (isNew && (await makeNew(state, ledger))) return 'new'
  for (let look = 1; look < mostLooks; look++) {
    const found = await lookOnce(state, ledger)
    if (found !== undefined) return found
  }
  const found = await lookOnce(state, ledger)
  if (found !== undefined) return found
  throw new MigrateError(
    'STATE_CHANGED',
    `The version table ${quoteTable(state.versionTable.table)} is made and removed by somebody else all the time`,
  )
}

/**
 * Looks at the tables, and reads them in the same message where that was found to be safe before. Nothing where a table
 * was missing that is there by now.
 */
const lookOnce = async (
  state: DriverState,
  ledger: TableName | undefined,
): Promise<Tables | 'new' | undefined> => {
  const { session, tables: known } = state
  const { table } = state.versionTable
  const wanted = ledger === undefined ? [table] : [table, ledger]
  const readsLedger = known.ledger !== undefined && ledgerFault(state, known.ledger) === undefined
  const reads =
    known.versionTable !== undefined && isVersionTable(state, known.versionTable)
      ? [selectRows(table, readsLedger ? ledger : undefined)]
      : []
  const [looked = [], read] = await session.queryEach(
    [selectTables(wanted), ...reads],
    `The tables ${wanted.map(quoteTable).join(' and ')} could not be looked at`,
  )
  if (isMigrateError(looked)) throw looked
  const [versionTable, history] = wanted.map((_, index) => {
    const row = looked.find(({ i }) => i === `${index}`)
    const facts = parseFacts(row?.['facts'])
    return row === undefined || facts === undefined ? undefined : usableOf(row, facts)
  })
  state.tables = { versionTable: versionTable?.facts, ledger: history?.facts ?? known.ledger }
  if (versionTable?.facts.more === true || history?.facts.more === true) {
    await lookAtTables(state)
    const { tables } = state
    // Somebody removed one in the same moment.
    const gone =
      (versionTable !== undefined && tables.versionTable === undefined) ||
      (history !== undefined && tables.ledger === undefined)
    if (gone) return undefined
  }
  if (versionTable === undefined && history === undefined) {
    return (await makeNew(state, ledger)) ? 'new' : await createOne(state, createVersionTable)
  }
  if (versionTable === undefined) return createOne(state, createVersionTable)
  checkVersionTable(state, state.tables.versionTable ?? versionTable.facts)
  if (ledger !== undefined && history === undefined) {
    const reason = await createLedger(state, ledger)
    return reason === undefined ? undefined : { versionTable, unusable: reason }
  }
  const unusable =
    history === undefined
      ? undefined
      : (ledgerFault(state, state.tables.ledger ?? history.facts) ??
        (history.select
          ? undefined
          : `rows may not be read from ${quoteTable(ledgerTableOf(table))}`))
  const [row] = read === undefined || isMigrateError(read) ? [] : read
  const isWhole = readsLedger === (history !== undefined && unusable === undefined)
  return {
    versionTable,
    unusable,
    ...(history === undefined ? {} : { ledger: history }),
    ...(row === undefined || !isWhole ? {} : { row }),
  }
}

/** Makes one table. Whether it did or somebody else was first, it has to be looked at. */
const createOne = async (
  state: DriverState,
  create: (state: DriverState) => Promise<unknown>,
): Promise<undefined> => {
  await create(state)
}

const isVersionTable = ({ versionTable, settings }: DriverState, facts: TableFacts): boolean =>
  versionTableProblem(versionTable.table, facts, settings.trustVersionTable) === undefined

const ledgerFault = (state: DriverState, facts: TableFacts): string | undefined =>
  ledgerProblem(state, facts)?.reason

const createVersionTable = async ({ session, versionTable }: DriverState): Promise<void> => {
  const what = `The version table ${quoteTable(versionTable.table)} could not be created`
  await createTable(session, versionTableDefinition(versionTable.table), what)
}

/** The reason where it cannot be made. */
const createLedger = async (state: DriverState, table: TableName): Promise<string | undefined> => {
  const what = `The ledger ${quoteTable(table)} could not be created`
  try {
    await createTable(state.session, ledgerDefinition(table), what)
    return undefined
  } catch (error) {
    if (!isDenied(error)) throw error
    await rollBack(state)
    return error.message
  }
}

const missingInsert = (table: TableName, found: Usable | undefined): string | undefined =>
  found?.insert === true ? undefined : `rows may not be inserted into ${quoteTable(table)}`

const newerFormat = (table: TableName, row: Row): string | undefined => {
  const format = row['format']
  return Number(format ?? 0) > ledgerFormat
    ? `${quoteTable(table)} was written by a newer release of mig (format ${format})`
    : undefined
}

/** Version row, number of its rows, and the newest event of the ledger, as far as there is one to read. */
const selectRows = (versionTable: TableName, ledger: TableName | undefined): string => {
  const table = quoteTable(versionTable)
  const [columns, newest] =
    ledger === undefined
      ? ['', '']
      : [
          ', h.id, h.format, h.to_version AS recorded_version, h.dirty AS recorded_dirty',
          ` LEFT JOIN (SELECT id, format, to_version, dirty FROM ${quoteTable(ledger)} ORDER BY id DESC LIMIT 1) AS h ON true`,
        ]
  return (
    `SELECT m.version, m.dirty, (SELECT pg_catalog.count(*) FROM ${table}) AS rows, ` +
    `(SELECT pg_catalog.count(*) FROM ${table} WHERE version IS NULL OR dirty IS NULL) AS nulls${columns} ` +
    `FROM (SELECT 1) AS one LEFT JOIN ${versionRow(versionTable)} AS m ON true${newest}`
  )
}

const readRows = async (
  { session, versionTable }: DriverState,
  ledger: TableName | undefined,
): Promise<Row> => {
  const [row = {}] = await session.query(
    selectRows(versionTable.table, ledger),
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
