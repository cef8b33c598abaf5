import { throwIfAborted } from './acquire-lock.ts'
import { refusal } from './prepare-step.ts'
import { runTransactionalSteps } from './run-transactional-step.ts'
import { announce, type RunContext } from './run-context.ts'
import { beginNonTransactionalStep, runNonTransactionalStep } from './run-non-transactional-step.ts'
import type { StepOutcome } from './step-outcome.ts'
import type { StepReader } from './step-reader.ts'
import { wayOf } from './step-route.ts'

/** How a pass over the steps ended. With `changed` somebody else moved the version row, and the rest must be planned anew. */
export type PassOutcome = 'done' | 'changed' | 'stopped'

/** Runs all steps of a reader in order. Throws what the first failing step threw. */
export const runSteps = async (context: RunContext, reader: StepReader): Promise<PassOutcome> => {
  let left: StepOutcome | PassOutcome = { kind: 'done' }
  while (typeof left !== 'string') {
    context.ahead = []
    switch (left.kind) {
      case 'done':
        left = await runNext(context, reader)
        break
      case 'begun':
        announce(context, left.step, 'non-transactional')
        context.current = left.step
        left = await runNonTransactionalStep(context, reader, left.step, left.run)
        break
      case 'sent':
        context.current = left.next.step
        left = await runTransactionalSteps(context, reader, left.next)
        break
      case 'changed':
        left = 'changed'
    }
  }
  return left
}

/** Runs the next step in its way, if one is left and wanted. */
const runNext = async (
  context: RunContext,
  reader: StepReader,
): Promise<StepOutcome | PassOutcome> => {
  context.current = undefined
  const next = await reader.next()
  if (next === undefined) return 'done'
  throwIfAborted(context.signal)
  if (context.stop?.aborted === true) return 'stopped'
  context.current = next.step
  const way = await wayOf(context.driver, next)
  switch (way.kind) {
    case 'refused':
      throw refusal(next.step, way.refused)
    case 'transactional':
      return runTransactionalSteps(context, reader, next)
    case 'non-transactional': {
      const run = await beginNonTransactionalStep(context, way.step)
      if (run === undefined) return 'changed'
      return runNonTransactionalStep(context, reader, way.step, run)
    }
  }
}
