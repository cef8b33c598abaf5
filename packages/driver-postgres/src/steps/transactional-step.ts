import {
  type TransactionalOutcome,
  type TransactionalProgress,
  type TransactionalStep,
  type MigrateError,
  statementError,
} from '@mig/core/driver'
import { serverErrorOf, stepError } from './errors.ts'
import type { ExchangeOptions, ExchangeResult, MessageAnswer } from '../session/exchange.ts'
import { type FailurePlace, placeOfFailure } from './failure-place.ts'
import { blockNextStepOn } from '../lock/block-next-step.ts'
import { isLockBusy } from '../lock/lock.ts'
import { aborted, isAborted } from '../session/session.ts'
import { quoteTable } from '../tables/quote.ts'
import { type DriverState, rollBack } from '../state.ts'
import { missingRightOfStep } from './step-rights.ts'
import { chainSteps, type StepChain } from './step-chain.ts'
import type { StepPart } from './step-message.ts'
import { type Timeout, timeoutHint, withTimeout } from '../session/timeout.ts'
import { isVersionTableChanged } from '../tables/version-table.ts'

/**
 * How many steps of a chain are under way at once. Enough to keep the server busy while the client reads and prints,
 * and few, because a client that is killed leaves them to the server.
 */
const mostUnderWay = 4

/** Runs a step in one transaction and, up to a usual size, in one round trip; and those after it that follow it. */
export const runTransactionalSteps = async (
  state: DriverState,
  offered: readonly [TransactionalStep, ...TransactionalStep[]],
  signal: AbortSignal | undefined,
  progress: TransactionalProgress | undefined,
): Promise<TransactionalOutcome> => {
  if (isAborted(signal)) throw aborted(signal)
  const { session, settings } = state
  const chain = chainSteps(state, offered)
  const timeout = withTimeout(signal, settings.statementTimeoutMs)
  const watch = watchChain(chain, progress, timeout.cancel)
  const isLast = (): boolean => watch.durationsMs.length + 1 >= chain.steps.length
  const release = isLast() ? undefined : blockNextStepOn(progress?.stop, state, isLast)
  const result = await session.exchange(chain.messages, timeout.signal, {
    answered: watch.answered,
    ...(chain.steps.length === 1 ? {} : { mostUnderWay }),
  })
  timeout.clear()
  await release?.()
  const { durationsMs } = watch
  const outOfOrderMigrations = countCancelledLate(chain, result)
  watch.count(outOfOrderMigrations)
  if (durationsMs.length > 0) state.versionTable = { ...state.versionTable, extraRows: false }

  const step = chain.steps[durationsMs.length]
  if ((outOfOrderMigrations > 0 || watch.ended()) && !session.broken) {
    await rollBack(state)
    watch.rethrow()
  } else if (step !== undefined) {
    const outcome = await failedOutcome(state, { chain, step, result, timeout, signal })
    if (durationsMs.length === 0) return outcome
  }
  return { kind: 'applied', durationsMs }
}

interface ChainWatch {
  /** Told of each answer; says whether anything more is to be sent. */
  readonly answered: NonNullable<ExchangeOptions['answered']>
  /** How long each committed step took. */
  readonly durationsMs: readonly number[]
  /** Counts steps that turned out to be done. */
  count(steps: number): void
  /** Whether the rest of the chain was called off. */
  ended(): boolean
  /** Throws what whoever was told of the progress threw. */
  rethrow(): void
}

/** Tells of the steps of a chain as they are done, and calls the rest off where it is not wanted. */
const watchChain = (
  chain: StepChain,
  progress: TransactionalProgress | undefined,
  callOff: () => void,
): ChainWatch => {
  const durationsMs: number[] = []
  let startedAt = performance.now()
  let ended = false
  let thrown: { readonly error: unknown } | undefined

  const countOne = (): number => {
    const durationMs = performance.now() - startedAt
    startedAt += durationMs
    durationsMs.push(durationMs)
    return durationMs
  }
  const goesOn = (index: number, durationMs: number): boolean => {
    try {
      progress?.done(index, durationMs)
      return index + 1 >= chain.steps.length || progress?.begun(index + 1) !== false
    } catch (error) {
      // It must not end up in the client, whose answer this is.
      thrown ??= { error }
      return false
    }
  }
  return {
    durationsMs,
    answered: (message, answer, transaction) => {
      const { index, layout, messagesBefore } = chain.placeOf(message)
      if (message < messagesBefore + layout.length - 1) return true
      if (!isCommitted(layout.at(-1) ?? [], answer) || transaction !== 'I') return false
      if (goesOn(index, countOne())) return true
      ended = true
      callOff()
      return false
    },
    count: (steps) => {
      for (let step = 0; step < steps; step++) countOne()
    },
    ended: () => ended,
    rethrow: () => {
      if (thrown !== undefined) throw thrown.error
    },
  }
}

