import {
  statementError,
  type AtomicOutcome,
  type AtomicProgress,
  type AtomicStep,
  type GuardedRun,
} from '@mig/core/driver'
import { AtomicMessages } from './transactional-messages.ts'
import { runCancellable, type Stopped } from '../session/cancel.ts'
import { databaseError, errno, isDenied, isErrno } from './errors.ts'
import { guardedRun } from './non-transactional-step.ts'
import type { StepContext } from '../tables/version-write.ts'
import { MessageError } from '../session/session.ts'
import { changesDataOnly } from '../session/session-effects.ts'
import { stepError } from './step-errors.ts'
import { isMarkerChanged } from '../tables/version-table.ts'
import { firstAhead } from './pipelined-write.ts'

/** Runs a body of plain statements in one transaction with both marker writes, on the session for bodies. */
export const runAtomicStep = async (
  context: StepContext,
  step: AtomicStep,
  signal: AbortSignal | undefined,
  progress: AtomicProgress | undefined,
): Promise<AtomicOutcome> => {
  const { sessions, versionTable, sentSteps } = context
  const sent = sentSteps.take(step)
  const messages = sent?.messages ?? new AtomicMessages(context, await sessions.body(), step)
  const run = new AtomicRun(context, step, messages, signal)
  // To ask whether the step behind is wanted takes a message more, and so only where that saves another.
  const asks = progress?.following !== undefined && sessions.ownBody && changesDataOnly(step)

  let begun: GuardedRun | undefined
  try {
    if (sent === undefined && !asks) {
      await run.cancellable(() => messages.sendAll())
    } else {
      await run.stoppable(() => sent?.body.results ?? messages.sendBody())
      const next = asks && messages.leftSessionAlone ? progress.following?.() : undefined
      if (next === undefined) await run.cancellable(() => messages.sendClose())
      else {
        const first = await messages.sendCloseAndBegin(next, firstAhead(context, next))
        begun = guardedRun(context, next, messages.session, first)
      }
    }
  } catch (error) {
    return run.outcomeOf(error)
  }
  versionTable.moved()
  if (step.script.statements.length > 0 && !messages.leftSessionAlone) sessions.renewBody()
  const durationsMs = [performance.now() - messages.startedAt]
  return { kind: 'applied', durationsMs, ...(begun === undefined ? {} : { begun }) }
}

/** One atomic step under way, and what is made of its errors. */
class AtomicRun {
  readonly #context: StepContext
  readonly #step: AtomicStep
  readonly #messages: AtomicMessages
  readonly #signal: AbortSignal | undefined
  #stopped: Stopped | undefined

  constructor(
    context: StepContext,
    step: AtomicStep,
    messages: AtomicMessages,
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

  outcomeOf(error: unknown): AtomicOutcome {
    const { sessions, versionTable } = this.#context
    const step = this.#step
    const messages = this.#messages
    const stopped = this.#stopped
    const piece = messages.failedPiece(error)
    if (piece?.part === 'open' && stopped === undefined && messages.session.broken === undefined) {
      if (isMarkerChanged(error) || isErrno(error, errno.deadlock)) {
        sessions.renewBody()
        return { kind: 'changed' }
      }
      throw databaseError('Writing the version', error)
    }
    // The step was rolled back, and the right to write our tables is no matter of its file.
    if (piece?.part === 'close' && isDenied(error))
      throw databaseError('Writing the version', error)
    if (piece?.part === 'close' && isMarkerChanged(error)) {
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
