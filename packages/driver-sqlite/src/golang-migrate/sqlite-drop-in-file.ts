import type { DatabaseSync } from 'node:sqlite'
import type { SqliteClient, SqliteDropInOptions } from './sqlite-drop-in-url.ts'

/** An error of SQLite in the words of golang-migrate's client. */
export const clientText = (error: unknown, client: SqliteClient): string => {
  const { message } = error as Error
  const { errcode: code, errstr: text } = error as { errcode?: number; errstr?: string }
  if (code === undefined || text === undefined || client === 'mattn') return message
  const busy = code === 5 ? ' (SQLITE_BUSY)' : ''
  return message === text ? `${text} (${code})${busy}` : `${text}: ${message} (${code})${busy}`
}

/**
 * Opens a file with the SQLite of Node: as golang-migrate's clients, and unlike better-sqlite3, it takes double-quoted
 * strings and `file:` URIs, leaves foreign keys off and reports SQLite's own error numbers.
 */
export const openFile = async (options: SqliteDropInOptions): Promise<DatabaseSync> => {
  const { DatabaseSync } = await importSqlite()
  const database = new DatabaseSync(options.file, {
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  })
  database.exec(`pragma busy_timeout = ${options.busyTimeoutMs}`)
  for (const pragma of options.pragmas) database.exec(pragma)
  return database
}

/** Nobody who runs `migrate` has a use for the line that calls this module of Node experimental. */
const importSqlite = async (): Promise<typeof import('node:sqlite')> => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return await import('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
