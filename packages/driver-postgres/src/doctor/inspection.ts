import {
  type Inspection,
  type InspectionRequest,
  isMigrateError,
  MigrateError,
  type Observation,
} from '@mig/core/driver'
import { inspectScripts } from './catalog.ts'
import { excessRights } from './excess-rights.ts'
import { readInvalidIndexes } from './invalid-indexes.ts'
import { ledgerTableOf, milliseconds } from '../tables/ledger.ts'
import {
  catalogName,
  equals,
  isOneOf,
  operator,
  quoteIdentifier,
  quoteLiteral,
  quoteTable,
  type TableName,
} from '../tables/quote.ts'
import type { PostgresSession } from '../session/session.ts'
import type { DriverState } from '../state.ts'
import { lookAtTables, missingColumns } from '../tables/trust.ts'
import {
  allFactsOfTable,
  isPlainTable,
  nullProblem,
  parseFacts,
  problemOf,
  type TableProblem,
  versionTableProblem,
} from '../tables/own-tables.ts'
import { selectVersion, stateOfRow } from '../tables/version-table.ts'

const what = 'The database could not be inspected'

/** Looks at what explains the state of the database, and changes nothing. */
export const inspect = async (
  state: DriverState,
  lockTable: TableName,
  { scripts }: InspectionRequest,
): Promise<Inspection> => {
  const [row = {}] = await state.session.query(
    `SELECT ${milliseconds('pg_catalog.clock_timestamp()')} AS now`,
    what,
  )
  const observations: Observation[] = []
  for (const observe of [
    readOnly,
    lockHolder,
    (from: DriverState) => lockRow(from, lockTable),
    ownTables,
    (from: DriverState) => lockTableProblem(from, lockTable),
    rights,
    excessRights,
    otherVersionTables,
    extraRows,
    invalidIndexes,
    ledger,
    durability,
  ]) {
    observations.push(...(await allowed(() => observe(state))))
  }
  return {
    scripts: await inspectScripts(state, scripts),
    observations,
    wholeScripts: !state.settings.multiStatement,
    serverTime: new Date(Number(row['now'])),
  }
}

/** What may not be looked at is left out: the rest is worth knowing all the same. */
const allowed = async (
  observe: () => Promise<readonly Observation[]>,
): Promise<readonly Observation[]> => {
  try {
    return await observe()
  } catch (error) {
    if (isMigrateError(error) && error.details.serverCode === '42501') return []
    throw error
  }
}

/** Removes an index that is INVALID. Throws `INVALID_OPTION` for one that is not, or not any more. */
export const dropInvalidIndex = async (state: DriverState, name: string): Promise<void> => {
  const invalid = await readInvalidIndexes(state.session)
  if (!invalid.some((index) => index.name === name)) {
    throw new MigrateError('INVALID_OPTION', `${name} is not an INVALID index`)
  }
  await state.session.query(dropCommand(name), `The index ${name} could not be dropped`)
}

const dropCommand = (name: string): string => `DROP INDEX CONCURRENTLY ${name}`

const readOnly = async ({ session }: DriverState): Promise<Observation[]> => {
  const [row] = await session.query(
    'SELECT pg_catalog.pg_is_in_recovery() AS standby, ' +
      "pg_catalog.current_setting('default_transaction_read_only') AS setting",
    what,
  )
  if (row?.['standby'] === 't') return [{ kind: 'read-only', reason: 'the server is a standby' }]
  if (row?.['setting'] !== 'on') return []
  return [{ kind: 'read-only', reason: 'default_transaction_read_only is on' }]
}

const lockHolder = async ({ session, lock }: DriverState): Promise<Observation[]> => {
  if (lock.strategy === 'table' || lock.held) return []
  const holder = await lock.holder(session)
  return holder === undefined ? [] : [{ kind: 'lock-held', holder }]
}

const lockRow = async (
  { session, lock }: DriverState,
  table: TableName,
): Promise<Observation[]> => {
  if (lock.held || (await problemOfLockTable(session, table)) !== undefined) return []
  if (!(await exists({ session }, table))) return []
  const name = quoteTable(table)
  const [row] = await session.query(`SELECT pg_catalog.count(*) AS rows FROM ${name}`, what)
  return row?.['rows'] === '0' ? [] : [{ kind: 'lock-row', table: name }]
}

