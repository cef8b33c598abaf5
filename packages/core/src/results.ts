import type { Durability } from './driver/driver.ts'
import type { Direction, Version } from './migration.ts'
import type { VersionState } from './version-state.ts'

/** How a step ran: in one transaction, statement by statement, or not at all because there was no body. */
export type StepKind = 'atomic' | 'guarded' | 'empty'

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

/** Where one version stands. */
export type MigrationStatus = 'applied' | 'pending'

/** One version of the source, or the marker's own version where the source has no file for it. */
export interface StatusEntry {
  readonly version: Version
  readonly title: string
  readonly status: MigrationStatus
  readonly up?: string
  readonly down?: string
  /** The marker is at this version, and no file has it. */
  readonly missing: boolean
  /** The marker is at this version and dirty. */
  readonly dirty: boolean
}

/** What `status` found. */
export interface StatusResult {
  readonly state: VersionState
  readonly entries: readonly StatusEntry[]
  readonly pending: number
  /** File names that nearly look like migrations. */
  readonly nearMisses: readonly string[]
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
