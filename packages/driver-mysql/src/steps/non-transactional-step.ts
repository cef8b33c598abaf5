import {
  isMigrateError,
  statementEntry,
  statementError,
  type TransactionalStep,
  type NonTransactionalRun,
  type NonTransactionalStart,
  type NonTransactionalStep,
  type LedgerEntry,
  type MigrateError,
  type Statement,
  type StepEffect,
  type VersionState,
} from '@mig/core/driver'
import { TransactionalMessages } from './transactional-messages.ts'
import { ScriptState } from '../session/script-state.ts'
import { runCancellable } from '../session/cancel.ts'
import { clientError, databaseError, errno, isErrno } from './errors.ts'
import { startedEntry, writeVersion } from '../tables/version-write.ts'
import { statusFlags, type MysqlSession, type Result } from '../session/session.ts'
import { isPlainSchemaChange, leavesSessionAlone } from '../session/session-effects.ts'
import { stepError } from './step-errors.ts'
import { firstAhead, pipelinedWrite, type SentAhead } from './pipelined-write.ts'
import type { SendingContext } from './sent-step.ts'

const record = ({ ledger }: SendingContext, entry: LedgerEntry): string[] =>
  ledger === undefined ? [] : [ledger.insert([entry])]

/** Writes the dirty mark and the `started` event, durably. */
export const beginNonTransactionalStep = async (
  context: SendingContext,
  step: NonTransactionalStep,
): Promise<NonTransactionalStart> => {
  const { sessions } = context
  // A session that cannot be opened must not leave a mark.
  if (!sessions.renewing) await sessions.script()
  const [script, written] = await Promise.allSettled([sessions.script(), writeStart(context, step)])
  if (written.status === 'rejected') throw written.reason
  if (written.value === 'changed') return { kind: 'changed' }
  if (script.status === 'rejected') {
    if (step.resume !== true) await takeBack(context, step)
    throw script.reason
  }
  return { kind: 'started', run: nonTransactionalRun(context, step, script.value) }
}

/** A non-transactional step whose mark is written. `first` is its first statement, where that is under way already. */
export const nonTransactionalRun = (
  context: SendingContext,
  step: NonTransactionalStep,
  session: MysqlSession,
  first?: SentAhead,
): NonTransactionalRun => new MysqlNonTransactionalRun(context, step, session, first)

const writeStart = (
  context: SendingContext,
  step: NonTransactionalStep,
): Promise<'written' | 'changed'> => {
  const { versionTable, ledger } = context
  const clean: VersionState = { version: step.from, dirty: false }
  const dirty: VersionState = { version: step.to, dirty: true }
  const entry = startedEntry(step)
  return writeVersion(
    context,
    'Writing the version',
    step.resume === true
      ? [versionTable.require(dirty), ...record(context, entry)]
      : versionTable.move(clean, dirty, ledger, entry),
  )
}

/** Takes the mark of a step back that could not begin. The engine puts on record why. */
const takeBack = async (context: SendingContext, step: NonTransactionalStep): Promise<void> => {
  const clean: VersionState = { version: step.from, dirty: false }
  const dirty: VersionState = { version: step.to, dirty: true }
  await writeVersion(context, 'Taking the mark back', context.versionTable.move(dirty, clean))
}

/** Runs a script statement by statement; everything of ours goes over the control session. */
class MysqlNonTransactionalRun implements NonTransactionalRun {
  readonly #context: SendingContext
  readonly #step: NonTransactionalStep
  readonly #session: MysqlSession
  /** The first statement, where it is under way already. */
  readonly #first: SentAhead | undefined
  readonly #startedAt = performance.now()
  readonly #state = new ScriptState()
  /** So many statements are in effect and cannot be rolled back. */
  #settled = 0
  #next = 0

  constructor(
    context: SendingContext,
    step: NonTransactionalStep,
    session: MysqlSession,
    first: SentAhead | undefined,
  ) {
    this.#context = context
    this.#step = step
    this.#session = session
    this.#first = first
    context.engines.expect(step.parsed.statements)
  }

