import { setTimeout as sleep } from 'node:timers/promises'
import {
  defineCapabilities,
  emptyState,
  MigrateError,
  type AtomicOutcome,
  type AtomicProgress,
  type AtomicStep,
  type DatabaseInfo,
  type Driver,
  type DriverCapabilities,
  type DropReport,
  type Examination,
  type ExaminationRequest,
  type Durability,
  type GuardedStart,
  type GuardedStep,
  type LedgerEntry,
  type LedgerQuery,
  type LedgerSnapshot,
  type LockAttempt,
  type LockReport,
  type Preparation,
  type PreparePurpose,
  type Script,
  type StateChange,
  type StatementList,
  type VersionState,
} from '@mig/core/driver'
import { splitMysql } from '@mig/sql'
import { runAtomicStep } from './steps/transactional-step.ts'
import { dropTables } from './drop.ts'
import { MysqlEngines } from './tables/engines.ts'
import { databaseError, errno, isDenied, isErrno } from './steps/errors.ts'
import { examine } from './doctor/inspection.ts'
import { beginGuardedStep } from './steps/non-transactional-step.ts'
import { MysqlLedger } from './tables/ledger.ts'
import { MysqlLock } from './lock/lock.ts'
import { writeMarker, type StepContext } from './tables/version-write.ts'
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

const longestRelockMs = 60_000

/** Marker and ledger of one moment. */
const readSnapshot = async (
  session: MysqlSession,
  { versionTable, ledger }: { readonly versionTable: MysqlVersionTable; ledger: MysqlLedger },
  marker: string | undefined,
  query: LedgerQuery,
): Promise<LedgerSnapshot> => {
  const { brief, version, limit } = query
  const shown = versionTable.qualified
  const noView = versionTable.requireNoView(versionTable.name, ledger.name)
  if (brief === true && version === undefined && limit === undefined) {
    const [, result] = await session.query(noView, ledger.selectStraight(marker))
    const row = result?.rows[0]
    const straight = ledger.straightOf(row)
    if (straight !== undefined) return { state: stateOfRow(row, shown), events: [], straight }
  }
  const [, result] = await session.query(noView, ledger.select(marker, query))
  const rows = result?.rows ?? []
  return { state: stateOfRow(rows[0], shown), events: ledger.eventsOf(rows, query) }
}

/** MySQL and MariaDB. DDL commits by itself, so most steps are guarded. */
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
  #context: StepContext
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

  split(body: string): Script {
    const { sqlMode, flavor, version, maxAllowedPacket } = this.#sessions.facts
    const script = splitMysql(body, { sqlMode, flavor, serverVersion: version })
    return refuseLongStatements(body, script, maxAllowedPacket)
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
    for (const marker of [this.#versionTable.qualified, undefined]) {
      try {
        return await readSnapshot(
          this.#sessions.control,
          { versionTable: this.#versionTable, ledger },
          marker,
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
    if (purpose === 'steps') this.#sessions.expectBody()
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

  async runAtomic(
    steps: readonly [AtomicStep, ...AtomicStep[]],
    signal?: AbortSignal,
    progress?: AtomicProgress,
  ): Promise<AtomicOutcome> {
    this.#requireOpen()
    return runAtomicStep(this.#context, steps[0], signal, progress)
  }

  async beginGuarded(step: GuardedStep): Promise<GuardedStart> {
    this.#requireOpen()
    return beginGuardedStep(this.#context, step)
  }

  async settle(): Promise<VersionState> {
    this.#requireOpen()
    const sessions = this.#sessions
    this.#engines.forget()
    this.#sentSteps.forget()
    if ((await sessions.restoreControl()) === 'new') {
      const heldBefore = this.#lock?.holder !== undefined
      this.#lock?.forget()
      if (heldBefore) await this.#relock()
    }
    await sessions.discardBody()
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
    await writeMarker(this.#context, 'Writing the version', [
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

  async examine(request: ExaminationRequest): Promise<Examination> {
    this.#requireOpen()
    this.#engines.forget()
    return examine(this.#sessions, this.#engines, request)
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

  #contextWith(ledger: MysqlLedger | undefined): StepContext {
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
