import {
  emptyState,
  sameState,
  versionFromRow,
  versionToRow,
  type Version,
  type VersionState,
} from '@mig/core/driver'
import type { SqliteClient } from '../connect/client.ts'
import type { SqliteConnection } from '../session/session.ts'
import { rowProblem, untrusted, versionTableProblem } from './own-tables.ts'
import { quoteName } from '../session/pragma-snapshot.ts'

const tableExists = `SELECT 1 FROM main.sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?)`
const indexExists = `SELECT 1 FROM main.sqlite_schema WHERE type = 'index' AND lower(name) = 'version_unique'`

/** Whether a table is there. */
export const hasTable = (connection: SqliteConnection, name: string): boolean =>
  connection.statement(tableExists).get(name) !== undefined

/** Whether version table and index are as golang-migrate makes them. */
export const hasVersionTable = (connection: SqliteConnection): boolean =>
  hasTable(connection, connection.versionTableName) &&
  connection.statement(indexExists).get() !== undefined

/**
 * Creates the version table to the letter as golang-migrate does: SQLite keeps the text. The index has one name, so a
 * second version table in one file has none.
 */
export const createVersionTable = ({ client, versionTableName }: SqliteConnection): void => {
  const name = asWritten(client, versionTableName)
  client.exec(`CREATE TABLE IF NOT EXISTS main.${name} (version uint64,dirty bool)`)
  client.exec(`CREATE UNIQUE INDEX IF NOT EXISTS main.version_unique ON ${name} (version)`)
}

/** The name without quotes where SQLite takes it so. */
const asWritten = (client: SqliteClient, name: string): string => {
  if (!/^[a-z_]\w*$/i.test(name)) return quoteName(name)
  try {
    client.prepare(`SELECT 1 AS ${name}`)
    return name
  } catch {
    // A key word.
    return quoteName(name)
  }
}

/** A row's values, or nothing where the row is not there. */
export const columnsOf = (row: unknown): unknown[] | undefined =>
  typeof row === 'object' && row !== null ? Object.values(row) : undefined

/** The state that a row of the version table stands for. */
export const stateOfRow = (version: unknown, dirty: unknown, table: string): VersionState => {
  if (typeof version !== 'bigint') throw untrusted(rowProblem(table, 'version'))
  if (dirty === null || dirty === undefined) throw untrusted(rowProblem(table, 'dirty'))
  return { version: versionFromRow(version), dirty: Number(dirty) !== 0 }
}

/** Reads the version row. A missing table reads as nothing applied. Throws `VERSION_TABLE_UNTRUSTED` for a view. */
export const readVersion = (connection: SqliteConnection): VersionState => {
  if (!hasTable(connection, connection.versionTableName)) return emptyState
  requireTable(connection)
  const columns = columnsOf(
    connection.statement(`SELECT version, dirty FROM ${connection.versionTable} LIMIT 1`).get(),
  )
  if (columns === undefined) return emptyState
  return stateOfRow(columns[0], columns[1], connection.versionTableName)
}

/** What a view calls may be anything, and what other columns say is not known. Throws `VERSION_TABLE_UNTRUSTED`. */
export const requireTable = (connection: SqliteConnection): void => {
  // Nothing is written, and so no trigger runs.
  const problem = versionTableProblem(connection, true)
  if (problem !== undefined) throw untrusted(problem)
}

/** Replaces the version row. A clean "nothing applied" has no row. */
export const writeVersion = (connection: SqliteConnection, state: VersionState): void => {
  const { versionTable } = connection
  connection.statement(`DELETE FROM ${versionTable}`).run()
  if (state.version === null && !state.dirty) return
  connection
    .statement(`INSERT INTO ${versionTable} (version, dirty) VALUES (?, ?)`)
    .run(versionToRow(state.version), state.dirty ? 1 : 0)
}

/** The first write of a step: (from, clean) becomes (to, dirty), or nothing happens. */
export const markDirty = (
  connection: SqliteConnection,
  from: Version | null,
  to: Version | null,
): boolean => {
  const { versionTable } = connection
  if (from !== null) {
    const { changes } = connection
      .statement(
        `UPDATE ${versionTable} SET version = ?, dirty = 1
         WHERE version = ? AND dirty = 0 AND (SELECT count(*) FROM ${versionTable}) = 1`,
      )
      .run(versionToRow(to), from)
    if (Number(changes) === 1) return true
  }
  if (!sameState(readVersion(connection), { version: from, dirty: false })) return false
  writeVersion(connection, { version: to, dirty: true })
  // A trigger may have undone it.
  return sameState(readVersion(connection), { version: to, dirty: true })
}

/** Between two steps of one transaction: (from, dirty) becomes (to, dirty), or nothing happens. */
export const moveDirty = (
  connection: SqliteConnection,
  from: Version | null,
  to: Version | null,
): boolean => {
  const { versionTable } = connection
  const { changes } = connection
    .statement(
      `UPDATE ${versionTable} SET version = ?
       WHERE version = ? AND dirty = 1 AND (SELECT count(*) FROM ${versionTable}) = 1`,
    )
    .run(versionToRow(to), versionToRow(from))
  return Number(changes) === 1
}

/** The last write of a step: (to, dirty) becomes (to, clean), or nothing happens. */
export const markClean = (connection: SqliteConnection, to: Version | null): boolean => {
  const { versionTable } = connection
  const ours = `version = ? AND dirty = 1 AND (SELECT count(*) FROM ${versionTable}) = 1`
  const { changes } = connection
    .statement(
      to === null
        ? `DELETE FROM ${versionTable} WHERE ${ours}`
        : `UPDATE ${versionTable} SET dirty = 0 WHERE ${ours}`,
    )
    .run(versionToRow(to))
  return Number(changes) === 1
}
