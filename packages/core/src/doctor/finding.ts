import type { VersionState } from '../plan/version-state.ts'
import type { Diagnosis } from './diagnosis.ts'

/** What a finding is about. */
export type FindingCode =
  | 'DIRTY'
  | 'DIRTY_WITHOUT_FILE'
  | 'LAST_RUN_FAILED'
  | 'LOCK_HELD'
  | 'LOCK_ROW'
  | 'LOCK_PER_NODE'
  | 'INVALID_INDEX'
  | 'OTHER_VERSION_TABLE'
  | 'MISSING_RIGHT'
  | 'WEAK_DURABILITY'
  | 'READ_ONLY'
  | 'EXTRA_ROWS'
  | 'LEDGER_UNUSABLE'
  | 'UNTRUSTED_TABLE'
  | 'EXCESS_RIGHTS'
  | 'LEDGER_NEWER'
  | 'CLOCK_SKEW'
  | 'FILES_UNREADABLE'
  | 'DUPLICATE_VERSION'
  | 'NEAR_MISS'
  | 'AHEAD_OF_FILES'
  | 'CHANGED_FILE'
  | 'OUT_OF_ORDER'
  | 'MISSING_FILE'

/** One thing that a person should know, and what to do about it. */
export interface Finding {
  readonly code: FindingCode
  /** `info` is worth knowing and nothing is wrong. */
  readonly severity: 'error' | 'warning' | 'info'
  /** What it is, one sentence. */
  readonly title: string
  /** Why it matters, one sentence. */
  readonly why: string
  /** More, a sentence each. */
  readonly details: readonly string[]
  /** The exact command to run next. Absent where there is none. */
  readonly command?: string
}

/** What `doctor` found. */
export interface DoctorResult {
  readonly state: VersionState
  /** Nothing is wrong: there is no error and no warning among the findings. */
  readonly healthy: boolean
  /** The most serious first. */
  readonly findings: readonly Finding[]
  /** What is known of the step that left the database dirty. */
  readonly diagnosis?: Diagnosis
}
