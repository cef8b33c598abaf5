import { throwIfAborted, waitForLock } from './acquire-lock.ts'
import type { GuardedRun, GuardedStart, GuardedStep } from './driver/driver.ts'
import { announce, finish, type RunContext } from './run-context.ts'
import type { StepReader } from './step-reader.ts'

const begin = async (context: RunContext, step: GuardedStep): Promise<GuardedRun | undefined> => {
  const { driver, signal } = context
  const begun: { start?: GuardedStart } = {}
  await waitForLock(
    async () => {
      const start = (begun.start = await driver.beginGuarded(step, signal))
      if (start.kind !== 'busy') return { held: true }
      const { holder } = start
      return { held: false, ...(holder === undefined ? {} : { holder }) }
    },
    { timeoutMs: context.lockTimeoutMs, signal, emit: context.emit },
  )
  return begun.start?.kind === 'started' ? begun.start.run : undefined
}

/**
 * Runs a guarded step, and those right behind it that are guarded too where the driver can join their marker writes.
 * The step that follows is read and classified before the current one ends, and never joined across a stop request.
 */
export const runGuardedSteps = async (
  context: RunContext,
  reader: StepReader,
  first: GuardedStep,
): Promise<'done' | 'changed'> => {
  let step = first
  announce(context, step, 'guarded')
  let run = await begin(context, step)
  for (;;) {
    if (run === undefined) return 'changed'
    reader.readAhead()
    const startedAt = performance.now()
    const { length } = step.script.statements
    for (let index = 0; index < length; index++) {
      context.statement = index + 1
      throwIfAborted(context.signal)
      if ((await run.statement(index, context.signal)) === 'undone') return 'changed'
      context.emit({ type: 'statement-finished', statement: index + 1, statements: length })
    }

    reader.consume(1)
    const next = await joinable(context, reader, run)
    context.joined = next
    const start = next === undefined ? undefined : await run.finishAndBegin?.(next)
    context.joined = undefined
    if (start === undefined || start.kind !== 'started') await run.finish()
    finish(context, step, 'guarded', performance.now() - startedAt)
    if (next === undefined || start === undefined) return 'done'
    if (start.kind !== 'started') return 'done'

    announce(context, next, 'guarded')
    step = next
    context.current = next
    run = start.run
  }
}

/** The step behind the current one, if it may begin with the write that ends the current one. */
const joinable = async (
  context: RunContext,
  reader: StepReader,
  run: GuardedRun,
): Promise<GuardedStep | undefined> => {
  if (run.finishAndBegin === undefined) return undefined
  if (context.stop?.aborted === true || context.signal?.aborted === true) return undefined
  const peeked = await reader.peek()
  if (peeked?.classification.kind !== 'guarded') return undefined
  return { ...peeked.step, reason: peeked.classification.reason }
}
