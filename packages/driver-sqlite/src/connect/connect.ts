import { isMigrateError } from '@mig/core/driver'
import { openClient, type SqliteClient } from './client.ts'
import { SqliteConnection } from '../session/session.ts'
import {
  connectionError,
  hintOf,
  isBusy,
  isReadOnly,
  messageOf,
  resultCode,
} from '../steps/errors.ts'
import { inspectFile } from './file.ts'
import { whenFree } from '../lock/lock.ts'
import type { SqliteConfiguration } from './options.ts'
import { readPragma } from '../session/pragma-snapshot.ts'
import { columnsOf } from '../tables/version-table.ts'
import { changesFile, setPragmas, type PragmaSetting } from './pragmas.ts'

/**
 * Opens the database for reading. Answers nothing where there is no file yet: that is a database with nothing applied.
 * Throws `CONNECTION_FAILED`.
 */
export const openForReading = async (
  configuration: SqliteConfiguration,
): Promise<SqliteConnection | undefined> => {
  const { client, path } = configuration
  if (client !== undefined) return handedIn(client, configuration)
  if (path === ':memory:') return open(configuration, false)
  return isThere(path) ? open(configuration, true) : undefined
}

/** Opens the database for writing, and makes the file where the URL does not forbid it. Throws `CONNECTION_FAILED`. */
export const openForWriting = async (
  configuration: SqliteConfiguration,
): Promise<SqliteConnection> => {
  const { client, path, create } = configuration
  if (client !== undefined) return handedIn(client, configuration)
  if (path !== ':memory:' && !isThere(path) && !create) {
    throw connectionError(`There is no file "${path}"`, 'mode=ro and mode=rw make none.')
  }
  return open(configuration, !create)
}

/** SQLite's own default, in KB. The client's 16 MB help with scripts of many megabytes only, and every run keeps them. */
const cacheSize: PragmaSetting = { name: 'cache_size', value: '-2000' }

const open = async (
  configuration: SqliteConfiguration,
  fileMustExist: boolean,
): Promise<SqliteConnection> => {
  const { path, migrationsTable, patienceMs, pragmas } = configuration
  const client = await openFile(configuration, fileMustExist)
  try {
    requireDatabase(client, path)
    const connection = new SqliteConnection(client, { owned: true, migrationsTable, patienceMs })
    const settings = [cacheSize, ...pragmas.filter((pragma) => !changesFile(pragma))]
    const isTimeout = ({ name }: PragmaSetting): boolean => name === 'busy_timeout'
    setPragmas(client, settings.filter(isTimeout))
    // Some of the others read the file's schema first, which another process may keep for itself just then.
    await whenFree(connection, 'set up the connection', () =>
      setPragmas(
        client,
        settings.filter((pragma) => !isTimeout(pragma)),
      ),
    )
    return connection
  } catch (error) {
    client.close()
    throw error
  }
}

/** A client of the program: what is set on it is put back at the end. */
const handedIn = (
  client: SqliteClient,
  { pragmas, migrationsTable, patienceMs }: SqliteConfiguration,
): SqliteConnection => {
  if (!client.open) throw connectionError('The SQLite client handed in is closed', undefined)
  const before = pragmas.map(({ name }) => ({ name, value: readPragma(client, name) }))
  setPragmas(client, pragmas)
  return new SqliteConnection(client, { owned: false, migrationsTable, patienceMs, before })
}

/** Whether there is a file to open. Throws where there can be none. */
const isThere = (path: string): boolean => {
  switch (inspectFile(path)) {
    case 'no-folder':
      throw connectionError(
        `There is no folder for "${path}"`,
        'Make the folder first, or check the path.',
      )
    case 'folder':
      throw connectionError(`"${path}" is a folder, no database file`, 'Name a file in it.')
    case 'missing':
      return false
    case 'file':
    case 'unreachable':
      return true
  }
}

const openFile = async (
  { path, readonly }: SqliteConfiguration,
  fileMustExist: boolean,
): Promise<SqliteClient> => {
  try {
    return await openClient({ path, readonly: readonly && path !== ':memory:', fileMustExist })
  } catch (error) {
    if (isMigrateError(error)) throw error
    throw connectionError(
      `Could not open "${path}": ${messageOf(error)}`,
      'Check the rights on the file and its folder.',
      error,
    )
  }
}

/** SQLite opens anything and looks at it with the first read. */
const requireDatabase = (client: SqliteClient, path: string): void => {
  try {
    client.prepare('SELECT count(*) FROM sqlite_schema').get()
  } catch (error) {
    // Locked for now: that is for the run to wait for.
    if (isBusy(error)) return
    throw connectionError(
      `Could not read "${path}": ${messageOf(error)}`,
      isReadOnly(error)
        ? 'A database in WAL mode needs a folder that can be written, even to be read.'
        : hintOf(resultCode(error)),
      error,
    )
  }
}

/** Sets the PRAGMAs of the URL that change the file, where they are not set yet: that needs the file for itself. */
export const setFilePragmas = async (
  connection: SqliteConnection,
  pragmas: readonly PragmaSetting[],
): Promise<void> => {
  const { client } = connection
  for (const pragma of pragmas.filter(changesFile)) {
    await whenFree(connection, `set ${pragma.name}`, () => {
      if (readPragma(client, pragma.name) !== pragma.value.toLowerCase()) {
        setPragmas(client, [pragma])
      }
    })
  }
}

/** Product and version of the library. Without a file there is no connection to ask. */
export const readServer = async (connection: SqliteConnection | undefined): Promise<string> => {
  if (connection !== undefined) return `SQLite ${libraryVersion(connection.client)}`
  const client = await openClient({ path: ':memory:', readonly: false, fileMustExist: false })
  try {
    return `SQLite ${libraryVersion(client)}`
  } finally {
    client.close()
  }
}

const libraryVersion = (client: SqliteClient): string =>
  String(columnsOf(client.prepare('SELECT sqlite_version()').get())?.[0])
