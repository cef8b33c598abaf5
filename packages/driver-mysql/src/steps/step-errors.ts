import {
  isMigrateError,
  MigrateError,
  statementError,
  type PreparedStep,
  type StatementFailure,
  type StepEffect,
} from '@mig/core/driver'
import type { Stopped } from '../session/cancel.ts'
import { clientError, isConnectionLost, statementFailure } from './errors.ts'

/** What is known of a step that did not get to its end. */
export interface StepFailure {
  readonly step: PreparedStep
  /** The statement that failed; absent where the failure belongs to none. */
  readonly index?: number
  readonly error: unknown
  readonly stopped?: Stopped | undefined
  readonly signal?: AbortSignal | undefined
  readonly statementTimeoutMs: number
  /** What is in effect of the step. */
  readonly effect?: StepEffect
}

/** The server is not known to have refused a statement that was cut off. */
const effectOf = ({ effect, error, stopped }: StepFailure): StepEffect | undefined => {
  const cutOff = stopped === 'aborted' || isConnectionLost(error)
  return effect?.failed === 'not-in-effect' && cutOff ? { ...effect, failed: 'perhaps' } : effect
}

/** The error of a step: what the server said and where, that the connection broke, or that it was told to stop. */
export const stepError = (failure: StepFailure): MigrateError => {
  const { step, index, error, stopped, signal, statementTimeoutMs } = failure
  if (isMigrateError(error)) return error
  const effect = effectOf(failure)
  const facts: StatementFailure = {
    ...statementFailure(step, index, error),
    ...(effect === undefined ? {} : { effect }),
  }
  if (stopped === 'timeout') {
    return statementError(step, {
      ...facts,
      message: `Cancelled after the statement timeout of ${statementTimeoutMs} ms`,
      hint: 'Raise x-statement-timeout, or make the statement faster.',
    })
  }
  const failed = statementError(step, facts)
  if (stopped === 'aborted') {
    return new MigrateError('ABORTED', 'The run was cancelled', {
      details: failed.details,
      cause: signal?.reason ?? clientError(error),
    })
  }
  if (!isConnectionLost(error)) return failed
  const file = step.file ?? `${step.version} ${step.direction}`
  return new MigrateError(
    'CONNECTION_LOST',
    `${file}: the connection broke while it ran: ${facts.message}`,
    {
      hint: 'See whether the server is up and what its error log says, look at "mig status", then run the command again.',
      details: failed.details,
      cause: clientError(error),
    },
  )
}
