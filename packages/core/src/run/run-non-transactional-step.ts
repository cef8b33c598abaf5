import { throwIfAborted, waitForLock } from './acquire-lock.ts'
import type {
  NonTransactionalRun,
  NonTransactionalStart,
  NonTransactionalStep,
} from '../driver/driver.ts'
import type { ClassifiedStep } from './prepare-step.ts'
import { announce, finish, type RunContext } from './run-context.ts'
import type { StepOutcome } from './step-outcome.ts'
import type { StepReader } from './step-reader.ts'
import { wayOf, type StepWay } from './step-route.ts'

/** Announces a non-transactional step and sets its dirty mark. Nothing where the version row was moved meanwhile. */
export const beginNonTransactionalStep = async (
  context: RunContext,
  step: NonTransactionalStep,
): Promise<NonTransactionalRun | undefined> => {
  const { driver, signal } = context
  announce(context, step, 'non-transactional')
  const begun: { start?: NonTransactionalStart } = {}
  await waitForLock(
    async () => {
      const start = (begun.start = await driver.beginNonTransactional(step, signal))
      if (start.kind !== 'busy') return { held: true }
      const { holder } = start
      return { held: false, ...(holder === undefined ? {} : { holder }) }
    },
    { timeoutMs: context.lockTimeoutMs, signal, emit: context.emit },
  )
  return begun.start?.kind === 'started' ? begun.start.run : undefined
}

/**
 * Runs a non-transactional step that has begun, and ends it: with the write that begins the step after it where the driver can
 * join the two. That step is read and classified before, and never joined across a stop request.
 */
export const runNonTransactionalStep = async (
  context: RunContext,
  reader: StepReader,
  step: NonTransactionalStep,
  run: NonTransactionalRun,
): Promise<StepOutcome> => {
  reader.readAhead()
  const startedAt = performance.now()
  const { length } = step.parsed.statements
  for (let index = 0; index < length; index++) {
    context.statement = index + 1
    throwIfAborted(context.signal)
    if ((await run.statement(index, context.signal)) === 'undone') return { kind: 'changed' }
    context.emit({ type: 'statement-finished', statement: index + 1, statements: length })
  }

  reader.consume(1)
  reader.readAhead()
  const outcome = await end(context, run, await after(context, reader, run))
  finish(context, step, 'non-transactional', performance.now() - startedAt)
  return outcome
}

/** The step after the current one, if it may begin with the write that ends the current one. */
const after = async (
  context: RunContext,
  reader: StepReader,
  run: NonTransactionalRun,
): Promise<{ readonly next: ClassifiedStep; readonly way: StepWay } | undefined> => {
  if (run.finishAndBegin === undefined && run.finishAndSend === undefined) return undefined
  if (context.stop?.aborted === true || context.signal?.aborted === true) return undefined
  const next = await reader.peek()
  if (next === undefined) return undefined
  try {
    return { next, way: await wayOf(context.driver, next) }
  } catch {
    // It is asked again, and told, when it is that step's turn. The current one has still to end.
    return undefined
  }
}

const end = async (
  context: RunContext,
  run: NonTransactionalRun,
  following: { readonly next: ClassifiedStep; readonly way: StepWay } | undefined,
): Promise<StepOutcome> => {
  if (following?.way.kind === 'non-transactional' && run.finishAndBegin !== undefined) {
    const { step } = following.way
    context.joined = step
    const start = await run.finishAndBegin(step)
    context.joined = undefined
    if (start.kind === 'started') return { kind: 'begun', step, run: start.run }
  } else if (following?.way.kind === 'transactional' && run.finishAndSend !== undefined) {
    const sent = await run.finishAndSend(following.way.step)
    return sent === 'sent' ? { kind: 'sent', next: following.next } : { kind: 'done' }
  }
  await run.finish()
  return { kind: 'done' }
}
