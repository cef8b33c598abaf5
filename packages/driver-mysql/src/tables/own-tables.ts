import { MigrateError } from '@mig/core/driver'
import type { MysqlSession } from '../session/session.ts'
import type { ServerFacts } from '../connect/server.ts'
import { identifier, qualified, text } from './quote.ts'

interface Column {
  readonly type: string
}

/** What there is in the place of one of mig's tables. */
export interface OwnTable {
  readonly database: string
  readonly name: string
  /** `BASE TABLE`, `VIEW` and so on. */
  readonly type: string
  readonly engine: string
  /** By their names in lower case. */
  readonly columns: ReadonlyMap<string, Column>
  readonly triggers: readonly string[]
}

const triggersMeant =
  'If it is meant to be there, --trust-version-table, or x-trust-version-table=true in the database URL, accepts it. If not, remove it:'

/** Why a table is not used as it is. `reason` names it, `command` repairs it where one statement can. */
export interface TableProblem {
  readonly reason: string
  readonly command?: string
  /** What to do where the table is meant to be so, up to the command for where it is not. */
  readonly meant?: string
}

const rowsOfBoth = (database: string, names: readonly string[], prefix: string): string =>
  `${prefix}_schema = ${text(database)} AND ${prefix}_${prefix === 'table' ? 'name' : 'table'} IN (${names.map((name) => text(name)).join(', ')})`

/** Looks at what is there under these names, in one message. Names that have nothing are not in the answer. */
export const inspectTables = async (
  session: MysqlSession,
  database: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, OwnTable>> => {
  const where = rowsOfBoth(database, names, 'table')
  const [tables, columns, triggers] = await session.query(
    `SELECT table_name, table_type, engine FROM information_schema.tables WHERE ${where}`,
    `SELECT table_name, LOWER(column_name), data_type FROM information_schema.columns WHERE ${where}`,
    'SELECT event_object_table, trigger_name FROM information_schema.triggers ' +
      `WHERE ${rowsOfBoth(database, names, 'event_object')}`,
  )
  const found = new Map<string, OwnTable>()
  for (const [name, type, engine] of tables?.rows ?? []) {
    const isOf = ([table = null]: readonly (string | null)[]): boolean => table === name
    found.set(name ?? '', {
      database,
      name: name ?? '',
      type: type ?? '',
      engine: engine ?? '',
      columns: new Map(
        (columns?.rows ?? [])
          .filter(isOf)
          .map(([, column, dataType]) => [column ?? '', { type: (dataType ?? '').toLowerCase() }]),
      ),
      triggers: (triggers?.rows ?? []).filter(isOf).map(([, trigger]) => trigger ?? ''),
    })
  }
  return found
}

/** The table of a name, which servers that ignore case may have spelt in their own way. */
export const ownTable = (
  tables: ReadonlyMap<string, OwnTable>,
  name: string,
): OwnTable | undefined =>
  tables.get(name) ??
  [...tables.values()].find((table) => table.name.toLowerCase() === name.toLowerCase())

/** They lose rows, keep none, or keep them elsewhere. */
const unfitEngines = new Set([
  'ARCHIVE',
  'BLACKHOLE',
  'CONNECT',
  'CSV',
  'FEDERATED',
  'MEMORY',
  'MRG_MYISAM',
  'SPIDER',
])

/** Why a table may not be written, whatever its columns are. With `trusted` it may have triggers. */
export const kindProblem = (table: OwnTable, trusted: boolean): TableProblem | undefined => {
  const { database, name, type, engine, triggers } = table
  const shown = qualified(database, name)
  // MariaDB has a type of its own for tables that keep their history.
  if (type !== 'BASE TABLE' && type !== 'SYSTEM VERSIONED') {
    return { reason: `${shown} is a ${type.toLowerCase()}, not a table` }
  }
  if (unfitEngines.has(engine.toUpperCase())) {
    return {
      reason: `${shown} has the engine ${engine}, which does not keep its rows safely`,
      command: `ALTER TABLE ${shown} ENGINE = InnoDB`,
    }
  }
  const [trigger] = triggers
  if (trigger !== undefined && !trusted) {
    return {
      reason: `${shown} has the trigger ${triggers.map(identifier).join(', ')}, which runs with every write of mig`,
      meant: triggersMeant,
      command: `DROP TRIGGER ${qualified(database, trigger)}`,
    }
  }
  return undefined
}

const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])

/** Why a table is not a version table: a column is missing, or of a type that changes what is written to it. */
export const versionTableProblem = (
  table: OwnTable,
  trusted: boolean,
): TableProblem | undefined => {
  const kind = kindProblem(table, trusted)
  if (kind !== undefined) return kind
  const shown = qualified(table.database, table.name)
  const missing = ['version', 'dirty'].filter((column) => !table.columns.has(column))
  if (missing.length > 0) {
    return {
      reason: `${shown} has no column ${missing.join(' and no column ')}: it is the table of another tool`,
    }
  }
  const wrong = [...table.columns].find(
    ([column, { type }]) => (column === 'version' || column === 'dirty') && !integers.has(type),
  )
  if (wrong === undefined) return undefined
  const [column, { type }] = wrong
  return {
    reason: `the column ${column} of ${shown} is of the type ${type}, which does not keep numbers as they are`,
    command: repairColumns(shown),
  }
}

/** Makes the columns what mig and golang-migrate make them. */
const repairColumns = (shown: string): string =>
  `ALTER TABLE ${shown} MODIFY version bigint NOT NULL, MODIFY dirty boolean NOT NULL`

/** A row that has no version, or does not say whether it is dirty. Which version it is only a person can tell. */
export const nullProblem = (shown: string, column: 'version' | 'dirty'): TableProblem => ({
  reason: `a row of ${shown} holds NULL as its ${column}`,
  command:
    column === 'dirty'
      ? `UPDATE ${shown} SET dirty = 0 WHERE dirty IS NULL; ${repairColumns(shown)}`
      : `UPDATE ${shown} SET version = VERSION, dirty = COALESCE(dirty, 0) WHERE version IS NULL; ${repairColumns(shown)}`,
})

/** The `VERSION_TABLE_UNTRUSTED` error. */
export const untrusted = ({ reason, command, meant }: TableProblem): MigrateError =>
  new MigrateError('VERSION_TABLE_UNTRUSTED', `The version table is not used: ${reason}`, {
    hint:
      command === undefined
        ? 'Name another table with --migrations-table, or put a plain table with the columns version and dirty in its place.'
        : `${meant ?? 'Look at the table, then repair it with:'} ${command}`,
  })

/** An expression that counts the views among some names. */
export const countViews = ({ flavor, database }: ServerFacts, names: readonly string[]): string => {
  // One name at a time: MariaDB looks all tables of the database over for a list.
  const one = (name: string): string => {
    const where = `table_schema = ${text(database)} AND table_name = ${text(name)}`
    return flavor === 'mariadb'
      ? `(SELECT COUNT(*) FROM information_schema.tables WHERE ${where} AND table_type LIKE '%VIEW')`
      : `(SELECT COUNT(*) FROM information_schema.views WHERE ${where})`
  }
  return names.map(one).join(' + ')
}
