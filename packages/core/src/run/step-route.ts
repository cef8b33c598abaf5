import type { TransactionalStep, Driver, NonTransactionalStep } from '../driver/driver.ts'
import type { Classification } from '../script/classify.ts'
import type { ClassifiedStep } from './prepare-step.ts'

/** How a step is run on this database, in the form in which the driver gets it. */
export type StepWay =
  | { readonly kind: 'transactional'; readonly step: TransactionalStep }
  | { readonly kind: 'non-transactional'; readonly step: NonTransactionalStep }
  | { readonly kind: 'refused'; readonly refused: Extract<Classification, { kind: 'refused' }> }

/** The form in which a driver gets a transactional step. */
export const transactionalStep = ({ step, classification }: ClassifiedStep): TransactionalStep => {
  const block = classification.kind === 'transactional' ? classification.block : undefined
  return block === undefined ? step : { ...step, block }
}

/** Decides by the step's classification, and by what the database says of a script that looks transactional. */
export const wayOf = async (driver: Driver, next: ClassifiedStep): Promise<StepWay> => {
  const { step, classification } = next
  switch (classification.kind) {
    case 'refused':
      return { kind: 'refused', refused: classification }
    case 'non-transactional':
      return { kind: 'non-transactional', step: { ...step, reason: classification.reason } }
    case 'transactional': {
      const { statements } = step.parsed
      const reason = statements.length === 0 ? undefined : await driver.guardReason?.(statements)
      return reason === undefined
        ? { kind: 'transactional', step: transactionalStep(next) }
        : { kind: 'non-transactional', step: { ...step, reason } }
    }
  }
}
