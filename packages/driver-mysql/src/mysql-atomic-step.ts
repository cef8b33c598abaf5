import {
  statementError,
  type AtomicOutcome,
  type AtomicStep,
  type Statement,
} from '@mig/core/driver'
import { runCancellable } from './mysql-cancel.ts'
import { databaseError, errno, isErrno } from './mysql-errors.ts'
import type { StepContext } from './mysql-marker-write.ts'
import { MessageError, type MysqlSession } from './mysql-session.ts'
import { stepError } from './mysql-step-error.ts'
import { isMarkerChanged } from './mysql-version-table.ts'

/** One statement to send, and whose it is. */
interface Piece {
  readonly sql: string
  /** Index of the body's statement; absent for our own. */
  readonly index?: number
  /** `open` up to the first condition, `close` from the second on. */
  readonly part: 'open' | 'body' | 'close'
}

const longestMessageCharacters = 256 * 1024
const mostStatements = 50

const pieces = (part: Piece['part'], statements: readonly string[]): Piece[] =>
  statements.map((sql) => ({ sql, part }))

const returnsRows = ({ text }: Statement): boolean =>
  /^(?:\(|SELECT|WITH|TABLE|VALUES)/i.test(text) || /\bRETURNING\b/i.test(text)

class StepMessages {
  readonly #context: StepContext
  readonly #session: MysqlSession
  #pieces: Piece[] = []
  #characters = 0
  /** The pieces of the message that failed, where one did. */
  failed: readonly Piece[] = []

  constructor(context: StepContext, session: MysqlSession) {
    this.#context = context
    this.#session = session
  }

  /** Adds a piece; sends what has come together when it is enough for one message. */
  async add(piece: Piece, endsMessage = false): Promise<void> {
    const { sql } = piece
    const full =
      this.#pieces.length >= mostStatements ||
      this.#characters + sql.length > longestMessageCharacters
    if (full && this.#pieces.length > 0) await this.send()
    this.#pieces.push(piece)
    this.#characters += sql.length
    if (endsMessage) await this.send()
  }

  async addAll(all: readonly Piece[]): Promise<void> {
    for (const piece of all) await this.add(piece)
  }

  async send(): Promise<void> {
    const sent = this.#pieces
    this.#pieces = []
    this.#characters = 0
    if (sent.length === 0) return
    try {
      await this.#session.run(...sent.map(({ sql }) => sql))
    } catch (error) {
      this.failed = sent
      throw error
    }
  }

  /** Sends a whole step, from its first marker write to its COMMIT. */
  async sendStep(step: AtomicStep, startedAt: number): Promise<void> {
    const { versionTable, ledger } = this.#context
    const { statements } = step.script
    const dirty = { version: step.to, dirty: true }
    const open = versionTable.move({ version: step.from, dirty: false }, dirty)
    // Not START TRANSACTION: behind a COMMIT or ROLLBACK that the lexer missed, what follows is in a transaction
    // again, and without the closing marker write it is rolled back.
    await this.addAll(pieces('open', ['SET autocommit = 0']))
    const opensAt = step.block?.begin ?? countLeadingSetTransactions(step) - 1
    if (opensAt < 0) await this.addAll(pieces('open', open))
    let index = 0
    for (const statement of statements) {
      // The block's own COMMIT comes behind our closing writes, without what may stand behind the word.
      if (index !== step.block?.end) {
        const piece: Piece = { sql: statement.text, index, part: 'body' }
        await this.add(piece, returnsRows(statement))
      }
      if (index === opensAt) await this.addAll(pieces('open', open))
      index++
    }
    const durationMs = performance.now() - startedAt
    await this.addAll(
      pieces('close', [
        ...versionTable.move(dirty, { version: step.to, dirty: false }, ledger, {
          ...step.entry,
          durationMs,
        }),
        'COMMIT',
        'SET autocommit = 1',
      ]),
    )
    await this.send()
  }
}

/** `SET TRANSACTION …` is for the next transaction, and so must stand before the first write of this one. */
const countLeadingSetTransactions = ({ script }: AtomicStep): number => {
  let count = 0
  for (const { role } of script.statements) {
    if (role !== 'set-transaction') break
    count++
  }
  return count
}

/** Runs a body of plain statements in one transaction with both marker writes, on the session for bodies. */
export const runAtomicStep = async (
  context: StepContext,
  step: AtomicStep,
  signal: AbortSignal | undefined,
): Promise<AtomicOutcome> => {
  const { sessions, versionTable } = context
  const session = await sessions.body()
  const startedAt = performance.now()
  const messages = new StepMessages(context, session)
  const { outcome, stopped } = await runCancellable(
    sessions,
    session,
    () => messages.sendStep(step, startedAt),
    signal,
  )
  if (outcome.status === 'fulfilled') {
    versionTable.moved()
    if (step.script.statements.length > 0) sessions.renewBody()
    return { kind: 'applied', durationsMs: [performance.now() - startedAt] }
  }

  const error: unknown = outcome.reason
  const piece = failedPiece(messages.failed, error)
  if (piece?.part === 'open' && stopped === undefined && session.broken === undefined) {
    if (isMarkerChanged(error) || isErrno(error, errno.deadlock)) {
      sessions.renewBody()
      return { kind: 'changed' }
    }
    throw databaseError('Writing the version', error)
  }
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
    signal,
    statementTimeoutMs: sessions.config.statementTimeoutMs,
  })
}

/** Each piece answers once, and rows end a message: the failing one stands behind those that answered. */
const failedPiece = (sent: readonly Piece[], error: unknown): Piece | undefined =>
  error instanceof MessageError ? sent[Math.min(error.completed, sent.length - 1)] : undefined
