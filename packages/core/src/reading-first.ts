import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MigrationStep } from './migration.ts'
import type { ClassifiedStep, ReadStep } from './prepare-step.ts'

/**
 * Reads a step before it is asked for: the one that a run will most likely begin with. Not before what the caller does
 * next is on its way to the database.
 */
export const readingFirst = (first: MigrationStep, read: ReadStep): ReadStep => {
  let early: Promise<ClassifiedStep> | undefined = nextTurn().then(() => read(first))
  // A failure is for whoever asks for the step. A run that ends before that has another reason.
  early.catch(() => undefined)
  return (step) => {
    const begun = isSame(step, first) ? early : undefined
    // Whatever a run begins with, the body of another step is not held until its end.
    early = undefined
    return begun ?? read(step)
  }
}

const isSame = (a: MigrationStep, b: MigrationStep): boolean =>
  a.version === b.version && a.direction === b.direction && a.from === b.from && a.to === b.to
