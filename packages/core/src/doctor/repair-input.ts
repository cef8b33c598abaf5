import type { Driver, Preparation } from '../driver/driver.ts'
import type { MigratorEventListener } from '../migrator/events.ts'
import type { RunIdentity } from '../run/prepare-step.ts'
import type { MigrationListing, Source } from '../source/source.ts'

/** How a dirty database is repaired. */
export type RepairAction =
  /** Whatever record and catalog prove. */
  | 'proven'
  /** Runs what is left of the step. */
  | 'resume'
  /** Nothing of the step is in effect: the version row goes back. */
  | 'rolled-back'
  /** All of the step is in effect: the version row stays. */
  | 'applied'

/** Options of `Migrator.repair`. */
export interface RepairOptions {
  /** Default is `proven`. */
  readonly action?: RepairAction
  /** With `resume`: the first statement to run, counted from 1, where record and catalog do not tell. */
  readonly fromStatement?: number
  /** Remove INVALID indexes first. Default is `false`. */
  readonly dropInvalidIndexes?: boolean
  /** Why, for the record. */
  readonly reason?: string
  /** Cancels a statement that is running. */
  readonly signal?: AbortSignal
}

/** What a repair works on. The lock is held, and the tables are there. */
export interface RepairInput {
  readonly driver: Driver
  readonly source: Source
  readonly listing: MigrationListing
  readonly identity: RunIdentity
  readonly emit: MigratorEventListener
  readonly lockTimeoutMs: number
  readonly preparation: Preparation
}
