import { MigrateError } from '@mig/core/driver'
import type { SqliteClient, SqliteStatement } from '../connect/client.ts'
import { setPragmas, type PragmaSetting } from '../connect/pragmas.ts'
import { databaseError } from '../steps/errors.ts'
import { quoteName, readSession, restoreSession, type Session } from './pragma-snapshot.ts'

/** What a connection is made of besides its client. */
export interface SqliteConnectionOptions {
  readonly owned: boolean
  readonly migrationsTable: string
  readonly patienceMs: number
  /** What a client that was handed in had set. */
  readonly before?: readonly PragmaSetting[]
}

/** One open database with the names of our tables in it. */
export class SqliteConnection {
  readonly client: SqliteClient
  /** Whether the driver opened the client, and closes it. */
  readonly owned: boolean
  /** How long writes of mig's own wait for another connection. */
  readonly patienceMs: number
  /** Names of our tables, quoted and qualified: an unqualified name could hit a temporary table. */
  readonly versionTable: string
  readonly ledgerTable: string
  /** The same names as they are. */
  readonly versionTableName: string
  readonly ledgerName: string
  /** Whether events are written. Decided by `prepare`. */
  writesLedger = false
  /** Whether a transaction that is open is ours, or a script's, and not one of the program that owns the client. */
  atWork = false
  readonly #statements = new Map<string, SqliteStatement>()
  /** Good for all steps of a run: what a script changed is put back after it. */
  #session: Session | undefined
  #mayDiffer = false
  readonly #before: readonly PragmaSetting[]

  constructor(
    client: SqliteClient,
    { owned, migrationsTable, patienceMs, before = [] }: SqliteConnectionOptions,
  ) {
    this.client = client
    this.#before = before
    this.owned = owned
    this.patienceMs = patienceMs
    this.versionTableName = migrationsTable
    this.ledgerName = `${migrationsTable}_history`
    this.versionTable = `main.${quoteName(this.versionTableName)}`
    this.ledgerTable = `main.${quoteName(this.ledgerName)}`
  }

  /** A statement of our own, prepared once. Integers come as bigint: a version has up to 63 bits. */
  statement(sql: string): SqliteStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.client.prepare(sql).safeIntegers(true)
    this.#statements.set(sql, statement)
    return statement
  }

  /** Throws where the program has closed the client it handed in. */
  requireOpen(): void {
    if (this.client.open) return
    throw new MigrateError('CONNECTION_LOST', 'The SQLite client was closed while it was in use')
  }

  /** Throws where the client cannot begin a transaction of ours. */
  requireIdle(): void {
    this.requireOpen()
    if (!this.client.inTransaction) return
    throw new MigrateError('INVALID_OPTION', 'The SQLite client has a transaction open', {
      hint: 'Commit or roll back before migrating; nothing else may use the client meanwhile.',
      details: { option: 'client' },
    })
  }

  /** Notes what a script may change on the connection. */
  remember(): void {
    this.#mayDiffer = true
    try {
      this.#session ??= readSession(this.client)
    } catch (error) {
      throw databaseError(error, 'read the settings of the connection')
    }
  }

  /** Puts back what was noted. */
  restore(): void {
    if (!this.#mayDiffer || this.#session === undefined) return
    try {
      restoreSession(this.client, this.#session)
    } catch (error) {
      throw databaseError(error, 'put the settings of the connection back')
    }
    this.#mayDiffer = false
  }

  /** Between two runs the client's settings are the program's. */
  forget(): void {
    if (!this.#mayDiffer) this.#session = undefined
  }

  /** Closes the client, or gives it back as it was. */
  release(): void {
    if (!this.client.open) return
    if (this.owned) {
      this.client.close()
      return
    }
    this.restore()
    setPragmas(this.client, this.#before)
  }
}
