import { waitForLock } from './acquire-lock.ts'
import type { AtomicOutcome, AtomicStep } from './driver/driver.ts'
import type { ClassifiedStep } from './prepare-step.ts'
import { announce, finish, kindOf, type RunContext } from './run-context.ts'
import type { StepReader } from './step-reader.ts'

/** The form in which a driver gets an atomic step. */
const atomicStep = ({ step, classification }: ClassifiedStep): AtomicStep => {
  const block = classification.kind === 'atomic' ? classification.block : undefined
  return block === undefined ? step : { ...step, block }
}

/** Runs an atomic step, and as many of those behind it as the driver takes along. */
export const runAtomicSteps = async (
  context: RunContext,
  reader: StepReader,
  next: ClassifiedStep,
): Promise<'done' | 'changed'> => {
  const { driver, signal } = context
  announce(context, next.step, kindOf(next))
  // A request to stop that came with the announcement ends the run behind the step that was announced.
  const batch = context.stop?.aborted === true ? [next] : await reader.batch(next)
  const [first, ...others] = batch.map(atomicStep)
  if (first === undefined) return 'done'
  reader.readAheadOf(next)

  let announced = 0
  const begun = (index: number): void => {
    const step = batch[index]
    if (index <= announced || step === undefined) return
    announced = index
    announce(context, step.step, kindOf(step), index)
  }
  const run: { outcome?: AtomicOutcome } = {}
  await waitForLock(
    async () => {
      const outcome = (run.outcome = await driver.runAtomic([first, ...others], signal, begun))
      if (outcome.kind !== 'busy') return { held: true }
      const { holder } = outcome
      return { held: false, ...(holder === undefined ? {} : { holder }) }
    },
    { timeoutMs: context.lockTimeoutMs, signal, emit: context.emit },
  )
  if (run.outcome?.kind !== 'applied') return 'changed'

  const { durationsMs } = run.outcome
  for (const [index, durationMs] of durationsMs.entries()) {
    const done = batch[index]
    if (done === undefined) break
    if (index > announced) announce(context, done.step, kindOf(done))
    finish(context, done.step, kindOf(done), durationMs)
  }
  reader.consume(durationsMs.length)
  return 'done'
}
