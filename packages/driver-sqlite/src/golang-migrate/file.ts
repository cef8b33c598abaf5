import type { DatabaseSync } from 'node:sqlite'
import type { SqliteClient, SqliteDropInOptions } from './url.ts'

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
  const sqlite = await quietly(() => import('node:sqlite'))
  const database = new sqlite.DatabaseSync(options.file, {
    enableForeignKeyConstraints: false,
    enableDoubleQuotedStringLiterals: true,
  })
  database.exec(`pragma busy_timeout = ${options.busyTimeoutMs}`)
  for (const pragma of options.pragmas) database.exec(pragma)
  return database
}

/** Nobody who runs `migrate` has a use for the line that calls this module of Node experimental. */
const quietly = async <Value>(load: () => Promise<Value>): Promise<Value> => {
  const kept = Object.getOwnPropertyDescriptor(process, 'emitWarning')
  process.emitWarning = () => {}
  try {
    return await load()
  } finally {
    if (kept !== undefined) Object.defineProperty(process, 'emitWarning', kept)
  }
}
