import { throwIfAborted } from './acquire-lock.ts'
import { refusal, type ClassifiedStep } from './prepare-step.ts'
import { runAtomicSteps } from './run-atomic-step.ts'
import type { RunContext } from './run-context.ts'
import { runGuardedSteps } from './run-guarded-step.ts'
import type { StepReader } from './step-reader.ts'

/** How a pass over the steps ended. With `changed` somebody else moved the marker, and the rest must be planned anew. */
export type PassOutcome = 'done' | 'changed' | 'stopped'

/** Runs all steps of a reader in order. Throws what the first failing step threw. */
export const runSteps = async (context: RunContext, reader: StepReader): Promise<PassOutcome> => {
  for (;;) {
    context.current = undefined
    context.ahead = []
    const next = await reader.next()
    if (next === undefined) return 'done'
    throwIfAborted(context.signal)
    if (context.stop?.aborted === true) return 'stopped'
    context.current = next.step
    const outcome = await runNext(context, reader, next)
    if (outcome === 'changed') return 'changed'
  }
}

const runNext = async (
  context: RunContext,
  reader: StepReader,
  next: ClassifiedStep,
): Promise<'done' | 'changed'> => {
  const { classification, step } = next
  switch (classification.kind) {
    case 'refused':
      throw refusal(step, classification)
    case 'guarded':
      return runGuardedSteps(context, reader, { ...step, reason: classification.reason })
    case 'atomic': {
      const reason =
        step.script.statements.length === 0
          ? undefined
          : await context.driver.guardReason?.(step.script.statements)
      if (reason !== undefined) return runGuardedSteps(context, reader, { ...step, reason })
      return runAtomicSteps(context, reader, next)
    }
  }
}
