import {
  sameState,
  statementEntry,
  statementError,
  type NonTransactionalRun,
  type NonTransactionalStart,
  type NonTransactionalStep,
  type StatementList,
} from '@mig/core/driver'
import { runStatement } from './transactional-step.ts'
import type { SqliteConnection } from '../session/session.ts'
import { durably } from '../tables/durability.ts'
import { databaseError, isBusy } from './errors.ts'
import { appendEvent } from '../tables/ledger.ts'
import { begin, commit, rollback, throwIfAborted, yieldToEventLoop, write } from '../lock/lock.ts'
import { readPragma } from '../session/pragma-snapshot.ts'
import { versionTableTouched } from './step-errors.ts'
import { markClean, markDirty, readVersion } from '../tables/version-table.ts'

/** Marks the step as begun, durably, and hands out what runs its statements. */
export const beginNonTransactional = async (
  connection: SqliteConnection,
  step: NonTransactionalStep,
  signal?: AbortSignal,
): Promise<NonTransactionalStart> => {
  throwIfAborted(signal)
  connection.requireIdle()
  const kind = await durably(connection, () => markStarted(connection, step))
  if (kind !== 'started') return { kind }
  connection.remember()
  return { kind, run: new SqliteNonTransactionalRun(connection, step) }
}

const markStarted = async (
  connection: SqliteConnection,
  step: NonTransactionalStep,
): Promise<NonTransactionalStart['kind']> => {
  if (!begin(connection)) return 'busy'
  try {
    const { from, to, resume } = step
    const found =
      resume === true
        ? sameState(readVersion(connection), { version: to, dirty: true })
        : markDirty(connection, from, to)
    if (!found) {
      rollback(connection)
      return 'changed'
    }
    appendEvent(connection, { ...step.entry, kind: 'started', dirty: true })
    return (await commit(connection)) ? 'started' : 'busy'
  } catch (error) {
    rollback(connection)
    throw databaseError(error, 'write the version table', connection.client.name)
  }
}

/** Values that a write of ours would change under the script. */
const asksForLastWrite = /\b(?:last_insert_rowid|changes|total_changes)\b/i

class SqliteNonTransactionalRun implements NonTransactionalRun {
  readonly #connection: SqliteConnection
  readonly #step: NonTransactionalStep
  readonly #startedAt = performance.now()
  /** The last statement that asks for the effect of the one before it: no event goes in between. */
  readonly #quietUntil: number
  #recorded = 0

  constructor(connection: SqliteConnection, step: NonTransactionalStep) {
    this.#connection = connection
    this.#step = step
    this.#quietUntil = lastWriteAsked(step.parsed.statements)
  }

  async statement(index: number, signal?: AbortSignal): Promise<'done'> {
    await this.#run(index, signal)
    // Inside the script's own transaction an event would vanish with it: it is written at the end.
    if (!this.#connection.client.inTransaction && index >= this.#quietUntil)
      await this.#record(index)
    return 'done'
  }

  /** A statement that found the database locked has done nothing, where no transaction is open. */
  async #run(index: number, signal: AbortSignal | undefined): Promise<void> {
    const { client } = this.#connection
    const startedAt = performance.now()
    for (;;) {
      this.#connection.atWork = true
      try {
        return runStatement(this.#connection, this.#step, index)
      } catch (error) {
        const again =
          error instanceof Error &&
          isBusy(error.cause) &&
          !client.inTransaction &&
          performance.now() - startedAt < this.#connection.patienceMs
        if (!again) throw error
      }
      await yieldToEventLoop(this.#connection)
      throwIfAborted(signal)
    }
  }

  async #record(index: number): Promise<void> {
    const from = this.#recorded
    this.#recorded = index + 1
    if (!this.#connection.writesLedger) return
    await this.#write('record a statement', () => {
      for (let statement = from + 1; statement <= index + 1; statement++) {
        appendEvent(this.#connection, statementEntry(this.#step, statement - 1))
      }
    })
  }

  /** A write of ours between two statements of a script that may have made the connection read-only. */
  async #write(what: string, work: () => void): Promise<void> {
    const { client } = this.#connection
    const queryOnly = readPragma(client, 'query_only')
    if (queryOnly === '1') client.exec('PRAGMA query_only=0')
    try {
      await write(this.#connection, what, work)
    } finally {
      if (queryOnly === '1') client.exec('PRAGMA query_only=1')
    }
  }

  async finish(): Promise<void> {
    const connection = this.#connection
    const step = this.#step
    if (connection.client.inTransaction) {
      rollback(connection)
      throw statementError(step, {
        message: 'The migration left a transaction open, which was rolled back',
        hint: 'Add the missing COMMIT to the file.',
      })
    }
    connection.restore()
    const durationMs = performance.now() - this.#startedAt
    await durably(connection, () =>
      write(connection, 'write the version table', () => {
        if (!markClean(connection, step.to)) throw versionTableTouched(connection, step)
        appendEvent(connection, { ...step.entry, durationMs })
      }),
    )
  }
}

/** Index of the last statement that asks for the effect of the one before it, or -1. */
export const lastWriteAsked = (statements: StatementList): number => {
  let last = -1
  let index = 0
  for (const { text } of statements) {
    if (asksForLastWrite.test(text)) last = index
    index++
  }
  return last
}