const exists = async (
  { session }: Pick<DriverState, 'session'>,
  table: TableName,
): Promise<boolean> => {
  const [row] = await session.query(
    `SELECT pg_catalog.to_regclass(${quoteLiteral(quoteTable(table))}) IS NOT NULL AS there`,
    what,
  )
  return row?.['there'] === 't'
}

/** What a migration user needs, and what happens without it. */
const rights = async (state: DriverState): Promise<Observation[]> => {
  const { session, versionTable, facts } = state
  const { schema } = versionTable.table
  const [row = {}] = await session.query(
    `SELECT current_user AS me, pg_catalog.has_schema_privilege(${quoteLiteral(schema)}, 'CREATE') AS make`,
    what,
  )
  const me = quoteIdentifier(row['me'] ?? '')
  const missing = (right: string, consequence: string, command: string): Observation => ({
    kind: 'missing-right',
    what: right,
    consequence,
    command: `${command} TO ${me}`,
  })
  const observations: Observation[] = []
  const there = await exists(state, versionTable.table)
  const makes = row['make'] === 't'
  if (!makes) {
    observations.push(
      missing(
        `create anything in the schema ${schema} of ${facts.database}`,
        there
          ? 'Migrations that create something there fail, and no ledger can be made.'
          : 'The version table cannot be made, so that nothing can run.',
        `GRANT CREATE ON SCHEMA ${quoteIdentifier(schema)}`,
      ),
    )
  }
  if (there) observations.push(...(await versionTableRights(state, missing)))
  const history = ledgerTableOf(versionTable.table)
  if (await exists(state, history)) {
    const may = await tableRights(state, history, ['SELECT', 'INSERT'])
    if (may.missing.length > 0) {
      const name = quoteTable(history)
      observations.push(
        missing(
          `${may.missing.join(' and ')} on the ledger ${name}`,
          'What runs is not put on record.',
          `GRANT SELECT, INSERT ON ${name}`,
        ),
      )
    }
  }
  return observations
}

