import { randomUUID } from 'node:crypto'
import { throwIfAborted, waitForLock } from '../run/acquire-lock.ts'
import type { BaselineOptions } from '../ledger/baseline.ts'
import { connect } from './connect.ts'
import { defaultActor } from './default-actor.ts'
import type {
  DatabaseInfo,
  Driver,
  DriverCapabilities,
  DropReport,
  LockReport,
  Preparation,
  PreparePurpose,
} from '../driver/driver.ts'
import {
  acceptFile,
  filesDetails,
  forceVersion,
  requireShortReason,
  type RecordSetting,
} from '../ledger/change-record.ts'
import type { DoctorInput } from '../doctor/doctor.ts'
import type { DoctorResult } from '../doctor/finding.ts'
import type { RepairOptions } from '../doctor/repair-input.ts'
import type { RepairResult } from '../doctor/repair.ts'
import { isMigrateError, MigrateError } from '../errors/errors.ts'
import type { MigratorEventListener, WarningCode } from './events.ts'
import { readView } from '../ledger/integrity.ts'
import type { LedgerQuery } from '../ledger/ledger.ts'
import type { Version } from '../plan/migration.ts'
import {
  requireSteps,
  type DownOptions,
  type MigratorOptions,
  type UpOptions,
} from './migrator-options.ts'
import type { Target } from '../plan/plan.ts'
import { blankEntry, prepareStep, type ReadStep, type RunIdentity } from '../run/prepare-step.ts'
import { planSteps } from '../plan/plan-steps.ts'
import type {
  AcceptResult,
  BaselineResult,
  ForceResult,
  HistoryResult,
  PlanResult,
  RunResult,
  StatusResult,
  VerifyResult,
} from './results.ts'
import type { RunOptions } from './run-options.ts'
import { directorySource } from '../source/directory-source.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import { lookFirst, startRun, type RunRequest } from '../run/start-run.ts'
import { status } from './status.ts'
import { changedFiles, verify } from './verify.ts'
import { emptyState, sameState, type VersionState } from '../plan/version-state.ts'

/**
 * Connects to a database and returns what migrates it. Close it when done.
 *
 * Throws `CONNECTION_FAILED`, `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import { createMigrator, memorySource, memoryDriver } from '@mig/core'
 *
 * const source = memorySource({ '1_users.up.sql': 'create users' })
 * const migrator = await createMigrator({ source, driver: memoryDriver() })
 * try {
 *   const { steps } = await migrator.up()
 *   console.log(steps.length)
 * } finally {
 *   await migrator.close()
 * }
 * ```
 */
