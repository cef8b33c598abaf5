import type { AtomicStep, Driver, GuardedStep } from '../driver/driver.ts'
import type { Classification } from '../script/classify.ts'
import type { ClassifiedStep } from './prepare-step.ts'

/** How a step is run on this database, in the form in which the driver gets it. */
export type StepWay =
  | { readonly kind: 'atomic'; readonly step: AtomicStep }
  | { readonly kind: 'guarded'; readonly step: GuardedStep }
  | { readonly kind: 'refused'; readonly refused: Extract<Classification, { kind: 'refused' }> }

/** The form in which a driver gets an atomic step. */
export const atomicStep = ({ step, classification }: ClassifiedStep): AtomicStep => {
  const block = classification.kind === 'atomic' ? classification.block : undefined
  return block === undefined ? step : { ...step, block }
}

/** Decides by the step's classification, and by what the database says of a body that looks atomic. */
export const wayOf = async (driver: Driver, next: ClassifiedStep): Promise<StepWay> => {
  const { step, classification } = next
  switch (classification.kind) {
    case 'refused':
      return { kind: 'refused', refused: classification }
    case 'guarded':
      return { kind: 'guarded', step: { ...step, reason: classification.reason } }
    case 'atomic': {
      const { statements } = step.script
      const reason = statements.length === 0 ? undefined : await driver.guardReason?.(statements)
      return reason === undefined
        ? { kind: 'atomic', step: atomicStep(next) }
        : { kind: 'guarded', step: { ...step, reason } }
    }
  }
}
