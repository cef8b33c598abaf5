import { MigrateError } from '@mig/core/driver'

/** A prepared statement of a {@link SqliteClient}. */
export interface SqliteStatement {
  run(...parameters: readonly unknown[]): { readonly changes: number | bigint }
  get(...parameters: readonly unknown[]): unknown
  all(...parameters: readonly unknown[]): unknown[]
  safeIntegers(toggle?: boolean): SqliteStatement
  raw(toggle?: boolean): SqliteStatement
}

/** What the driver uses of a better-sqlite3 `Database`: a program can hand in the one it has. */
export interface SqliteClient {
  readonly name: string
  readonly open: boolean
  readonly inTransaction: boolean
  readonly readonly?: boolean
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  close(): unknown
  unsafeMode?(unsafe?: boolean): unknown
}

/** How a client is opened. */
export interface ClientSettings {
  readonly path: string
  readonly readonly: boolean
  /** Fail where there is no file yet, instead of making one. */
  readonly fileMustExist: boolean
}

const neededNodeApi = 10

/**
 * Loads better-sqlite3 and opens a file with it.
 *
 * Its binary is built for Node-API 10; on an older Node.js it ends the process without a word, so that has to be found
 * before it is imported.
 */
export const openClient = async (settings: ClientSettings): Promise<SqliteClient> => {
  requireNodeApi(process.versions['napi'], process.version)
  const { default: Database } = await import('better-sqlite3')
  const { path, readonly, fileMustExist } = settings
  return new Database(path, { readonly, fileMustExist, timeout: 0 })
}

/** Throws `CONNECTION_FAILED` where this Node.js is too old for better-sqlite3. */
export const requireNodeApi = (napi: string | undefined, node: string): void => {
  if (Number(napi) >= neededNodeApi) return
  throw new MigrateError(
    'CONNECTION_FAILED',
    `better-sqlite3 does not run on Node.js ${node.replace(/^v/, '')}`,
    { hint: 'Use Node.js 22.14 or newer.', details: { retryable: false } },
  )
}
