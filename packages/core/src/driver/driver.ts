import type { LedgerEntry, LedgerQuery, LedgerSnapshot } from '../ledger/ledger.ts'
import type { MigrationStep } from '../plan/migration.ts'
import type { StepEffect } from '../run/step-effect.ts'
import type { ParsedScript, StatementList } from '../script/statement.ts'
import type { VersionState } from '../plan/version-state.ts'
import type { Inspection, InspectionRequest } from './inspection.ts'

/**
 * How one migrator keeps others out:
 *
 * - `advisory`: the database's own session lock, the one golang-migrate takes.
 * - `transaction`: the same lock taken inside each step's transaction, for transaction poolers.
 * - `table`: a row in a lock table.
 * - `none`: no lock; the conditions of each step are the only guard.
 */
export type LockStrategy = 'advisory' | 'transaction' | 'table' | 'none'

/** What a database can do. Every flag has a default, so that a new flag breaks no driver. */
export interface DriverCapabilities {
  /** DDL can be rolled back. Default is `true`. Without it only scripts the lexer calls `plain` are transactional. */
  readonly transactionalDdl: boolean
  /** Statements of role `session` may be part of a transactional step. Default is `true`. */
  readonly transactionalSettings: boolean
  /** A commit made durable makes those before it durable too, so that one closing write per run is enough. Default is `false`. */
  readonly orderedDurability: boolean
  /** A running statement can be cancelled. Default is `false`: abort signals act between statements. */
  readonly serverCancel: boolean
  /**
   * `tryLock` keeps others out. Default is `true`. Without it every attempt succeeds (SQLite's write lock lasts for one
   * transaction), and `busy` and `changed` of each step are what keeps two runs apart.
   */
  readonly sessionLock: boolean
  /** Another process can open the same database. Default is `true`; `false` for a database in memory. */
  readonly multiProcess: boolean
  /**
   * Statements block the thread they run on, so that no signal and no timer of the process is heard meanwhile. Default
   * is `false`. The command line then leaves signals to the operating system while a run is under way.
   */
  readonly blocking: boolean
  /** How many transactional steps `runTransactional` is offered at once. Default is 1. */
  readonly batchSize: number
  /** A non-transactional step can begin with the commit of the transactional one before it. Default is `false`. */
  readonly beginsWithCommit: boolean
  /** It can take on a role of the database ({@link DriverSettings.role}). Default is `false`. */
  readonly roles: boolean
  /** The lock strategies it offers, the default one first. Default is `['advisory', 'none']`. */
  readonly lockStrategies: readonly LockStrategy[]
}

/** What a driver is told when it is opened. */
export interface DriverSettings {
  /** Name of the version table. Overrides what the URL says. Default is `schema_migrations`. */
  readonly migrationsTable?: string
  /** Whether a ledger is kept beside the version row. */
  readonly ledger: boolean
  /** Overrides what the URL says. Default is the first of the driver's strategies. */
  readonly lock?: LockStrategy
  /** A role to take on after connecting. Overrides what the URL says. Only for drivers with the capability `roles`. */
  readonly role?: string
  /** The version table may have triggers. Overrides what the URL says. Default is `false`. */
  readonly trustVersionTable?: boolean
  /**
   * How long a statement of mig's own may wait for a lock on a table, in milliseconds. It may take 10 s longer in all.
   * Default is `60_000`.
   */
  readonly lockTimeoutMs?: number
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal
}

/** A driver that is not connected yet: what `postgresDriver(url)` returns and `createMigrator` takes. */
export interface DriverFactory {
  /** Name of the driver, such as `postgres`. */
  readonly name: string
  /** What a person should know of the URL or the options, such as a parameter without effect. Each is a warning, once. */
  readonly notes?: readonly string[]
  /** Connects. Creates nothing. Throws `CONNECTION_FAILED` or `INVALID_OPTION`. */
  open(settings: DriverSettings): Promise<Driver>
}

/** What the driver is connected to, for messages and questions. Never holds a password. */
export interface DatabaseInfo {
  /** The database's name, as a person would type it to confirm. */
  readonly name: string
  /** Product and version, such as `PostgreSQL 18.1`. */
  readonly server: string
  /** Where it is, such as `localhost:5432` or a path. */
  readonly location: string
  /** The version table, qualified, for people. */
  readonly migrationsTable: string
}

/** A step with its script read, cut and classified, ready to run. */
export interface PreparedStep extends MigrationStep {
  /**
   * The whole script as text, without a byte order mark. Empty where the source has no script. Drivers read chunks of it
   * with `textOf`, which takes no more memory where the script is large.
   */
  readonly script: string
  readonly parsed: ParsedScript
  /** What the ledger records when the step is done: kind `applied` or `reverted`. The driver fills `durationMs`. */
  readonly entry: LedgerEntry
}

/** A step to be run in one transaction. */
export interface TransactionalStep extends PreparedStep {
  /** Indexes of the statements that open and close the script's own transaction block, where it has one. */
  readonly block?: { readonly begin: number; readonly end: number }
}

