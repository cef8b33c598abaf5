import type { Durability } from '../driver/driver.ts'
import type { LedgerEvent } from '../ledger/ledger.ts'
import type { AppliedRecord } from '../ledger/ledger-view.ts'
import type { Direction, Version } from '../plan/migration.ts'
import type { VersionState } from '../plan/version-state.ts'

/** How a step ran: in one transaction, statement by statement, or not at all because there was no script. */
export type StepKind = 'transactional' | 'non-transactional' | 'empty'

/** One step that is done. */
export interface StepResult {
  readonly version: Version
  readonly direction: Direction
  readonly title: string
  /** The file that ran. Absent where there was none. */
  readonly file?: string
  readonly kind: StepKind
  readonly durationMs: number
}

/** What a run did. */
export interface RunResult {
  /** The steps done, in order. Empty where there was nothing to do. */
  readonly steps: readonly StepResult[]
  readonly from: VersionState
  readonly to: VersionState
  /** Whether what is reported here is on disk. */
  readonly durability: Durability
  /** The run ended before its target because it was asked to stop. */
  readonly stopped: boolean
  readonly durationMs: number
}

/** Where one version stands. `out-of-order` is below the version row and was never applied. */
export type MigrationStatus = 'applied' | 'pending' | 'out-of-order'

/** One version of the source, or one that the database knows and the source has no file for. */
export interface StatusEntry {
  readonly version: Version
  readonly title: string
  readonly status: MigrationStatus
  readonly up?: string
  readonly down?: string
  /** The version row is at this version. */
  readonly current: boolean
  /** The database knows this version, and no file has it. */
  readonly missing: boolean
  /** The version row is at this version and dirty. */
  readonly dirty: boolean
  /** The file is not the one that was applied. */
  readonly changed: boolean
  /** There is an up file and no down file. */
  readonly irreversible: boolean
  /** How it came to be applied, and what the ledger knows of that. Absent where the ledger says nothing. */
  readonly record?: AppliedRecord
}

/** What `status` found. */
export interface StatusResult {
  readonly state: VersionState
  /** Whether a ledger is there to explain the version row. */
  readonly ledger: boolean
  readonly entries: readonly StatusEntry[]
  readonly pending: number
  readonly outOfOrder: number
  readonly changed: number
  readonly missing: number
  /** File names that nearly look like migrations. */
  readonly nearMisses: readonly string[]
}

/** A file that is not the one that was applied. */
export interface ChangedFile {
  readonly version: Version
  readonly file: string
  /** SHA-256 of the script that ran, line ends normalised. */
  readonly recorded: string
  readonly actual: string
}

/** What `verify` found. */
export interface VerifyResult {
  readonly state: VersionState
  /** Whether a ledger is there to go by. Without it only `ahead` can be told. */
  readonly ledger: boolean
  readonly changed: readonly ChangedFile[]
  /** Versions below the version row that were never applied. */
  readonly outOfOrder: readonly Version[]
  /** Versions that were applied and have no file. */
  readonly missing: readonly Version[]
  /** The version row's own version has no file. */
  readonly ahead: boolean
}

/** What `accept` put on record. */
export interface AcceptResult {
  readonly version: Version
  readonly file: string
  readonly recorded: string | null
  readonly accepted: string
}

/** What `history` read. */
export interface HistoryResult {
  readonly state: VersionState
  /** In the order in which they were written. */
  readonly events: readonly LedgerEvent[]
}

/** What `baseline` did. */
export interface BaselineResult {
  readonly from: VersionState
  readonly to: VersionState
  /** The versions that count as applied from now on. */
  readonly versions: readonly Version[]
}

/** One statement of a planned step. */
export interface PlannedStatement {
  readonly command: string
  readonly line: number
  readonly text: string
}

/** One step that would run. */
export interface PlannedStep {
  readonly version: Version
  readonly direction: Direction
  readonly title: string
  readonly file?: string
  readonly kind: StepKind | 'refused'
  /** Why it is of this kind. */
  readonly reason: string
  readonly statements: readonly PlannedStatement[]
}

/** What a run would do. */
export interface PlanResult {
  readonly state: VersionState
  readonly target: Version | null
  readonly steps: readonly PlannedStep[]
}

/** What `force` did. */
export interface ForceResult {
  readonly from: VersionState
  readonly to: VersionState
}
