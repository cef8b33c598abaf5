import { basename } from 'node:path'
import {
  defineCapabilities,
  emptyState,
  MigrateError,
  type TransactionalOutcome,
  type TransactionalProgress,
  type TransactionalStep,
  type DatabaseInfo,
  type Driver,
  type DriverFactory,
  type DriverSettings,
  type DropReport,
  type Inspection,
  type InspectionRequest,
  type Durability,
  type NonTransactionalStart,
  type NonTransactionalStep,
  type LedgerEntry,
  type LedgerQuery,
  type LedgerSnapshot,
  type LockAttempt,
  type LockReport,
  type Preparation,
  type ParsedScript,
  type StateChange,
  type VersionState,
} from '@mig/core/driver'
import { runTransactional } from './steps/batch.ts'
import type { SqliteConnection } from './session/session.ts'
import { dropAll } from './drop.ts'
import { durably, makeDurable } from './tables/durability.ts'
import { databaseError } from './steps/errors.ts'
import { inspect } from './doctor/inspection.ts'
import { beginNonTransactional } from './steps/non-transactional-step.ts'
import { appendEvent, readSnapshot } from './tables/ledger.ts'
import { probeLock, rollback, throwIfAborted, whenFree, write } from './lock/lock.ts'
import { openForReading, openForWriting, readServer, setFilePragmas } from './connect/connect.ts'
import {
  readOptions,
  withSettings,
  type SqliteConfiguration,
  type SqliteDriverOptions,
} from './connect/options.ts'
import { prepareTables } from './tables/prepare.ts'
import { splitScript } from './steps/split.ts'
import { readVersion, writeVersion } from './tables/version-table.ts'

/**
 * Migrates a SQLite database: a URL (`sqlite:///absolute/path.db`, `sqlite://relative/path.db`, `sqlite::memory:`), a
 * path, or a better-sqlite3 client the program has open.
 *
 * The file is made by the first run that writes; reading a database that is not there finds nothing applied.
 *
 * Throws `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import { createMigrator } from '@mig/core'
 * import { sqliteDriver } from '@mig/driver-sqlite'
 *
 * const driver = sqliteDriver('sqlite://app.db')
 * const migrator = await createMigrator({ source: './migrations', driver })
 * try {
 *   await migrator.up()
 * } finally {
 *   await migrator.close()
 * }
 * ```
 */
export const sqliteDriver = (urlOrPathOrOptions: string | SqliteDriverOptions): DriverFactory =>
  driverOf(readOptions(urlOrPathOrOptions))

/** A driver with options that were checked. */
export const driverOf = (configuration: SqliteConfiguration): DriverFactory => {
  return {
    name: 'sqlite',
    notes: configuration.notes,
    open: async (settings) => {
      throwIfAborted(settings.signal)
      const own = withSettings(configuration, settings)
      const connection = await openForReading(own)
      const server = await readServer(connection)
      return new SqliteDriver(own, settings, server, connection)
    },
  }
}

const capabilities = defineCapabilities({
  orderedDurability: true,
  sessionLock: false,
  blocking: true,
  batchSize: 200,
  lockStrategies: ['advisory', 'none'],
})

class SqliteDriver implements Driver {
  readonly capabilities = capabilities
  readonly database: DatabaseInfo
  readonly #configuration: SqliteConfiguration
  readonly #settings: DriverSettings
  #connection: SqliteConnection | undefined
  #closed = false

  constructor(
    configuration: SqliteConfiguration,
    settings: DriverSettings,
    server: string,
    connection: SqliteConnection | undefined,
  ) {
    const { path, migrationsTable } = configuration
    this.#configuration = configuration
    this.#settings = settings
    this.#connection = connection
    this.database = {
      name: path === ':memory:' ? path : basename(path),
      server,
      location: path,
      migrationsTable: `main.${migrationsTable}`,
    }
  }

  split(script: string): ParsedScript {
    return splitScript(script)
  }

