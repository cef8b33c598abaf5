import { waitForLock } from './acquire-lock.ts'
import type { TransactionalOutcome, NonTransactionalStep } from '../driver/driver.ts'
import type { ClassifiedStep } from './prepare-step.ts'
import { announce, finish, kindOf, type RunContext } from './run-context.ts'
import type { StepOutcome } from './step-outcome.ts'
import type { StepReader } from './step-reader.ts'
import { transactionalStep } from './step-route.ts'

/** Runs a transactional step, and as many of those after it as the driver takes along. */
export const runTransactionalSteps = async (
  context: RunContext,
  reader: StepReader,
  next: ClassifiedStep,
): Promise<StepOutcome> => {
  const { driver, signal, stop } = context
  announce(context, next.step, kindOf(next))
  // A request to stop that came with the announcement ends the run after the step that was announced.
  const batch = stop?.aborted === true ? [next] : await reader.batch(next)
  const [first, ...others] = batch.map(transactionalStep)
  if (first === undefined) return { kind: 'done' }
  const after = nonTransactionalAfter(context, reader, batch)
  reader.readAhead()

  const unwanted = (): boolean => stop?.aborted === true || signal?.aborted === true
  let announced = 0
  let finished = 0
  const begun = (index: number): boolean => {
    const step = batch[index]
    if (index <= announced || step === undefined) return true
    if (unwanted()) return false
    announced = index
    announce(context, step.step, kindOf(step), index - finished)
    return true
  }
  const done = (index: number, durationMs: number): void => {
    const step = batch[index]
    if (index < finished || step === undefined) return
    if (index > announced) announce(context, step.step, kindOf(step))
    finish(context, step.step, kindOf(step), durationMs)
    finished = index + 1
    reader.consume(1)
    reader.readAhead()
    const following = batch.slice(finished).map(({ step: prepared }) => prepared)
    context.current = following[0]
    context.ahead = following.slice(1)
  }
  const following = (): NonTransactionalStep | undefined => {
    if (unwanted()) return undefined
    context.joined = after
    return after
  }

  context.ahead = batch.slice(1).map(({ step }) => step)
  const run: { outcome?: TransactionalOutcome } = {}
  await waitForLock(
    async () => {
      const outcome = (run.outcome = await driver.runTransactional([first, ...others], signal, {
        begun,
        done,
        ...(after === undefined ? {} : { following }),
        ...(stop === undefined ? {} : { stop }),
      }))
      if (outcome.kind !== 'busy') return { held: true }
      const { holder } = outcome
      return { held: false, ...(holder === undefined ? {} : { holder }) }
    },
    { timeoutMs: context.lockTimeoutMs, signal, emit: context.emit },
  )
  context.ahead = []
  context.joined = undefined
  if (run.outcome?.kind !== 'applied') return { kind: 'changed' }
  for (const [index, durationMs] of run.outcome.durationsMs.entries()) done(index, durationMs)
  if (after === undefined || run.outcome.begun === undefined) return { kind: 'done' }
  return { kind: 'begun', step: after, run: run.outcome.begun }
}

/** The step after a batch, if it is a non-transactional one that may begin with the batch's commit. Nothing waits for a file. */
const nonTransactionalAfter = (
  { driver }: RunContext,
  reader: StepReader,
  batch: readonly ClassifiedStep[],
): NonTransactionalStep | undefined => {
  if (!driver.capabilities.beginsWithCommit) return undefined
  const after = reader.atHand(batch.length)
  if (after?.classification.kind !== 'non-transactional') return undefined
  return { ...after.step, reason: after.classification.reason }
}