/**
 * How many steps are committed although the answer to the first of them ended in an error: a cancel request hit what
 * stands after its COMMIT, and those that were under way after it went on. Only the session is not in order then.
 */
const countCancelledLate = (chain: StepChain, { answers, failure }: ExchangeResult): number => {
  if (failure === undefined || serverErrorOf(failure.error)?.code !== '57014') return 0
  let message = failure.message
  for (; message < answers.length; message++) {
    const { layout, messagesBefore } = chain.placeOf(message)
    const answer = answers[message]
    if (answer === undefined || message < messagesBefore + layout.length - 1) break
    if (!isCommitted(layout.at(-1) ?? [], answer)) break
  }
  return message - failure.message
}

interface Failed {
  readonly chain: StepChain
  readonly step: TransactionalStep
  readonly result: ExchangeResult
  readonly timeout: Timeout
  readonly signal: AbortSignal | undefined
}

/** `changed` or `busy` where the step did not begin, with the session in order again; else throws why it failed. */
const failedOutcome = async (
  state: DriverState,
  { chain, step, result, timeout, signal }: Failed,
): Promise<TransactionalOutcome> => {
  const { failure } = result
  if (failure === undefined) throw notCommitted(step)
  const { layout, messagesBefore } = chain.placeOf(failure.message)
  const place = placeOfFailure(
    layout,
    step.parsed.statements,
    {
      ...result,
      answers: result.answers.slice(messagesBefore),
      failure: { ...failure, message: failure.message - messagesBefore },
    },
    state.facts.countsBytes,
  )
  if (place.role === 'open' && failure.message === messagesBefore) {
    const busy = isLockBusy(failure.error.message)
    if (busy || isVersionTableChanged(failure.error) || isOvertaken(failure.error)) {
      await rollBack(state)
      return busy ? busyOutcome(state) : { kind: 'changed' }
    }
  }
  const timedOut = timeout.timedOut()
  if (isAborted(signal) && !timedOut && !state.session.broken) throw aborted(signal, failure.error)
  if (place.role === 'close' && isVersionTableChanged(failure.error)) {
    throw versionTableTouched(state, step, failure.error)
  }
  const hint = timedOut
    ? timeoutHint(state.settings.statementTimeoutMs)
    : ((await missingRightOfStep(state, step, failure.error, place)) ?? hintOf(state, place))
  throw stepError(step, failure.error, { ...place, ...(hint === undefined ? {} : { hint }) })
}

/** Somebody else wrote the version row in the same moment. */
const isOvertaken = (error: Error): boolean => {
  const code = serverErrorOf(error)?.code
  return code === '40001' || code === '23505'
}

const busyOutcome = async (state: DriverState): Promise<TransactionalOutcome> => {
  const holder = await state.lock.holder(state.session)
  return { kind: 'busy', ...(holder === undefined ? {} : { holder }) }
}

/** The server answers COMMIT of a failed transaction with `ROLLBACK` and no error. */
const isCommitted = (parts: readonly StepPart[], { tags }: MessageAnswer): boolean => {
  let index = 0
  for (const part of parts) {
    if (part.role === 'commit') return tags[index] === 'COMMIT'
    index += part.commands
  }
  return false
}

const notCommitted = (step: TransactionalStep): MigrateError =>
  statementError(step, {
    message: 'The transaction of the step did not end in a COMMIT',
    hint: 'The script ends its own transaction in a way that is not allowed, or leaves one open.',
  })

const versionTableTouched = (
  state: DriverState,
  step: TransactionalStep,
  cause: Error,
): MigrateError =>
  statementError(step, {
    message: `The version table ${quoteTable(state.versionTable.table)} does not hold what the step wrote into it`,
    hint: keepVersionTableApart(state),
    cause,
  })

const keepVersionTableApart = ({ versionTable }: DriverState): string =>
  `The script removes, renames or changes the version table ${quoteTable(versionTable.table)}, ` +
  'or ends the transaction it runs in; or a trigger on the table undoes the write. Keep the table in a schema that no migration touches: ' +
  'x-migrations-table="mig"."schema_migrations" with x-migrations-table-quoted=true.'

/** What to do where the script broke the closing writes. */
const hintOf = (state: DriverState, { role }: FailurePlace): string | undefined => {
  switch (role) {
    case 'close':
    case 'open':
      return keepVersionTableApart(state)
    case 'commit':
      return 'All statements were done; the COMMIT found a constraint violated that is checked at the end.'
    case 'reset':
      return 'The step itself is committed.'
    case 'begin':
    case 'script':
    case undefined:
      break
  }
  return undefined
}