  async readState(): Promise<VersionState> {
    return (await this.#read((connection) => readVersion(connection))) ?? emptyState
  }

  async readLedger(query: LedgerQuery): Promise<LedgerSnapshot> {
    const snapshot = await this.#read((connection) => readSnapshot(connection, query))
    return snapshot ?? { state: emptyState, events: [] }
  }

  async tryLock(): Promise<LockAttempt> {
    const connection = await this.#readable()
    if (connection === undefined || this.#settings.lock === 'none') return { held: true }
    return probeLock(connection) ? { held: true } : { held: false, holder: 'another connection' }
  }

  async unlock(): Promise<void> {
    this.#requireOpen()
  }

  async clearLock(): Promise<LockReport> {
    const attempt = await this.tryLock()
    return attempt.held ? { cleared: false } : { cleared: false, holder: 'another connection' }
  }

  async prepare(): Promise<Preparation> {
    const connection = await this.#writable()
    if (connection.owned) await setFilePragmas(connection, this.#configuration.pragmas)
    return prepareTables(connection, {
      ledger: this.#settings.ledger,
      trusted: this.#configuration.trustVersionTable,
    })
  }

  async runTransactional(
    steps: readonly [TransactionalStep, ...TransactionalStep[]],
    signal?: AbortSignal,
    progress?: TransactionalProgress,
  ): Promise<TransactionalOutcome> {
    return runTransactional(await this.#writable(), steps, signal, progress)
  }

  async beginNonTransactional(
    step: NonTransactionalStep,
    signal?: AbortSignal,
  ): Promise<NonTransactionalStart> {
    return beginNonTransactional(await this.#writable(), step, signal)
  }

  async recover(): Promise<VersionState> {
    const connection = await this.#readable()
    if (connection === undefined) return emptyState
    try {
      rollback(connection)
    } catch (error) {
      throw databaseError(error, 'roll back')
    }
    connection.restore()
    return this.readState()
  }

  async makeDurable(): Promise<Durability> {
    return makeDurable(await this.#writable())
  }

  async writeState({ to, entry }: StateChange): Promise<void> {
    const connection = await this.#writable()
    connection.requireIdle()
    await durably(connection, () =>
      write(connection, 'write the version table', () => {
        writeVersion(connection, to)
        appendEvent(connection, entry)
      }),
    )
  }

  async appendEvent(entry: LedgerEntry): Promise<void> {
    const connection = await this.#writable()
    if (!connection.writesLedger) return
    connection.requireIdle()
    await durably(connection, () =>
      write(connection, 'write the ledger', () => appendEvent(connection, entry)),
    )
  }

  async inspect(request: InspectionRequest): Promise<Inspection> {
    const { wrapsScripts, trustVersionTable } = this.#configuration
    const found = await this.#read((connection) =>
      inspect(connection, request, { wholeScripts: wrapsScripts, trusted: trustVersionTable }),
    )
    return (
      found ?? {
        scripts: request.scripts.map(() => []),
        observations: [],
        wholeScripts: wrapsScripts,
      }
    )
  }

  async drop(): Promise<DropReport> {
    const connection = await this.#readable()
    return connection === undefined ? { dropped: [] } : dropAll(connection)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const connection = this.#connection
    if (connection === undefined || !connection.client.open) return
    rollback(connection)
    connection.restore()
    connection.release()
  }

  async #read<T>(action: (connection: SqliteConnection) => T): Promise<T | undefined> {
    const connection = await this.#readable()
    if (connection === undefined) return undefined
    return whenFree(connection, 'read the version table', () => action(connection))
  }

  /** The connection for reading; nothing where there is no file yet. Another process may make it at any time. */
  async #readable(): Promise<SqliteConnection | undefined> {
    this.#requireOpen()
    this.#connection ??= await openForReading(this.#configuration)
    this.#connection?.requireOpen()
    return this.#connection
  }

  /** The connection for writing. Makes the file. */
  async #writable(): Promise<SqliteConnection> {
    this.#requireOpen()
    this.#connection ??= await openForWriting(this.#configuration)
    this.#connection.requireOpen()
    return this.#connection
  }

  #requireOpen(): void {
    if (!this.#closed) return
    throw new MigrateError('INVALID_OPTION', 'The SQLite driver is closed')
  }
}
