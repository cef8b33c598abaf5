import type {
  TransactionalStep,
  NonTransactionalStep,
  LedgerEntry,
  Statement,
  VersionState,
} from '@mig/core/driver'
import { startedEntry } from '../tables/version-write.ts'
import { MessageError, statusFlags, type MysqlSession, type Result } from '../session/session.ts'
import { changesDataOnly } from '../session/session-effects.ts'
import { longestAheadCharacters, pipelinedWrite, type SentAhead } from './pipelined-write.ts'
import type { StepContext } from './step-context.ts'

/** One statement to send, and whose it is. */
export interface Piece {
  readonly sql: string
  /** Index of the script's statement; absent for our own. */
  readonly index?: number
  /** `open` up to the first condition, `close` from the second on. */
  readonly part: 'open' | 'script' | 'close'
}

const longestMessageCharacters = 256 * 1024
const mostStatements = 50

const pieces = (part: Piece['part'], statements: readonly string[]): Piece[] =>
  statements.map((sql) => ({ sql, part }))

const returnsRows = ({ text }: Statement): boolean =>
  /^(?:\(|SELECT|WITH|TABLE|VALUES)/i.test(text) || /\bRETURNING\b/i.test(text)

/** The messages of one transactional step, from its first version row write to its COMMIT. */
export class TransactionalMessages {
  readonly session: MysqlSession
  readonly startedAt: number = performance.now()
  readonly #context: StepContext
  readonly #step: TransactionalStep
  #pieces: Piece[] = []
  #characters = 0
  /** The pieces of the message that failed, where one did. */
  #failed: readonly Piece[] = []
  /** The server tells of changes of the session: it told of the variable that our own condition sets. */
  #told = false
  /** A statement of the script changed the session. */
  #changed = false

  constructor(context: StepContext, session: MysqlSession, step: TransactionalStep) {
    this.#context = context
    this.session = session
    this.#step = step
  }

  /** The session is as it was before the step, except for what `giveBack` sets back. */
  get leftSessionAlone(): boolean {
    return this.#told && !this.#changed && changesDataOnly(this.#step)
  }

  /** Sends all of the step. */
  async sendAll(): Promise<void> {
    await this.#addScript()
    await this.sendClose()
  }

  /** Sends everything up to the closing writes. */
  async sendScript(): Promise<void> {
    await this.#addScript()
    await this.#send()
  }

  /**
   * Sends everything up to the closing writes after a write of version row and ledger, in the same message. Nothing where
   * that will not do, or where the server refused the write.
   */
  async sendScriptAfter(write: readonly string[]): Promise<SentAhead | undefined> {
    const { statements } = this.#step.parsed
    if (statements.length === 0 || statements.length > mostStatements / 2) return undefined
    if (this.#step.script.length > longestAheadCharacters) return undefined
    for (const statement of statements) if (returnsRows(statement)) return undefined

    await this.#addScript()
    const sent = this.#take()
    const after = sent.map(({ sql }) => sql)
    const ahead = await pipelinedWrite(this.#context, this.session, write, after)
    if (ahead === undefined) return undefined
    const results = this.#answersOf(sent, ahead.results)
    // Whoever asks for them hears of it; a run that is told to stop does not ask.
    results.catch(() => undefined)
    return { results }
  }

  /** Sends the closing writes and what is left before them. */
  async sendClose(): Promise<void> {
    const clean = { version: this.#step.to, dirty: false }
    await this.#addAll(this.#closing(clean))
    await this.#addAll(pieces('close', ['SET autocommit = 1, last_insert_id = 0']))
    await this.#send()
    this.session.takenOver = false
  }

  /**
   * Sends the closing writes with the mark of the non-transactional step after, and after them its first statement where one is
   * given. Returns as soon as it is committed.
   */
  async sendCloseAndBegin(
    next: NonTransactionalStep,
    first?: string,
  ): Promise<SentAhead | undefined> {
    const marked = { version: next.to, dirty: true }
    const closing = this.#closing(marked, startedEntry(next))
    const statements = closing.map(({ sql }) => sql)
    this.session.takenOver = true
    try {
      if (first === undefined) {
        await this.session.run(...statements)
        return undefined
      }
      const { begun, results } = this.session.runAfter(statements, [first])
      await begun
      return { results }
    } catch (error) {
      this.#failed = closing
      throw error
    }
  }

  /** Each piece answers once, and rows end a message: the failing one stands after those that answered. */
  failedPiece(error: unknown): Piece | undefined {
    const sent = this.#failed
    return error instanceof MessageError
      ? sent[Math.min(error.completed, sent.length - 1)]
      : undefined
  }

  async #addScript(): Promise<void> {
    const step = this.#step
    const { versionTable } = this.#context
    const clean = { version: step.from, dirty: false }
    const open = versionTable.move(clean, { version: step.to, dirty: true })
    // Not START TRANSACTION: after a COMMIT or ROLLBACK that the lexer missed, what follows is in a transaction
    // again, and without the closing version row write it is rolled back.
    await this.#addAll(pieces('open', ['SET autocommit = 0, last_insert_id = 0']))
    const opensAt = step.block?.begin ?? countLeadingSetTransactions(step) - 1
    if (opensAt < 0) await this.#addAll(pieces('open', open))
    let index = 0
    for (const statement of step.parsed.statements) {
      // The block's own COMMIT comes after our closing writes, without what may stand after the word.
      if (index !== step.block?.end) {
        const piece: Piece = { sql: statement.text, index, part: 'script' }
        await this.#add(piece, returnsRows(statement))
      }
      if (index === opensAt) await this.#addAll(pieces('open', open))
      index++
    }
  }

  /** The writes that move the version row on from the dirty mark of this step, and commit. */
  #closing(to: VersionState, ...further: readonly LedgerEntry[]): Piece[] {
    const { versionTable, ledger } = this.#context
    const step = this.#step
    const done = { ...step.entry, durationMs: performance.now() - this.startedAt }
    const dirty = { version: step.to, dirty: true }
    return pieces('close', [...versionTable.move(dirty, to, ledger, done, ...further), 'COMMIT'])
  }

  /** Adds a piece; sends what has come together when it is enough for one message. */
  async #add(piece: Piece, endsMessage = false): Promise<void> {
    const { sql } = piece
    const full =
      this.#pieces.length >= mostStatements ||
      this.#characters + sql.length > longestMessageCharacters
    if (full && this.#pieces.length > 0) await this.#send()
    this.#pieces.push(piece)
    this.#characters += sql.length
    if (endsMessage) await this.#send()
  }

  async #addAll(all: readonly Piece[]): Promise<void> {
    for (const piece of all) await this.#add(piece)
  }

  async #send(): Promise<void> {
    const sent = this.#take()
    if (sent.length === 0) return
    await this.#answersOf(sent, this.session.run(...sent.map(({ sql }) => sql)))
  }

  /** What has come together for a message. */
  #take(): readonly Piece[] {
    const taken = this.#pieces
    this.#pieces = []
    this.#characters = 0
    return taken
  }

  async #answersOf(
    sent: readonly Piece[],
    answers: Promise<readonly Result[]>,
  ): Promise<readonly Result[]> {
    try {
      const results = await answers
      for (const [index, { part }] of sent.entries()) {
        const changed = ((results[index]?.status ?? 0) & statusFlags.sessionChanged) !== 0
        if (part === 'open') this.#told = changed
        else if (part === 'script' && changed) this.#changed = true
      }
      return results
    } catch (error) {
      this.#failed = sent
      throw error
    }
  }
}

/** `SET TRANSACTION …` is for the next transaction, and so must stand before the first write of this one. */
const countLeadingSetTransactions = ({ parsed }: TransactionalStep): number => {
  let count = 0
  for (const { role } of parsed.statements) {
    if (role !== 'set-transaction') break
    count++
  }
  return count
}
