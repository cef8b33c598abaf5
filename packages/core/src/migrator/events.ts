import type { Direction, Version } from '../plan/migration.ts'
import type { StepKind, StepResult } from './results.ts'
import type { VersionState } from '../plan/version-state.ts'

/** What a migrator tells while it works. Core never prints: whoever listens renders. */
export type MigratorEvent =
  /** The database does not answer yet and the connection is tried again. */
  | { readonly type: 'connection-waiting'; readonly attempt: number; readonly message: string }
  /** Someone else holds the lock. Sent once per holder. */
  | { readonly type: 'lock-waiting'; readonly holder?: string }
  | { readonly type: 'lock-acquired'; readonly waitedMs: number }
  /** What is going to run. Sent again when the plan changes under way. */
  | { readonly type: 'planned'; readonly steps: number; readonly state: VersionState }
  /** A step begins. Several that share a transaction may begin before the first of them is finished. */
  | {
      readonly type: 'step-started'
      readonly version: Version
      readonly direction: Direction
      readonly title: string
      readonly kind: StepKind
      /** 1-based number of this step, and how many there are. */
      readonly step: number
      readonly steps: number
      readonly statements: number
    }
  /** A statement of a non-transactional step is done. */
  | { readonly type: 'statement-finished'; readonly statement: number; readonly statements: number }
  /** Progress, not yet a promise: what is durable stands in the run's result. */
  | {
      readonly type: 'step-finished'
      readonly result: StepResult
      readonly step: number
      readonly steps: number
    }
  | { readonly type: 'warning'; readonly code: WarningCode; readonly message: string }

/** What a warning is about. */
export type WarningCode =
  | 'connection-parameter'
  | 'ledger-unavailable'
  | 'down-skipped'
  | 'observed'
  | 'near-miss'
  | 'out-of-order'
  | 'ahead'
  | 'not-durable'
  | 'state-changed'
  | 'baseline-misfit'

/** Receives events. Must not throw. */
export type MigratorEventListener = (event: MigratorEvent) => void
