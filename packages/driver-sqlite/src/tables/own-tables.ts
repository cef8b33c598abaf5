import { MigrateError } from '@mig/core/driver'
import type { SqliteConnection } from '../session/session.ts'
import { quoteName } from '../session/pragma-snapshot.ts'

const triggersMeant =
  'If it is meant to be there, --trust-version-table, or x-trust-version-table=true in the database URL, accepts it. If not, remove it:'

/** Why a table is not used as it is. `reason` names it, `command` repairs it where one statement can. */
export interface TableProblem {
  readonly reason: string
  readonly command?: string
  /** What to do where the table is meant to be so, up to the command for where it is not. */
  readonly meant?: string
}

const valuesOf = (row: unknown): unknown[] =>
  typeof row === 'object' && row !== null ? Object.values(row) : []

const selectType = `SELECT type FROM pragma_table_list(?) WHERE schema = 'main'`
const selectTriggers =
  `SELECT name FROM main.sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?) ` +
  `UNION ALL SELECT name FROM sqlite_temp_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?)`
const selectColumns = `SELECT lower(name), upper(type) FROM pragma_table_xinfo(?, 'main')`

/** Whether what is there is something else than a table. Nothing reads or writes it then. */
const typeProblem = (connection: SqliteConnection, name: string): TableProblem | undefined => {
  const [type] = valuesOf(connection.statement(selectType).get(name))
  if (typeof type !== 'string' || type === 'table') return undefined
  return { reason: `"${name}" is a ${type}${type === 'view' ? '' : ' table'}, not a table` }
}

/** Whether a table may not be written, whatever its columns are. With `trusted` it may have triggers. */
export const kindProblem = (
  connection: SqliteConnection,
  name: string,
  trusted: boolean,
): TableProblem | undefined => {
  const type = typeProblem(connection, name)
  if (type !== undefined || trusted) return type
  const triggers = connection
    .statement(selectTriggers)
    .all(name, name)
    .map((row) => String(valuesOf(row)[0]))
  const [trigger] = triggers
  if (trigger === undefined) return undefined
  const shown = triggers.map((one) => `"${one}"`).join(', ')
  return {
    reason: `"${name}" has the trigger ${shown}, which runs with every write of mig`,
    meant: triggersMeant,
    command: `DROP TRIGGER ${quoteName(trigger)}`,
  }
}

/** Whether a column of a declared type changes the integers that are written to it, as SQLite's rules have it. */
const changesIntegers = (type: string): boolean =>
  !type.includes('INT') && /CHAR|CLOB|TEXT|REAL|FLOA|DOUB/.test(type)

/** Why a table is not a version table: something else is there, a column is missing, or of a type that changes numbers. */
export const versionTableProblem = (
  connection: SqliteConnection,
  trusted: boolean,
): TableProblem | undefined => {
  const { versionTableName } = connection
  const kind = kindProblem(connection, versionTableName, trusted)
  if (kind !== undefined) return kind
  const columns = new Map(
    connection
      .statement(selectColumns)
      .all(versionTableName)
      .map((row) => {
        const [column, type] = valuesOf(row)
        return [String(column), String(type)]
      }),
  )
  if (columns.size === 0) return undefined
  const missing = ['version', 'dirty'].filter((column) => !columns.has(column))
  if (missing.length > 0) {
    return {
      reason: `"${versionTableName}" has no column ${missing.join(' and no column ')}: it is the table of another tool`,
    }
  }
  const type = columns.get('version') ?? ''
  if (!changesIntegers(type)) return undefined
  return {
    reason: `the column version of "${versionTableName}" is of the type ${type}, which does not keep integers as they are`,
  }
}

/** A row whose version or dirty mark is not a number. Which version it is only a person can tell. */
export const rowProblem = (name: string, column: 'version' | 'dirty'): TableProblem => ({
  reason: `a row of "${name}" has no integer as its ${column}`,
  command:
    column === 'dirty'
      ? `UPDATE ${quoteName(name)} SET dirty = 0 WHERE typeof(dirty) <> 'integer'`
      : `UPDATE ${quoteName(name)} SET version = VERSION WHERE typeof(version) <> 'integer'`,
})

/** The `VERSION_TABLE_UNTRUSTED` error. */
export const untrusted = ({ reason, command, meant }: TableProblem): MigrateError =>
  new MigrateError('VERSION_TABLE_UNTRUSTED', `The version table is not used: ${reason}`, {
    hint:
      command === undefined
        ? 'Name another table with --migrations-table, or put a plain table with the columns version and dirty in its place.'
        : `${meant ?? 'Look at the table, then repair it with:'} ${command}`,
  })
