import type { Direction, Version } from '../plan/migration.ts'
import type { VersionState } from '../plan/version-state.ts'

/** The format of the ledger table that this release writes. A ledger of a newer format is read-only. */
export const ledgerFormat = 1

/**
 * What happened:
 *
 * - `applied`, `reverted`: a step finished, up or down.
 * - `started`: a non-transactional step began; `statement`: one statement of it is in effect.
 * - `failed`: a step did not finish.
 * - `forced`: the version row was set by hand. `repaired`, `baselined`, `accepted`: repaired or adopted on record.
 * - `observed`: the version row had been moved by someone who writes no ledger.
 */
export type LedgerEventKind =
  | 'applied'
  | 'reverted'
  | 'started'
  | 'statement'
  | 'failed'
  | 'forced'
  | 'repaired'
  | 'baselined'
  | 'accepted'
  | 'observed'

/** Events after which other versions are applied than before, but for the one of a step upwards. */
export const movingKinds: readonly LedgerEventKind[] = [
  'reverted',
  'observed',
  'forced',
  'repaired',
  'baselined',
]

/** What is to be recorded. The driver adds id and time, by the server's clock. */
export interface LedgerEntry {
  readonly kind: LedgerEventKind
  /** The same for all events of one run. */
  readonly runId: string
  /** The migration's version; `null` where the event is about no migration. */
  readonly version: Version | null
  readonly direction: Direction | null
  readonly title: string
  /** The version row's version before and after. */
  readonly from: Version | null
  readonly to: Version | null
  /** Whether the version row is dirty after it. */
  readonly dirty: boolean
  /** 1-based number of the statement, for `statement` and `failed`. */
  readonly statement: number | null
  /** How many statements the script has. */
  readonly statements: number | null
  readonly durationMs: number | null
  /** SHA-256 of the script with line ends normalised, in hexadecimal; for `statement` of the script up to its end. */
  readonly checksum: string | null
  /** Who ran it, as `user@host`. */
  readonly actor: string
  /** What ran it, as `mig 1.2.3`. */
  readonly tool: string
  /** Where a statement failed: line and column in the script. */
  readonly line: number | null
  readonly column: number | null
  /** The server's error code, such as a SQLSTATE. */
  readonly errorCode: string | null
  /** Of a failure its place and code, else a reason given by a person. Never what a server said, nor SQL text. */
  readonly message: string | null
  /** More, as JSON; for `observed` the versions that existed as files. */
  readonly details: string | null
}

/** One row of the ledger. */
export interface LedgerEvent extends LedgerEntry {
  readonly id: bigint
  readonly format: number
  readonly at: Date
}

/** Which events to read. */
export interface LedgerQuery {
  /** Only events of this migration. */
  readonly version?: Version
  /** At most this many, the newest ones. Default is all. */
  readonly limit?: number
  /**
   * Only what tells which versions are applied: id, kind, version, from, to, dirty and details. The rest may be left
   * blank (`null`, an empty text, 0, the epoch), and need not be read from the database.
   */
  readonly summary?: boolean
}

/** A ledger in which nobody ever moved the version row but steps upwards, in short. */
export interface LinearLedger {
  /** The versions that were applied, in the order in which they were: decimal, one a line. */
  readonly versions: string
  /** The version row after the newest event. */
  readonly recorded: VersionState
}

/** Version row and ledger, read in one statement. Events are in the order in which they were written. */
export interface LedgerSnapshot {
  readonly state: VersionState
  readonly events: readonly LedgerEvent[]
  /**
   * In place of the events, where a brief query of all of them finds some, and none of {@link movingKinds}. A driver may
   * put its answer so, for ledgers of many thousand events.
   */
  readonly linear?: LinearLedger
  /** Why there are no events although there is a ledger: it may not be read. */
  readonly unavailable?: string
}