export const createMigrator = async (options: MigratorOptions): Promise<Migrator> => {
  const emit = options.onEvent ?? (() => undefined)
  for (const message of options.driver.notes ?? []) {
    emit({ type: 'warning', code: 'connection-parameter', message })
  }
  const driver = await connect(
    options.driver,
    {
      ledger: options.ledger ?? true,
      ...(options.migrationsTable === undefined
        ? {}
        : { migrationsTable: options.migrationsTable }),
      ...(options.lock === undefined ? {} : { lock: options.lock }),
      ...(options.role === undefined ? {} : { role: options.role }),
      ...(options.trustVersionTable === undefined
        ? {}
        : { trustVersionTable: options.trustVersionTable }),
      ...(options.lockTimeoutMs === undefined ? {} : { lockTimeoutMs: options.lockTimeoutMs }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
    options.waitMs ?? 0,
    emit,
  )
  if (options.role !== undefined && !driver.capabilities.roles) {
    await driver.close()
    throw new MigrateError('INVALID_OPTION', `The driver ${options.driver.name} has no roles`, {
      hint: 'Connect as the user that migrations are to run as.',
      details: { option: 'role' },
    })
  }
  return new Migrator(driver, options)
}

/** Migrates one database. One call at a time; close it when done. */
export class Migrator {
  readonly #driver: Driver
  readonly #source: Source
  readonly #emit: MigratorEventListener
  readonly #lockTimeoutMs: number
  readonly #options: MigratorOptions
  readonly #ledger: boolean
  #madeIdentity: RunIdentity | undefined
  #closed = false
  #busy = false

  /** Made by {@link createMigrator}. */
  constructor(driver: Driver, options: MigratorOptions) {
    const { source } = options
    this.#driver = driver
    this.#source = typeof source === 'string' ? directorySource(source) : source
    this.#emit = options.onEvent ?? (() => undefined)
    this.#lockTimeoutMs = options.lockTimeoutMs ?? 60_000
    this.#ledger = options.ledger ?? true
    this.#options = options
  }

  /** What it is connected to. */
  get database(): DatabaseInfo {
    return this.#driver.database
  }

  /** What the database can do. */
  get capabilities(): DriverCapabilities {
    return this.#driver.capabilities
  }

  /** Where the migrations come from. */
  get source(): Source {
    return this.#source
  }

  /**
   * Applies pending migrations: all, or `steps` of them, or those up to `to`. With fewer left it does what there is.
   *
   * Throws `NO_MIGRATIONS`, `DIRTY_DATABASE`, `MISSING_FILE`, `VERSION_NOT_FOUND`, `LOCK_TIMEOUT`, `INVALID_BODY`,
   * `MIGRATION_FAILED`, `CONNECTION_LOST`, `ABORTED`, `STATE_CHANGED`.
   */
  async up(options: UpOptions = {}): Promise<RunResult> {
    requireSteps(options.steps)
    const { to, steps } = options
    const target: Target =
      to === undefined
        ? { kind: 'up', ...(steps === undefined ? {} : { steps }) }
        : { kind: 'goto', version: to }
    return this.#run({ targets: [target], options, ...(to === undefined ? {} : { only: 'up' }) })
  }

  /**
   * Reverts migrations, one by default.
   *
   * Throws what {@link Migrator.up} throws, and `MISSING_DOWN` before anything runs.
   */
  async down(options: DownOptions = {}): Promise<RunResult> {
    const { steps = 1 } = options
    if (steps !== 'all') requireSteps(steps)
    return this.#run({
      targets: [{ kind: 'down', ...(steps === 'all' ? {} : { steps }) }],
      options,
    })
  }

  /** Moves to a version, up or down; `null` reverts everything. Throws what {@link Migrator.down} throws. */
  async goto(version: Version | null, options: RunOptions = {}): Promise<RunResult> {
    return this.#run({ targets: [{ kind: 'goto', version }], options })
  }

  /** Reverts migrations, one by default, and applies them again. Throws what {@link Migrator.down} throws. */
  async redo(options: DownOptions = {}): Promise<RunResult> {
    const { steps = 1 } = options
    if (steps !== 'all') requireSteps(steps)
    const down: Target = { kind: 'down', ...(steps === 'all' ? {} : { steps }) }
    return this.#run({ targets: [down, 'back'], options })
  }

  /** Sets the version and clears dirty; runs nothing. `null` clears it. Any version is taken, as golang-migrate does. */
  async force(version: Version | null): Promise<ForceResult> {
    const listing = await this.#listingIfReadable()
    return this.#recording((setting) => forceVersion(setting, version, listing))
  }

  /**
   * Adopts a database that was built by other means: sets the version, runs nothing, and counts every file up to it as
   * applied. With `golang-migrate` the version stays and only the record is made, from version table and files.
   *
   * Throws `CANNOT_BASELINE` where what the files make is not there, or what later files make is; `INVALID_OPTION` for a
   * database that is at another version already; `VERSION_NOT_FOUND`, `DIRTY_DATABASE`.
   */
  async baseline(
    version: Version | 'golang-migrate',
    options: BaselineOptions = {},
  ): Promise<BaselineResult> {
    const listing = await this.#list()
    const source = this.#source
    const warn = (message: string): void => this.#warn('baseline-misfit', message)
    const { baselineAt } = await import('../ledger/baseline.ts')
    return this.#recording(
      (setting) => baselineAt({ ...setting, source, listing, warn }, version, options),
      false,
    )
  }

  /**
   * Puts on record that a file that was changed after it was applied is meant to be as it is now.
   *
   * Throws `VERSION_NOT_FOUND`, `INVALID_OPTION` where the version is not applied, no ledger is kept or
   * the reason has more than 10 000 characters.
   */
  async accept(version: Version, reason: string): Promise<AcceptResult> {
    requireShortReason(reason)
    const listing = await this.#list()
    return this.#recording((setting) => acceptFile(setting, version, reason, listing, this.#source))
  }

  /** Reads the version row. Creates nothing. */
  async version(): Promise<VersionState> {
    return this.#once(() => this.#driver.readState())
  }

  /**
   * Every version of the source: applied (when, how long, by whom), pending, out of order, changed, missing. Creates
   * nothing. With `checksums: false` no file is read and `changed` is not told.
   */
  async status(options: { readonly checksums?: boolean } = {}): Promise<StatusResult> {
    return this.#once(async () => {
      const listing = await this.#source.list()
      const { state, view, unavailable } = await readView(this.#driver, listing, this.#ledger)
      this.#tellUnreadable(unavailable)
      const changed =
        options.checksums === false ? [] : await changedFiles(view, listing, this.#source)
      return status(listing, state, view, changed)
    })
  }

  /** Holds files, version row and ledger against each other. Creates nothing. */
  async verify(): Promise<VerifyResult> {
    return this.#once(async () => {
      const listing = await this.#source.list()
      const { state, view, unavailable } = await readView(this.#driver, listing, this.#ledger)
      this.#tellUnreadable(unavailable)
      return verify(view, state, listing, this.#source)
    })
  }

  /** What the ledger holds. Empty where there is none. Creates nothing. */
  async history(query: LedgerQuery = {}): Promise<HistoryResult> {
    return this.#once(async () => {
      const snapshot = await this.#driver.readLedger?.(query)
      if (snapshot === undefined) return { state: await this.#driver.readState(), events: [] }
      const { state, events, unavailable } = snapshot
      this.#tellUnreadable(unavailable)
      return { state, events }
    })
  }

  /** What a run would do, step by step, and how. Changes nothing. */
  async plan(target: Target = { kind: 'up' }): Promise<PlanResult> {
    return this.#once(async () => {
      const [listing, state] = await Promise.all([this.#source.list(), this.#driver.readState()])
      return planSteps({
        listing,
        state,
        target,
        source: this.#source,
        driver: this.#driver,
        identity: this.#identity,
      })
    })
  }

  /** Empties the database. There is no way back. */
  async drop(): Promise<DropReport> {
    return this.#exclusively(() => this.#driver.drop())
  }

  /** Removes what a dead process left of its lock, and says who holds it. */
  async unlock(): Promise<LockReport> {
    return this.#once(() => this.#driver.clearLock())
  }

  /** Finds out what is wrong with database, record and files, and says what to do. Changes nothing, creates nothing. */
  async doctor(): Promise<DoctorResult> {
    const { inspectDatabase } = await import('../doctor/doctor.ts')
    return this.#once(() => inspectDatabase(this.#setting()))
  }

  /**
   * Mends a dirty database, on record. Never guesses: without an `action` it does only what record and catalog prove,
   * and none that they contradict.
   *
   * Throws `CANNOT_REPAIR`, and with `resume` what {@link Migrator.up} throws for a step that fails.
   */
  async repair(options: RepairOptions = {}): Promise<RepairResult> {
    const listing = await this.#list()
    const { repairDatabase } = await import('../doctor/repair.ts')
    return this.#recording(({ preparation }) =>
      repairDatabase({ ...this.#setting(), listing, preparation }, options),
    )
  }

  /** Ends the connection, if the driver made it. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#driver.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Made when something is written: reading commands are short and need none. */
  get #identity(): RunIdentity {
    const { actor, tool } = this.#options
    return (this.#madeIdentity ??= {
      runId: randomUUID(),
      actor: actor ?? defaultActor(),
      tool: tool ?? '@mig/core',
    })
  }

  async #run(request: RunRequest): Promise<RunResult> {
    const setting = {
      driver: this.#driver,
      source: this.#source,
      emit: this.#emit,
      lockTimeoutMs: this.#lockTimeoutMs,
    }
    const { listing, nothing } = await this.#once(() =>
      lookFirst(request, setting, () => this.#list(), this.#ledger),
    )
    if (nothing !== undefined) return nothing
    const readStep: ReadStep = (step) =>
      prepareStep(step, this.#source, this.#driver, this.#identity)
    return this.#exclusively(async () => {
      const preparation = await this.#prepare('steps', listing)
      const identity = this.#identity
      return startRun(request, { ...setting, listing, identity, readStep }, preparation)
    }, request.options.signal)
  }

  #setting(): DoctorInput {
    return {
      driver: this.#driver,
      source: this.#source,
      identity: this.#identity,
      emit: this.#emit,
      lockTimeoutMs: this.#lockTimeoutMs,
    }
  }

  async #list(): Promise<MigrationListing> {
    const listing = await this.#source.list()
    if (listing.migrations.length === 0) {
      throw new MigrateError('NO_MIGRATIONS', `No migration file in "${this.#source.location}"`, {
        details: { files: listing.nearMisses },
      })
    }
    if (listing.nearMisses.length > 0) {
      this.#warn('near-miss', `Not taken for migrations: ${listing.nearMisses.join(', ')}`)
    }
    return listing
  }

  /** The listing where there is one: the version row can be set without any files at hand. */
  async #listingIfReadable(): Promise<MigrationListing | undefined> {
    try {
      return await this.#source.list()
    } catch (error) {
      if (isMigrateError(error) && error.code === 'SOURCE_FAILED') return undefined
      throw error
    }
  }

  /** Makes the tables, and records that somebody who writes no ledger has moved the version row. */
  async #prepare(
    purpose: PreparePurpose,
    listing: MigrationListing | undefined,
    observe = true,
  ): Promise<Preparation> {
    const preparation = await this.#driver.prepare(purpose)
    const { state, ledger, recorded, ledgerReason } = preparation
    if (ledger === 'unavailable') {
      this.#warn('ledger-unavailable', `No ledger is kept: ${ledgerReason ?? 'it cannot be made'}`)
    }
    if (observe && ledger === 'on' && !sameState(recorded ?? emptyState, state)) {
      await this.#observe(listing)
    }
    return preparation
  }

  /** Looks again, at version row and ledger in one statement: where runs share no lock, one may have been ahead of the other. */
  async #observe(listing?: MigrationListing): Promise<void> {
    const snapshot = await this.#driver.readLedger?.({ limit: 1 })
    if (snapshot === undefined) return
    const { state, events } = snapshot
    const last = events.at(-1)
    const before = last === undefined ? emptyState : { version: last.to, dirty: last.dirty }
    if (sameState(before, state)) return
    await this.#driver.appendEvent({
      ...blankEntry(this.#identity),
      kind: 'observed',
      version: state.version,
      from: before.version,
      to: state.version,
      dirty: state.dirty,
      details: listing === undefined ? null : filesDetails(listing.migrations),
    })
  }

  async #recording<T>(action: (setting: RecordSetting) => Promise<T>, observe = true): Promise<T> {
    return this.#exclusively(async () =>
      action({
        driver: this.#driver,
        identity: this.#identity,
        preparation: await this.#prepare('record', await this.#listingIfReadable(), observe),
      }),
    )
  }

  #tellUnreadable(reason: string | undefined): void {
    if (reason === undefined) return
    this.#warn('ledger-unavailable', `The ledger cannot be read: ${reason}`)
  }

  #warn(code: WarningCode, message: string): void {
    this.#emit({ type: 'warning', code, message })
  }

  async #exclusively<T>(action: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#once(async () => {
      throwIfAborted(signal)
      await waitForLock(() => this.#driver.tryLock(), {
        timeoutMs: this.#lockTimeoutMs,
        signal,
        emit: this.#emit,
      })
      let result: T
      try {
        result = await action()
      } catch (error) {
        try {
          await this.#driver.unlock()
        } catch (unlockError) {
          // A connection that broke has taken its lock along: nothing that anybody need be told.
          if (!isMigrateError(error) || error.code !== 'CONNECTION_LOST') {
            const reason = unlockError instanceof Error ? unlockError.message : String(unlockError)
            this.#warn('not-durable', `The lock could not be released: ${reason}`)
          }
        }
        throw error
      }
      await this.#driver.unlock()
      return result
    })
  }

  async #once<T>(action: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new MigrateError('INVALID_OPTION', 'The migrator is closed')
    if (this.#busy) {
      throw new MigrateError('INVALID_OPTION', 'The migrator is in use; one call at a time')
    }
    this.#busy = true
    try {
      return await action()
    } finally {
      this.#busy = false
    }
  }
}
