/**
 * What to do with versions below the version row that were never applied: refuse, warn and leave them out, or apply them
 * before the others.
 */
export type OutOfOrder = 'error' | 'warn' | 'apply'

/** What every run takes. */
export interface RunOptions {
  /** Cancels what is running: a transactional step is rolled back, a non-transactional one stays dirty. Rejects with `ABORTED`. */
  readonly signal?: AbortSignal
  /** Ends the run after the step that is running. The result says `stopped`. */
  readonly stop?: AbortSignal
  /** What to do with versions on the way down that have no down file. Default is `error`. */
  readonly missingDown?: 'error' | 'skip'
  /** Default is `error`. Needs a ledger: without one nobody can tell. */
  readonly outOfOrder?: OutOfOrder
  /**
   * A database at a version that has no file (a newer release was there before) is nothing to do instead of
   * `MISSING_FILE`. For programs that migrate when they start. Default is `false`.
   */
  readonly allowAhead?: boolean
}