/** A step to be run statement by statement under the dirty mark. */
export interface NonTransactionalStep extends PreparedStep {
  /** Why it cannot be transactional. */
  readonly reason: string
  /**
   * The step broke off and goes on here: `beginNonTransactional` expects the version row to be at (to, dirty) and leaves it there.
   * Whoever runs it then calls `statement` for what is left of the script only.
   */
  readonly resume?: boolean
}

/** Where a driver that runs more than the first of the offered steps tells how it gets on. */
export interface TransactionalProgress {
  /**
   * A further step begins. `false` says that it is not wanted any more: the driver takes it back, unless it is done by
   * then, and returns what is committed.
   */
  begun(index: number): boolean
  /**
   * Fires as soon as no further step is wanted, while one may be running. For a driver that sends steps ahead of the
   * one that runs: `begun` would say so only when that one has ended.
   */
  readonly stop?: AbortSignal
  /** A step is committed. In order; an error thrown later belongs to the step after the last one told of. */
  done(index: number, durationMs: number): void
  /**
   * Gives the non-transactional step after the offered ones, whose dirty mark may then go with the commit of the last of them:
   * (next, dirty) also says that the one before is done. Asked once, when its script has run and nothing but the commit is
   * left; `undefined` says that the step is not wanted any more. Absent where none such follows.
   */
  following?(): NonTransactionalStep | undefined
}

/**
 * What came of `runTransactional`:
 *
 * - `applied`: the first `durationsMs.length` (at least one) of the offered steps are committed. With `begun` the non-transactional
 *   step that `following` gave began with the last commit.
 * - `changed`: nothing ran, because the version row was not at `from`, clean.
 * - `busy`: nothing ran, because someone else holds the lock of this step.
 */
export type TransactionalOutcome =
  | {
      readonly kind: 'applied'
      readonly durationsMs: readonly number[]
      readonly begun?: NonTransactionalRun
    }
  | { readonly kind: 'changed' }
  | { readonly kind: 'busy'; readonly holder?: string }

/** What came of `beginNonTransactional`. With `changed` and `busy` nothing was written. */
export type NonTransactionalStart =
  | { readonly kind: 'started'; readonly run: NonTransactionalRun }
  | { readonly kind: 'changed' }
  | { readonly kind: 'busy'; readonly holder?: string }

/** A non-transactional step under way: the version row is (target, dirty) and durable. */
export interface NonTransactionalRun {
  /**
   * Runs one statement and records it as done. The record of the last one may be left to the write that ends the step.
   *
   * `undone` means that nothing of the step is in effect and the version row is back where it was (a deadlock with another
   * tool that waited for the lock, say): the engine reads the state and plans anew.
   *
   * Throws `MIGRATION_FAILED`; the dirty mark stays.
   */
  statement(index: number, signal?: AbortSignal): Promise<'done' | 'undone'>
  /** Checks that the session is in order, then writes version row (target, clean) and the ledger's row. Throws as `statement` does. */
  finish(): Promise<void>
  /**
   * `finish` and the next step's `beginNonTransactional` in one write, where the driver can: (next, dirty) also says that this
   * step is done. `changed` means that nothing was written and this step is still under its dirty mark.
   */
  finishAndBegin?(next: NonTransactionalStep): Promise<NonTransactionalStart>
  /**
   * `finish`, with the script of a transactional step right after the write that ends this one, where the driver can. With
   * `sent` that script is under way and not committed: `runTransactional` with the very same step comes next, or `recover`.
   */
  finishAndSend?(next: TransactionalStep): Promise<'ended' | 'sent'>
}

/** Whether everything this run reported as applied is on disk. */
export type Durability =
  { readonly confirmed: true } | { readonly confirmed: false; readonly reason: string }

/** One try to take the lock. */
export type LockAttempt =
  | { readonly held: true }
  | {
      readonly held: false
      /** Who has it, for people: `mig on web-3, process 4711, since 12:04:31`. */
      readonly holder?: string
    }

/** What a driver is prepared for. */
export type PreparePurpose = 'steps' | 'record'

/** What `prepare` found and made. */
export interface Preparation {
  readonly state: VersionState
  /** `off` by setting; `unavailable` where the rights to create it are missing, with the reason. */
  readonly ledger: 'on' | 'off' | 'unavailable'
  readonly ledgerReason?: string
  /** The version row after the ledger's newest event that names one. Absent where the ledger is empty or not there. */
  readonly recorded?: VersionState
}

/** A change of the version row with no script. */
export interface StateChange {
  readonly to: VersionState
  readonly entry: LedgerEntry
}

/** What `drop` removed. */
export interface DropReport {
  /** Names of the objects that are gone. */
  readonly dropped: readonly string[]
}

/** What `clearLock` found. */
export interface LockReport {
  /** A stale row was removed. */
  readonly cleared: boolean
  /** Who holds the lock now, for people. Absent where nobody does. */
  readonly holder?: string
}

