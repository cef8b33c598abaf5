/** What every run takes. */
export interface RunOptions {
  /** Cancels what is running: an atomic step is rolled back, a guarded one stays dirty. Rejects with `ABORTED`. */
  readonly signal?: AbortSignal
  /** Ends the run behind the step that is running. The result says `stopped`. */
  readonly stop?: AbortSignal
  /** What to do with versions on the way down that have no down file. Default is `error`. */
  readonly missingDown?: 'error' | 'skip'
}
