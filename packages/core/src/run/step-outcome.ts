import type { NonTransactionalRun, NonTransactionalStep } from '../driver/driver.ts'
import type { ClassifiedStep } from './prepare-step.ts'

/**
 * What running a step, or several in a row, left:
 *
 * - `done`: nothing; what comes next begins by itself.
 * - `changed`: somebody else moved the version row, and the rest must be planned anew.
 * - `begun`: the non-transactional step after began with the write that ended the last one.
 * - `sent`: the transactional step after was sent with the write that ended the last one.
 */
export type StepOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'changed' }
  | {
      readonly kind: 'begun'
      readonly step: NonTransactionalStep
      readonly run: NonTransactionalRun
    }
  | { readonly kind: 'sent'; readonly next: ClassifiedStep }
