import type { DatabaseSync } from 'node:sqlite'
import {
  joinErrors,
  lockedText,
  notLockedText,
  queryError,
  type DropInDriver,
  type DropInState,
} from '@mig/golang-migrate'
import { clientText, openFile } from './file.ts'
import { readSqliteDropInUrl, type SqliteDropInOptions } from './url.ts'

/** Opens an SQLite file as golang-migrate does. */
export const openDropIn = async (url: string): Promise<DropInDriver> => {
  const options = readSqliteDropInUrl(url)
  let database: DatabaseSync | undefined
  try {
    database = await openFile(options)
    database.exec(createTable(options.migrationsTable))
    return dropIn(database, options)
  } catch (error) {
    database?.close()
    throw new Error(clientText(error, options.client), { cause: error })
  }
}

const createTable = (table: string): string => `
  CREATE TABLE IF NOT EXISTS ${table} (version uint64,dirty bool);
  CREATE UNIQUE INDEX IF NOT EXISTS version_unique ON ${table} (version);`

const dropIn = (database: DatabaseSync, options: SqliteDropInOptions): DropInDriver => {
  const { migrationsTable: table, client, wrap, begin } = options
  let locked = false

  const fail = (error: unknown, query: string, message = ''): Error =>
    queryError({ client: clientText(error, client), query, message, cause: error })

  const execute = (query: string): Error | undefined => {
    try {
      database.exec(query)
      return undefined
    } catch (error) {
      return new Error(clientText(error, client), { cause: error })
    }
  }

  /** One transaction around queries. The error names the query that failed, as golang-migrate wrote it. */
  const inTransaction = (
    ...queries: readonly (readonly [query: string, shown?: string])[]
  ): void => {
    const notBegun = execute(begin)
    if (notBegun !== undefined) throw startFailed(notBegun)
    for (const [query, shown = query] of queries) {
      const failed = execute(query)
      if (failed === undefined) continue
      const joined = joinErrors(failed, execute('rollback')) ?? failed
      throw queryError({ client: joined.message, query: shown, cause: failed })
    }
    const notCommitted = execute('commit')
    if (notCommitted === undefined) return
    throw queryError({
      client: notCommitted.message,
      query: '',
      message: 'transaction commit failed',
      cause: notCommitted,
    })
  }

  const run = (query: string): void => {
    if (wrap) {
      inTransaction([query])
      return
    }
    const failed = execute(query)
    if (failed !== undefined) throw queryError({ client: failed.message, query, cause: failed })
  }

  return {
    lock: async () => {
      if (locked) throw new Error(lockedText)
      locked = true
    },
    unlock: async () => {
      if (!locked) throw new Error(notLockedText)
      locked = false
    },
    run: async (script) => run(decode(script)),
    setVersion: async (version, dirty) => {
      const insert = `INSERT INTO ${table} (version, dirty) VALUES `
      const values = `(${version}, ${dirty ? 1 : 0})`
      const written = version >= 0n || (version === -1n && dirty)
      inTransaction(
        [`DELETE FROM ${table}`],
        ...(written ? [[`${insert}${values}`, `${insert}(?, ?)`] as const] : []),
      )
    },
    version: async () => {
      const query = `SELECT version, dirty FROM ${table} LIMIT 1`
      try {
        const statement = database.prepare(query)
        statement.setReadBigInts(true)
        return readState(statement.get())
      } catch (error) {
        // golang-migrate takes any error for "no migration" and would apply everything again.
        throw fail(error, query)
      }
    },
    drop: async () => {
      const drops = tablesToDrop(database).map((name) => `DROP TABLE IF EXISTS ${quoteName(name)}`)
      for (const query of [...drops, 'VACUUM']) {
        const failed = execute(query)
        if (failed !== undefined) throw queryError({ client: failed.message, query, cause: failed })
      }
    },
    close: async () => database.close(),
  }
}

const startFailed = (error: Error): Error =>
  queryError({
    client: error.message,
    query: '',
    message: 'transaction start failed',
    cause: error,
  })

/** SQLite would store the replacement characters of a lenient decoder. */
const decode = (script: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(script)
  } catch (error) {
    throw new Error('the migration is not valid UTF-8, nothing of it was run', { cause: error })
  }
}

const readState = (row: Record<string, unknown> | undefined): DropInState => {
  if (row === undefined) return { version: -1n, dirty: false }
  const { version, dirty } = row
  if (typeof version !== 'bigint' || (dirty !== 0n && dirty !== 1n)) {
    throw new Error('the row is no version')
  }
  return { version, dirty: dirty === 1n }
}

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** SQLite's own tables cannot be dropped; a virtual table takes its shadow tables along, so it goes first. */
const tablesToDrop = (database: DatabaseSync): readonly string[] =>
  database
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC, rowid`,
    )
    .all()
    .map(({ name }) => String(name))
