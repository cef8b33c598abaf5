import { setTimeout as sleep } from 'node:timers/promises'
import {
  defineCapabilities,
  emptyState,
  MigrateError,
  type TransactionalOutcome,
  type TransactionalProgress,
  type TransactionalStep,
  type DatabaseInfo,
  type Driver,
  type DriverCapabilities,
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
  type PreparePurpose,
  type ParsedScript,
  type StateChange,
  type StatementList,
  type VersionState,
} from '@mig/core/driver'
import { splitMysql } from '@mig/sql'
import { runTransactionalStep } from './steps/transactional-step.ts'
import { dropTables } from './drop.ts'
import { MysqlEngines } from './tables/engines.ts'
import { databaseError, errno, isDenied, isErrno } from './steps/errors.ts'
import { inspect } from './doctor/inspection.ts'
import { beginNonTransactionalStep } from './steps/non-transactional-step.ts'
import { MysqlLedger } from './tables/ledger.ts'
import { MysqlLock } from './lock/lock.ts'
import { writeVersion } from './tables/version-write.ts'
import {
  inspectTables,
  ownTable,
  untrusted,
  versionTableProblem,
  type OwnTable,
} from './tables/own-tables.ts'
import { refuseLongStatements } from './session/packet.ts'
import { SentSteps } from './steps/sent-step.ts'
import type { MysqlSession } from './session/session.ts'
import type { MysqlSessions } from './session/session-pair.ts'
import { MysqlVersionTable, stateOfRow } from './tables/version-table.ts'
import type { SendingContext } from './steps/sent-step.ts'

const longestRelockMs = 60_000

/** Version row and ledger of one moment. */
const readSnapshot = async (
  session: MysqlSession,
  tables: { readonly versionTable: MysqlVersionTable; readonly ledger: MysqlLedger },
  versionTable: string | undefined,
  query: LedgerQuery,
): Promise<LedgerSnapshot> => {
  const { summary, version, limit } = query
  const { ledger } = tables
  const shown = tables.versionTable.qualified
  const noView = tables.versionTable.requireNoView(tables.versionTable.name, ledger.name)
  if (summary === true && version === undefined && limit === undefined) {
    const [, result] = await session.query(noView, ledger.selectLinear(versionTable))
    const row = result?.rows[0]
    const linear = ledger.linearOf(row)
    if (linear !== undefined) return { state: stateOfRow(row, shown), events: [], linear }
  }
  const [, result] = await session.query(noView, ledger.select(versionTable, query))
  const rows = result?.rows ?? []
  return { state: stateOfRow(rows[0], shown), events: ledger.eventsOf(rows, query) }
}

/** MySQL and MariaDB. DDL commits by itself, so most steps are non-transactional. */
export class MysqlDriver implements Driver {
  readonly capabilities: DriverCapabilities = defineCapabilities({
    transactionalDdl: false,
    transactionalSettings: false,
    orderedDurability: true,
    serverCancel: true,
    beginsWithCommit: true,
    lockStrategies: ['advisory', 'none'],
  })
  readonly database: DatabaseInfo
  readonly #sessions: MysqlSessions
  readonly #versionTable: MysqlVersionTable
  readonly #ledger: MysqlLedger | undefined
  readonly #engines: MysqlEngines
  readonly #lock: MysqlLock | undefined
  readonly #sentSteps = new SentSteps()
  #context: SendingContext
  #closed = false

  /** Made by `mysqlDriver`. */
  constructor(sessions: MysqlSessions, ledger: boolean) {
    const { facts, config } = sessions
    const { migrationsTable } = config
    this.#sessions = sessions
    this.#versionTable = new MysqlVersionTable(facts, migrationsTable)
    this.#ledger = ledger ? new MysqlLedger(facts.database, migrationsTable) : undefined
    this.#engines = new MysqlEngines(sessions, migrationsTable)
    this.#lock = config.lock === 'none' ? undefined : new MysqlLock(facts.database, migrationsTable)
    this.#context = this.#contextWith(undefined)
    this.database = {
      name: facts.database,
      server: facts.product,
      location: sessions.location,
      migrationsTable: `${facts.database}.${migrationsTable}`,
    }
  }

  split(script: string): ParsedScript {
    const { sqlMode, flavor, version, maxAllowedPacket } = this.#sessions.facts
    const parsed = splitMysql(script, { sqlMode, flavor, serverVersion: version })
    return refuseLongStatements(script, parsed, maxAllowedPacket)
  }

  async guardReason(statements: StatementList): Promise<string | undefined> {
    this.#requireOpen()
    return this.#engines.guardReason(statements)
  }