const versionTableRights = async (
  state: DriverState,
  missing: (right: string, consequence: string, command: string) => Observation,
): Promise<Observation[]> => {
  const { table } = state.versionTable
  const name = quoteTable(table)
  const needed = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']
  const may = await tableRights(state, table, needed)
  const lacking = may.missing.filter((right) => right !== 'TRUNCATE')
  if (lacking.length === 0) return []
  const truncates =
    !may.missing.includes('TRUNCATE') && !lacking.includes('SELECT') && !lacking.includes('INSERT')
  return [
    missing(
      `${lacking.join(', ')} on the version table ${name}`,
      truncates
        ? 'The version is written with TRUNCATE instead, which makes everybody wait who reads it during a migration.'
        : 'The version cannot be written, so that nothing can run.',
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}`,
    ),
  ]
}

const tableRights = async (
  { session }: DriverState,
  table: TableName,
  names: readonly string[],
): Promise<{ readonly missing: readonly string[] }> => {
  const name = quoteLiteral(quoteTable(table))
  const columns = names.map(
    (right) => `pg_catalog.has_table_privilege(${name}, '${right}') AS "${right}"`,
  )
  const [row = {}] = await session.query(`SELECT ${columns.join(', ')}`, what)
  return { missing: names.filter((right) => row[right] !== 't') }
}

const mostOthers = 3

/** Version tables of the same name that another search path would find. */
const otherVersionTables = async ({
  session,
  versionTable,
}: DriverState): Promise<Observation[]> => {
  const { schema, name } = versionTable.table
  const column = (attribute: string): string =>
    `EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid ${equals} c.oid ` +
    `AND a.attname ${equals} '${attribute}'::pg_catalog.name AND NOT a.attisdropped)`
  const rows = await session.query(
    `SELECT n.nspname AS schema, n.nspname ${equals} ANY (pg_catalog.current_schemas(false)) AS reachable ` +
      `FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid ${equals} c.relnamespace ` +
      `WHERE c.relname ${equals} ${catalogName(name)} AND n.nspname ${operator('<>')} ${catalogName(schema)} ` +
      `AND ${isPlainTable('c')} AND ${column('version')} AND ${column('dirty')} ` +
      "AND pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY n.nspname",
    what,
  )
  const own = await exists({ session }, versionTable.table)
  // Many of them are one schema per tenant, and no mistake.
  const told = rows.filter(
    ({ reachable }) => reachable === 't' || !own || rows.length <= mostOthers,
  )
  const observations: Observation[] = []
  for (const row of told.slice(0, mostOthers)) {
    const table = { schema: row['schema'] ?? '', name }
    const [found] = await session.query(selectVersion(table), what)
    observations.push({
      kind: 'other-version-table',
      table: quoteTable(table),
      state: stateOfRow(found),
    })
  }
  return observations
}

const extraRows = async (state: DriverState): Promise<Observation[]> => {
  const { table } = state.versionTable
  const { versionTable } = state.tables
  if (versionTable === undefined || versionTableProblemOf(state) !== undefined) return []
  const name = quoteTable(table)
  const [row] = await state.session.query(
    `SELECT (SELECT version FROM ${name} LIMIT 1) AS version, pg_catalog.count(*) AS rows, ` +
      `pg_catalog.count(*) FILTER (WHERE version IS NULL OR dirty IS NULL) AS nulls FROM ${name}`,
    what,
  )
  if (row?.['nulls'] !== '0') return [{ kind: 'untrusted-table', ...nullProblem(table) }]
  const rows = Number(row['rows'])
  if (rows <= 1) return []
  const command = `DELETE FROM ${name} WHERE version <> ${row['version'] ?? ''}`
  return [{ kind: 'extra-rows', rows, command }]
}

const versionTableProblemOf = ({
  versionTable,
  tables,
  settings,
}: DriverState): TableProblem | undefined =>
  tables.versionTable === undefined
    ? undefined
    : versionTableProblem(versionTable.table, tables.versionTable, settings.trustVersionTable)

/** What is wrong with the tables of mig's own, so that they are not used. */
const ownTables = async (state: DriverState): Promise<Observation[]> => {
  await lookAtTables(state)
  const { ledger: history } = state.tables
  const table = ledgerTableOf(state.versionTable.table)
  const problems = [
    versionTableProblemOf(state),
    history === undefined ? undefined : problemOf(table, history, state.settings.trustVersionTable),
  ]
  return problems.flatMap((problem) =>
    problem === undefined ? [] : [{ kind: 'untrusted-table', ...problem }],
  )
}

const lockTableProblem = async (
  { session }: DriverState,
  table: TableName,
): Promise<Observation[]> => {
  const problem = await problemOfLockTable(session, table)
  return problem === undefined ? [] : [{ kind: 'untrusted-table', ...problem }]
}

const problemOfLockTable = async (
  session: PostgresSession,
  table: TableName,
): Promise<TableProblem | undefined> => {
  const [row] = await session.query(`SELECT ${allFactsOfTable(table)} AS facts`, what)
  const facts = parseFacts(row?.['facts'])
  return facts === undefined ? undefined : problemOf(table, facts, false)
}

const invalidIndexes = async ({ session }: DriverState): Promise<Observation[]> =>
  (await readInvalidIndexes(session)).map(({ name, table }) => ({
    kind: 'invalid-index',
    name,
    table,
    command: dropCommand(name),
  }))

const ledger = async ({ tables, versionTable }: DriverState): Promise<Observation[]> => {
  if (tables.ledger === undefined) return []
  const problem = missingColumns(ledgerTableOf(versionTable.table), tables.ledger)
  return problem === undefined ? [] : [{ kind: 'ledger-unusable', reason: problem.reason }]
}

const consequences: Readonly<Record<string, string>> = {
  fsync: 'A crash of the machine can lose what was committed, and damage the database.',
  full_page_writes: 'A crash of the machine can damage the database.',
  synchronous_commit:
    'A crash of the server can lose what was committed a moment before. mig waits for the disk all the same when a run ends.',
}

const durability = async ({ session }: DriverState): Promise<Observation[]> => {
  const names = Object.keys(consequences)
  const rows = await session.query(
    `SELECT name, setting FROM pg_catalog.pg_settings WHERE ${isOneOf('name', names)} ` +
      `AND setting ${equals} 'off' ORDER BY name`,
    what,
  )
  return rows.map(({ name, setting }) => ({
    kind: 'weak-durability',
    setting: name ?? '',
    value: setting ?? '',
    consequence: consequences[name ?? ''] ?? '',
  }))
}