  async statement(index: number, signal?: AbortSignal): Promise<'done'> {
    const { sessions } = this.#context
    const { statements } = this.#step.parsed
    const statement = statements.at(index)
    if (statement === undefined) throw new RangeError(`No statement at ${index}`)
    // A step that goes on where it broke off begins after what is in effect.
    if (index > this.#next) this.#settled = index
    this.#next = index + 1
    const session = this.#session
    const { outcome, stopped } = await runCancellable(
      sessions,
      session,
      async () => (index === 0 ? this.#first?.results : undefined) ?? this.#send(statement),
      signal,
    )
    if (outcome.status === 'rejected') {
      throw stepError({
        step: this.#step,
        index,
        error: outcome.reason,
        stopped,
        signal,
        statementTimeoutMs: sessions.config.statementTimeoutMs,
        effect: await this.#effectOf(index),
      })
    }
    // A KILL that came too late would hit what is next on the session: this, which is there to be hit. A session that
    // is gone shows in whatever is asked of it next.
    if (stopped !== undefined) await session.run('DO 0').catch(() => undefined)

    this.#state.take(statement, index, this.#statusOf(outcome.value.at(-1)))
    if (this.#state.holdsBack) return 'done'
    this.#settled = index + 1
    // The write that ends the step says it of the last one.
    if (index < statements.length - 1) await this.#journal(index)
    return 'done'
  }

  /** Without the autocommit that a write of ours turned off. */
  #statusOf(answer: Result | undefined): number | undefined {
    const status = answer?.status
    return status === undefined || !this.#session.takenOver
      ? status
      : status | statusFlags.autocommit
  }

  async #send(statement: Statement): Promise<readonly Result[]> {
    const session = this.#session
    if (!isPlainSchemaChange(statement)) await session.giveBack()
    return session.run(statement.text)
  }

  async finish(): Promise<void> {
    await this.#requireOrder()
    await this.#end(this.#endingWrite())
  }

  async finishAndSend(next: TransactionalStep): Promise<'ended' | 'sent'> {
    await this.#requireOrder()
    const write = this.#endingWrite()
    if (leavesSessionAlone(this.#step.parsed.statements)) {
      const messages = new TransactionalMessages(this.#context, this.#session, next)
      const script = await messages.sendScriptAfter(write)
      if (script !== undefined) {
        this.#context.sentSteps.put({ step: next, messages, script })
        return 'sent'
      }
    }
    await this.#end(write)
    return 'ended'
  }

  async finishAndBegin(next: NonTransactionalStep): Promise<NonTransactionalStart> {
    await this.#requireOrder()
    const { sessions, versionTable, ledger } = this.#context
    const own: VersionState = { version: this.#step.to, dirty: true }
    const following: VersionState = { version: next.to, dirty: true }
    const entries = [this.#doneEntry(), startedEntry(next)]
    const write = versionTable.move(own, following, ledger, ...entries)
    const first = firstAhead(this.#context, next)
    if (first !== undefined && leavesSessionAlone(this.#step.parsed.statements)) {
      const session = this.#session
      const ahead = await pipelinedWrite(this.#context, session, write, [first])
      if (ahead !== undefined) {
        return { kind: 'started', run: nonTransactionalRun(this.#context, next, session, ahead) }
      }
    }
    this.#renewSession()
    if ((await this.#write(write)) === 'changed') return { kind: 'changed' }
    return {
      kind: 'started',
      run: nonTransactionalRun(this.#context, next, await sessions.script()),
    }
  }

  #endingWrite(): readonly string[] {
    const { versionTable, ledger } = this.#context
    const { to } = this.#step
    const dirty: VersionState = { version: to, dirty: true }
    return versionTable.move(dirty, { version: to, dirty: false }, ledger, this.#doneEntry())
  }

  async #end(write: readonly string[]): Promise<void> {
    this.#renewSession()
    if ((await this.#write(write)) === 'changed') throw this.#versionTableChanged()
  }

  /** Runs beside the write that ends the step. */
  #renewSession(): void {
    if (leavesSessionAlone(this.#step.parsed.statements)) return
    this.#context.sessions.renewScript()
  }

  #doneEntry(): LedgerEntry {
    return { ...this.#step.entry, durationMs: performance.now() - this.#startedAt }
  }

  /** Over the control session, which holds nothing else: it commits at once and whatever the script does. */
  async #journal(index: number): Promise<void> {
    const [insert] = record(this.#context, statementEntry(this.#step, index))
    if (insert === undefined) return
    try {
      await this.#context.sessions.control.query(insert)
    } catch (error) {
      throw databaseError(`Recording statement ${index + 1}`, error)
    }
  }

  /** Refuses to end a step whose script left something open in its session. */
  async #requireOrder(): Promise<void> {
    const state = this.#state
    const last = this.#step.parsed.statements.length - 1
    if (!state.statusKnown) {
      try {
        const [answer] = await this.#session.run('DO 0')
        state.takeStatus(last, answer?.status)
      } catch (error) {
        throw databaseError('Looking at the session after the step', error)
      }
    }
    const open = state.leftOpen()
    if (open !== undefined) throw statementError(this.#step, open)
  }

  async #write(statements: readonly string[]): Promise<'written' | 'changed'> {
    try {
      return await writeVersion(this.#context, 'Writing the version', statements)
    } catch (error) {
      const cause = isMigrateError(error) ? error.cause : error
      if (!isErrno(cause, errno.noSuchTable)) throw error
      throw await this.#versionTableRemoved(error)
    }
  }

  #versionTableChanged(): MigrateError {
    const { qualified } = this.#context.versionTable
    return statementError(this.#step, {
      message: `The version in ${qualified} was changed while the step ran`,
      hint: 'Look for a statement of the migration, or another tool, that writes this table.',
    })
  }

  /** A script that drops the version table would leave a database that looks new. */
  async #versionTableRemoved(error: unknown): Promise<MigrateError> {
    const { sessions, versionTable } = this.#context
    const { qualified } = versionTable
    await versionTable.create(sessions.control)
    const dirty = { version: this.#step.to, dirty: true }
    await writeVersion({ ...this.#context, ledger: undefined }, 'Writing the version', [
      ...versionTable.set(dirty),
    ])
    return statementError(this.#step, {
      message: `The version table ${qualified} or its ledger was removed while the step ran`,
      hint: 'The version was written again, dirty. Leave both tables out of migrations.',
      cause: clientError(error),
    })
  }

  /** What is in effect when a statement fails. */
  async #effectOf(index: number): Promise<StepEffect> {
    const certain = this.#settled
    const partly = await this.#context.engines.partlyReason(this.#step.parsed.statements.at(index))
    return {
      certain,
      ...(index > certain
        ? {
            open: index,
            openFate: this.#state.inTransaction ? 'rolled-back' : 'as-far-as-committed',
          }
        : {}),
      ...(partly === undefined
        ? { failed: 'not-in-effect' }
        : { failed: 'perhaps-in-part', reason: partly }),
    }
  }
}