  async readState(): Promise<VersionState> {
    this.#requireOpen()
    return (await this.#versionTable.find(this.#sessions.control)) ?? emptyState
  }

  async readLedger(query: LedgerQuery): Promise<LedgerSnapshot> {
    this.#requireOpen()
    const ledger = this.#ledger
    if (ledger === undefined) return { state: await this.readState(), events: [] }
    // Either table may be missing, and a statement that names it fails as a whole.
    for (const versionTable of [this.#versionTable.qualified, undefined]) {
      try {
        return await readSnapshot(
          this.#sessions.control,
          { versionTable: this.#versionTable, ledger },
          versionTable,
          query,
        )
      } catch (error) {
        // A table of the ledger's name that is none, or a view in the place of either.
        if (isErrno(error, errno.unknownColumn, errno.outOfRange)) break
        if (isDenied(error)) {
          const unavailable = `the right to read ${ledger.qualified} is missing`
          return { state: await this.readState(), events: [], unavailable }
        }
        if (!isErrno(error, errno.noSuchTable)) throw databaseError('Reading the ledger', error)
      }
    }
    return { state: await this.readState(), events: [] }
  }

  async tryLock(): Promise<LockAttempt> {
    this.#requireOpen()
    return this.#lock === undefined ? { held: true } : this.#lock.try(this.#sessions.control)
  }

  async unlock(): Promise<void> {
    this.#requireOpen()
    const lock = this.#lock
    if (lock === undefined) return
    const { broken } = this.#sessions
    if (broken !== undefined) lock.lostWith(broken)
    await lock.release(this.#sessions.control)
  }

  async clearLock(): Promise<LockReport> {
    this.#requireOpen()
    return this.#lock === undefined ? { cleared: false } : this.#lock.report(this.#sessions.control)
  }

  async prepare(purpose?: PreparePurpose): Promise<Preparation> {
    this.#requireOpen()
    const { control, config } = this.#sessions
    if (purpose === 'steps') this.#sessions.expectScript()
    const names = [
      this.#versionTable.name,
      ...(this.#ledger === undefined ? [] : [this.#ledger.name]),
    ]
    const tables = await this.#inspect(names)
    const versionTable = ownTable(tables, this.#versionTable.name)
    const problem =
      versionTable === undefined
        ? undefined
        : versionTableProblem(versionTable, config.trustVersionTable)
    if (problem !== undefined) throw untrusted(problem)
    let state = await this.#versionTable.find(control)
    if (state === undefined) {
      await this.#versionTable.create(control)
      state = emptyState
    }
    const found = await this.#ledger?.prepare(
      control,
      ownTable(tables, this.#ledger.name),
      config.trustVersionTable,
    )
    this.#context = this.#contextWith(found?.ledger === 'on' ? this.#ledger : undefined)
    if (found === undefined) return { state, ledger: 'off' }
    if (found.ledger === 'unavailable') {
      return { state, ledger: 'unavailable', ledgerReason: found.reason }
    }
    return { state, ...found }
  }

  async runTransactional(
    steps: readonly [TransactionalStep, ...TransactionalStep[]],
    signal?: AbortSignal,
    progress?: TransactionalProgress,
  ): Promise<TransactionalOutcome> {
    this.#requireOpen()
    return runTransactionalStep(this.#context, steps[0], signal, progress)
  }

  async beginNonTransactional(step: NonTransactionalStep): Promise<NonTransactionalStart> {
    this.#requireOpen()
    return beginNonTransactionalStep(this.#context, step)
  }

  async recover(): Promise<VersionState> {
    this.#requireOpen()
    const sessions = this.#sessions
    this.#engines.forget()
    this.#sentSteps.forget()
    if ((await sessions.restoreControl()) === 'new') {
      const heldBefore = this.#lock?.holder !== undefined
      this.#lock?.forget()
      if (heldBefore) await this.#relock()
    }
    await sessions.discardScript()
    return this.readState()
  }

  /** Every commit of InnoDB is durable by itself, as far as innodb_flush_log_at_trx_commit and sync_binlog say. */
  async makeDurable(): Promise<Durability> {
    this.#requireOpen()
    return Promise.resolve({ confirmed: true })
  }

  async writeState({ to, entry }: StateChange): Promise<void> {
    this.#requireOpen()
    const { ledger } = this.#context
    await writeVersion(this.#context, 'Writing the version', [
      ...this.#versionTable.set(to),
      ...(ledger === undefined ? [] : [ledger.insert([entry])]),
    ])
  }

  async appendEvent(entry: LedgerEntry): Promise<void> {
    this.#requireOpen()
    const { ledger } = this.#context
    if (ledger === undefined) return
    try {
      await this.#sessions.control.query(ledger.insert([entry]))
    } catch (error) {
      throw databaseError('Writing the ledger', error)
    }
  }

  async inspect(request: InspectionRequest): Promise<Inspection> {
    this.#requireOpen()
    this.#engines.forget()
    return inspect(this.#sessions, this.#engines, request)
  }

  async drop(): Promise<DropReport> {
    this.#requireOpen()
    this.#engines.forget()
    const report = await dropTables(this.#sessions.control, this.#sessions.facts.database)
    this.#context = this.#contextWith(undefined)
    return report
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#sessions.close()
  }

  async #inspect(names: readonly string[]): Promise<ReadonlyMap<string, OwnTable>> {
    const { control, facts } = this.#sessions
    try {
      return await inspectTables(control, facts.database, names)
    } catch (error) {
      throw databaseError(`Looking at the version table ${this.#versionTable.qualified}`, error)
    }
  }

  #contextWith(ledger: MysqlLedger | undefined): SendingContext {
    return {
      sessions: this.#sessions,
      versionTable: this.#versionTable,
      ledger,
      engines: this.#engines,
      sentSteps: this.#sentSteps,
    }
  }

  async #relock(): Promise<void> {
    const startedAt = performance.now()
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 250)) {
      const attempt = await this.tryLock()
      if (attempt.held) return
      if (performance.now() - startedAt > longestRelockMs) {
        throw new MigrateError(
          'LOCK_LOST',
          'The connection that held the lock broke, and the lock could not be taken again',
          { details: attempt.holder === undefined ? {} : { holder: attempt.holder } },
        )
      }
      await sleep(pauseMs)
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new MigrateError('INVALID_OPTION', 'The driver is closed')
  }
}
