import {
  statementError,
  type TransactionalOutcome,
  type TransactionalProgress,
  type TransactionalStep,
  type NonTransactionalRun,
} from '@mig/core/driver'
import { TransactionalMessages } from './transactional-messages.ts'
import { runCancellable, type Stopped } from '../session/cancel.ts'
import { databaseError, errno, isDenied, isErrno } from './errors.ts'
import { nonTransactionalRun } from './non-transactional-step.ts'
import { MessageError } from '../session/session.ts'
import { changesDataOnly } from '../session/session-effects.ts'
import { stepError } from './step-errors.ts'
import { isVersionTableChanged } from '../tables/version-table.ts'
import { firstAhead } from './pipelined-write.ts'
import type { SendingContext } from './sent-step.ts'

/** Runs a script of plain statements in one transaction with both version row writes, on the session for scripts. */
export const runTransactionalStep = async (
  context: SendingContext,
  step: TransactionalStep,
  signal: AbortSignal | undefined,
  progress: TransactionalProgress | undefined,
): Promise<TransactionalOutcome> => {
  const { sessions, versionTable, sentSteps } = context
  const sent = sentSteps.take(step)
  const messages =
    sent?.messages ?? new TransactionalMessages(context, await sessions.script(), step)
  const run = new TransactionalRun(context, step, messages, signal)
  // To ask whether the step after is wanted takes a message more, and so only where that saves another.
  const asks = progress?.following !== undefined && sessions.ownScript && changesDataOnly(step)

  let begun: NonTransactionalRun | undefined
  try {
    if (sent === undefined && !asks) {
      await run.cancellable(() => messages.sendAll())
    } else {
      await run.stoppable(() => sent?.script.results ?? messages.sendScript())
      const next = asks && messages.leftSessionAlone ? progress.following?.() : undefined
      if (next === undefined) await run.cancellable(() => messages.sendClose())
      else {
        const first = await messages.sendCloseAndBegin(next, firstAhead(context, next))
        begun = nonTransactionalRun(context, next, messages.session, first)
      }
    }
  } catch (error) {
    return run.outcomeOf(error)
  }
  versionTable.moved()
  if (step.parsed.statements.length > 0 && !messages.leftSessionAlone) sessions.renewScript()
  const durationsMs = [performance.now() - messages.startedAt]
  return { kind: 'applied', durationsMs, ...(begun === undefined ? {} : { begun }) }
}

/** One transactional step under way, and what is made of its errors. */
class TransactionalRun {
  readonly #context: SendingContext
  readonly #step: TransactionalStep
  readonly #messages: TransactionalMessages
  readonly #signal: AbortSignal | undefined
  #stopped: Stopped | undefined

  constructor(
    context: SendingContext,
    step: TransactionalStep,
    messages: TransactionalMessages,
    signal: AbortSignal | undefined,
  ) {
    this.#context = context
    this.#step = step
    this.#messages = messages
    this.#signal = signal
  }

  /** Sends what ends in a commit. Told to stop too late, it is committed all the same. */
  async cancellable(send: () => Promise<unknown>): Promise<void> {
    const { sessions } = this.#context
    const { session } = this.#messages
    const { outcome, stopped } = await runCancellable(sessions, session, send, this.#signal)
    this.#stopped = stopped
    if (outcome.status === 'rejected') throw outcome.reason
  }

  /** Sends what a commit is yet to follow. Told to stop too late, it is not committed. */
  async stoppable(send: () => Promise<unknown>): Promise<void> {
    await this.cancellable(send)
    if (this.#stopped !== undefined) throw new Error('It was stopped before its commit')
  }

  outcomeOf(error: unknown): TransactionalOutcome {
    const { sessions, versionTable } = this.#context
    const step = this.#step
    const messages = this.#messages
    const stopped = this.#stopped
    const piece = messages.failedPiece(error)
    if (piece?.part === 'open' && stopped === undefined && messages.session.broken === undefined) {
      if (isVersionTableChanged(error) || isErrno(error, errno.deadlock)) {
        sessions.renewScript()
        return { kind: 'changed' }
      }
      throw databaseError('Writing the version', error)
    }
    // The step was rolled back, and the right to write our tables is no matter of its file.
    if (piece?.part === 'close' && isDenied(error))
      throw databaseError('Writing the version', error)
    if (piece?.part === 'close' && isVersionTableChanged(error)) {
      throw statementError(step, {
        message: `The version in ${versionTable.qualified} was changed while the step ran`,
        hint: 'Look for a statement of the migration that writes this table or ends the transaction.',
        cause: error instanceof MessageError ? error.error : error,
      })
    }
    throw stepError({
      step,
      ...(piece?.index === undefined ? {} : { index: piece.index }),
      error,
      stopped,
      signal: this.#signal,
      statementTimeoutMs: sessions.config.statementTimeoutMs,
    })
  }
}
