import {
  type AtomicOutcome,
  type AtomicStep,
  type MigrateError,
  statementError,
} from '@mig/core/driver'
import { serverErrorOf, stepError } from './postgres-errors.ts'
import type { ExchangeResult } from './postgres-exchange.ts'
import { type FailurePlace, placeOfFailure } from './postgres-failure-place.ts'
import { appendToLedger } from './postgres-ledger.ts'
import { isLockBusy } from './postgres-lock.ts'
import { aborted, isAborted } from './postgres-session.ts'
import { quoteTable } from './postgres-sql.ts'
import { type DriverState, rollBack } from './postgres-state.ts'
import {
  layOutStep,
  type StepFrame,
  type StepMessages,
  toQueryMessage,
} from './postgres-step-message.ts'
import { timeoutHint, withTimeout } from './postgres-timeout.ts'
import { isMarkerChanged, moveMarker } from './postgres-version-table.ts'

/** Runs a step in one transaction and, up to a usual size, in one round trip. */
export const runAtomicStep = async (
  state: DriverState,
  step: AtomicStep,
  signal: AbortSignal | undefined,
): Promise<AtomicOutcome> => {
  if (isAborted(signal)) throw aborted(signal)
  const { session } = state
  const startedAt = performance.now()
  const messages = layOutStep(step, frameOf(state, step))
  const timeout = withTimeout(signal, state.settings.statementTimeoutMs)
  const result = await session.exchange(
    messages.map((parts) => toQueryMessage(parts, messages.length === 1)),
    timeout.signal,
  )
  timeout.clear()

  const { failure } = result
  if (failure === undefined) {
    if (!isCommitted(messages, result) || result.transaction !== 'I') throw notCommitted(step)
    state.marker = { ...state.marker, extraRows: false }
    return { kind: 'applied', durationsMs: [performance.now() - startedAt] }
  }
  const place = placeOfFailure(messages, step.script.statements, result, state.facts.countsBytes)
  if (place.role === 'open' && failure.message === 0) {
    if (isLockBusy(failure.error.message)) return busy(state)
    if (isMarkerChanged(failure.error.message) || isOvertaken(failure.error)) return changed(state)
  }
  const timedOut = timeout.timedOut()
  if (isAborted(signal) && !timedOut && !session.broken) throw aborted(signal, failure.error)
  const hint = timedOut ? timeoutHint(state.settings.statementTimeoutMs) : hintOf(state, place)
  throw stepError(step, failure.error, { ...place, ...(hint === undefined ? {} : { hint }) })
}

const frameOf = (state: DriverState, step: AtomicStep): StepFrame => {
  const { marker, reset, lock, ledger } = state
  const clean = { version: step.to, dirty: false }
  const dirty = { version: step.to, dirty: true }
  return {
    open: [
      ...lock.inTransaction,
      ...moveMarker(marker, { from: { version: step.from, dirty: false }, to: dirty }),
    ],
    close: [
      ...reset.roles,
      ...moveMarker(
        { ...marker, extraRows: false },
        { from: dirty, to: clean, sameTransaction: true },
      ),
      ...(ledger === undefined ? [] : [appendToLedger(ledger, step.entry, 'of-transaction')]),
    ],
    reset: reset.all,
    roles: reset.roles,
  }
}

/** Somebody else wrote the marker in the same moment. */
const isOvertaken = (error: Error): boolean => {
  const code = serverErrorOf(error)?.code
  return code === '40001' || code === '23505'
}

const changed = async (state: DriverState): Promise<AtomicOutcome> => {
  await rollBack(state)
  return { kind: 'changed' }
}

const busy = async (state: DriverState): Promise<AtomicOutcome> => {
  await rollBack(state)
  const holder = await state.lock.holder(state.session)
  return { kind: 'busy', ...(holder === undefined ? {} : { holder }) }
}

/** The server answers COMMIT of a failed transaction with `ROLLBACK` and no error. */
const isCommitted = (messages: StepMessages, { answers }: ExchangeResult): boolean => {
  const tags = answers[messages.length - 1]?.tags ?? []
  let index = 0
  for (const part of messages.at(-1) ?? []) {
    if (part.role === 'commit') return tags[index] === 'COMMIT'
    index += part.commands
  }
  return false
}

const notCommitted = (step: AtomicStep): MigrateError =>
  statementError(step, {
    message: 'The transaction of the step did not end in a COMMIT',
    hint: 'The body ends its own transaction in a way that is not allowed, or leaves one open.',
  })

/** What to do where the body broke the closing writes. */
const hintOf = (state: DriverState, { role }: FailurePlace): string | undefined => {
  switch (role) {
    case 'close':
    case 'open':
      return (
        `The body removes, renames or changes the version table ${quoteTable(state.marker.table)}, ` +
        'or ends the transaction it runs in. Keep the table in a schema that no migration touches: ' +
        'x-migrations-table="mig"."schema_migrations" with x-migrations-table-quoted=true.'
      )
    case 'commit':
      return 'All statements were done; the COMMIT found a constraint violated that is checked at the end.'
    case 'reset':
      return 'The step itself is committed.'
    case 'begin':
    case 'body':
    case undefined:
      break
  }
  return undefined
}