/**
 * A connection to one database, and the only thing a new database has to implement. The engine decides what happens in
 * which order; a driver carries it out. It is used by one migrator, one call at a time, and never prints, never reads
 * the environment and never looks at files.
 *
 * To write one:
 *
 * 1. Implement this interface and a {@link DriverFactory} that opens it.
 * 2. Optionally accept a client or pool that the program already has. What was handed in is not closed.
 * 3. Call `testDriver` of `@mig/driver-testkit`: the contract in executable form.
 * 4. Test by yourself what only your database has.
 * 5. Declare a `drivers` hook, so that the command line finds it by URL scheme.
 *
 * All errors are `MigrateError`s, with the client's own error as `cause`. No message holds a password.
 */
export interface Driver {
  readonly capabilities: DriverCapabilities
  readonly database: DatabaseInfo

  /** Cuts a script into statements with this database's lexer and this server's settings. Pure; never throws for a script's sake. */
  split(script: string): ParsedScript

  /**
   * Says why a script that looks transactional must be non-transactional on this database all the same (a table without transactions), or
   * nothing. Called right before the step, and only where present.
   */
  guardReason?(statements: StatementList): Promise<string | undefined>

  /** Reads the version row. Creates nothing; a missing table reads as nothing applied. Works without the lock and on standbys. */
  readState(): Promise<VersionState>

  /** Version row and ledger in one statement. Creates nothing. Absent for a database that keeps no ledger. */
  readLedger?(query: LedgerQuery): Promise<LedgerSnapshot>

  /** One try to take the lock; never waits. Called again until it succeeds or the caller's time is up. */
  tryLock(): Promise<LockAttempt>

  /** Gives the lock back. Throws `LOCK_LOST` where it was no longer held. */
  unlock(): Promise<void>

  /** Removes what a dead process left of its lock, and says who holds it. */
  clearLock(): Promise<LockReport>

  /**
   * Creates version table and ledger where they are missing and reads the state. Called under the lock, before the first
   * write. Where it is for steps, what they need may be got ready at the same time: a second connection, say.
   */
  prepare(purpose?: PreparePurpose): Promise<Preparation>

  /**
   * Runs the first of the offered steps in one transaction: version row to (to, dirty) if it is exactly (from, clean), script,
   * version row to (to, clean) if the first write is still there, the ledger's row, commit. May run more of them.
   *
   * Throws for the first, or for the one after the last that was told to be done: `MIGRATION_FAILED` with the place of
   * the failing statement, `CONNECTION_LOST`, `ABORTED`. After a throw the engine calls `recover` and believes what it
   * says.
   *
   * A driver that takes more than the first tells of each further one when it begins, so that people see what is
   * running and can stop after it.
   */
  runTransactional(
    steps: readonly [TransactionalStep, ...TransactionalStep[]],
    signal?: AbortSignal,
    progress?: TransactionalProgress,
  ): Promise<TransactionalOutcome>

  /**
   * Writes version row (to, dirty) if it is exactly (from, clean), durably, and the ledger's `started` event. For a step that
   * goes on (`resume`) the version row must be at (to, dirty) already.
   */
  beginNonTransactional(
    step: NonTransactionalStep,
    signal?: AbortSignal,
  ): Promise<NonTransactionalStart>

  /** After any error: rolls back, connects again if need be, takes the lock again, and reads the version row that is really there. */
  recover(): Promise<VersionState>

  /** The closing write of a run: makes every step since the last one durable, or says why it cannot. */
  makeDurable(): Promise<Durability>

  /** Sets the version row without running anything, durably, with the ledger's row. For force, repair and baseline. */
  writeState(change: StateChange): Promise<void>

  /** Appends an event to the ledger, durably. Does nothing where the ledger is off. */
  appendEvent(entry: LedgerEntry): Promise<void>

  /**
   * Looks at everything that helps to explain the state of the database: the objects that statements make and remove,
   * rights, the lock, settings, other version tables. Changes nothing, creates nothing, takes no lock that could make
   * others wait. Absent where the driver has nothing to say.
   */
  inspect?(request: InspectionRequest): Promise<Inspection>

  /** Removes an index that `inspect` called unusable, by the name it gave. */
  dropInvalidIndex?(name: string): Promise<void>

  /** Empties the database: what golang-migrate's drop removes, and the ledger. */
  drop(): Promise<DropReport>

  /** Ends the connection if it is ours; releases the lock. A second call does nothing; any other call after it rejects. */
  close(): Promise<void>
}

/** What a failing statement's driver knows of it. */
export interface StatementFailure {
  /** Index of the statement in the script; absent where the failure belongs to none (a COMMIT). */
  readonly index?: number
  /** Offset in the script, in UTF-16 code units, where the server says one. */
  readonly offset?: number
  /** The server's message. */
  readonly message: string
  /** SQLSTATE or the like. With it in a `MIGRATION_FAILED` the statement counts as refused by the server: not in effect. */
  readonly serverCode?: string
  readonly serverDetail?: string
  readonly serverHint?: string
  /** What is in effect of a non-transactional step, where the driver knows more of it than the roles of its statements tell. */
  readonly effect?: StepEffect
  /** What mig adds, such as the line to put into the file. */
  readonly hint?: string
  readonly cause?: unknown
}
