import type { GuardedRun, GuardedStep } from '../driver/driver.ts'
import type { ClassifiedStep } from './prepare-step.ts'

/**
 * What running a step, or several in a row, left behind:
 *
 * - `done`: nothing; what comes next begins by itself.
 * - `changed`: somebody else moved the marker, and the rest must be planned anew.
 * - `begun`: the guarded step behind began with the write that ended the last one.
 * - `sent`: the atomic step behind was sent with the write that ended the last one.
 */
export type StepOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'begun'; readonly step: GuardedStep; readonly run: GuardedRun }
  | { readonly kind: 'sent'; readonly next: ClassifiedStep }
