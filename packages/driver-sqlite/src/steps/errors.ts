import { isMigrateError, MigrateError } from '@mig/core/driver'
import { unwritable } from '../connect/file.ts'

/** The `INVALID_OPTION` error. */
export const invalidOption = (option: string, message: string, hint?: string): MigrateError =>
  new MigrateError('INVALID_OPTION', message, {
    ...(hint === undefined ? {} : { hint }),
    details: { option },
  })

/** SQLite's result code, such as `SQLITE_CONSTRAINT_UNIQUE`, where the error is SQLite's. */
export const resultCode = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined
}

/** Another connection holds a lock that was needed. */
export const isBusy = (error: unknown): boolean =>
  resultCode(error)?.startsWith('SQLITE_BUSY') === true

/** The file or this connection to it cannot be written. */
export const isReadOnly = (error: unknown): boolean => {
  const code = resultCode(error)
  return code?.startsWith('SQLITE_READONLY') === true || code === 'SQLITE_CANTOPEN'
}

/** What an error says, whatever was thrown: an SQL function of the program can throw anything. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

const hints: readonly (readonly [prefix: string, hint: string])[] = [
  [
    'SQLITE_FULL',
    'Make room on the disk, or raise PRAGMA max_page_count, and run the command again.',
  ],
  [
    'SQLITE_READONLY',
    'The file, its folder or the connection is read-only: SQLite needs to write the file and a journal beside it.',
  ],
  [
    'SQLITE_CANTOPEN',
    'SQLite makes a journal beside the database: check the rights on the folder.',
  ],
  ['SQLITE_IOERR', 'The file system refused to read or write: look at the disk and at its log.'],
  [
    'SQLITE_CORRUPT',
    'The file is damaged. Take a copy, look at it with "PRAGMA integrity_check", and restore a backup.',
  ],
  ['SQLITE_NOTADB', 'The file is no SQLite database, or it is encrypted. Check the path.'],
  ['SQLITE_BUSY', 'Another connection writes to the database, or reads it for a long time.'],
]

/** What to do about an error of the file or the disk. */
export const hintOf = (code: string | undefined): string | undefined =>
  hints.find(([prefix]) => code?.startsWith(prefix) === true)?.[1]

/** The same, with the file or folder that may not be written, where that is the reason. */
export const hintAt = (error: unknown, path: string): string | undefined => {
  const problem = isReadOnly(error) ? unwritable(path) : undefined
  return problem === undefined
    ? hintOf(resultCode(error))
    : `The migration is fine, but ${problem}. Change its owner or mode, or run mig as its owner.`
}

/** The error for a statement of mig's own that SQLite refused. `path` is the database's. */
export const databaseError = (error: unknown, action: string, path = ''): MigrateError => {
  if (isMigrateError(error)) return error
  const serverCode = resultCode(error)
  const hint = hintAt(error, path)
  return new MigrateError('DATABASE_FAILED', `Could not ${action}: ${messageOf(error)}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(serverCode === undefined ? {} : { details: { serverCode } }),
    cause: error,
  })
}

/** The error for a database that could not be opened. Waiting does not help with a file. */
export const connectionError = (
  message: string,
  hint: string | undefined,
  cause?: unknown,
): MigrateError =>
  new MigrateError('CONNECTION_FAILED', message, {
    ...(hint === undefined ? {} : { hint }),
    details: { retryable: false },
    cause,
  })
