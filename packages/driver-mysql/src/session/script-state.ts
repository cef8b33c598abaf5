import type { Statement } from '@mig/core/driver'
import { statusFlags } from './session.ts'

/** What a script has begun and not ended. */
export interface LeftOpen {
  /** Index of the statement that began it. */
  readonly index: number
  readonly message: string
  readonly hint: string
}

const xid = (text: string): string =>
  text
    .replace(/^XA\s+\w+\s+/i, '')
    .replace(/\s+ONE\s+PHASE\s*$/i, '')
    .trim()

/**
 * Follows what the statements of a non-transactional step hold open in their session: by the flags that the server sends with
 * each answer, and by the statements themselves where it sends none (table locks, prepared XA branches).
 *
 * A temporary table of the version row's name is not a concern: version row and ledger are written on another session.
 */
export class ScriptState {
  #transaction: number | undefined
  #tableLock: number | undefined
  #globalLock: number | undefined
  #autocommitOff: number | undefined
  readonly #prepared = new Map<string, number>()
  #statusKnown = true

  /** The last answer said nothing about the transaction (rows do not). */
  get statusKnown(): boolean {
    return this.#statusKnown
  }

  /** What was done is not settled yet, or the journal could not be written: a lock may cover it. */
  get holdsBack(): boolean {
    return (
      this.#transaction !== undefined ||
      this.#autocommitOff !== undefined ||
      this.#tableLock !== undefined ||
      this.#globalLock !== undefined
    )
  }

  /** A transaction is open: a rollback takes its statements back. */
  get inTransaction(): boolean {
    return this.#transaction !== undefined
  }

  /** A statement was carried out; `status` are the flags of its answer. */
  take({ command, text }: Statement, index: number, status: number | undefined): void {
    this.takeStatus(index, status)
    if (/^LOCK TABLES?$/.test(command)) this.#tableLock = index
    else if (/^UNLOCK TABLES?$/.test(command)) {
      this.#tableLock = undefined
      this.#globalLock = undefined
    } else if (/^(?:BEGIN|START TRANSACTION)$/.test(command)) this.#tableLock = undefined
    else if (command.startsWith('FLUSH') && /\b(?:READ\s+LOCK|FOR\s+EXPORT)\b/i.test(text)) {
      this.#globalLock = index
    } else if (command === 'XA PREPARE') this.#prepared.set(xid(text), index)
    else if (command === 'XA COMMIT' || command === 'XA ROLLBACK') this.#prepared.delete(xid(text))
  }

  takeStatus(index: number, status: number | undefined): void {
    this.#statusKnown = status !== undefined
    if (status === undefined) return
    const inTransaction = (status & statusFlags.inTransaction) !== 0
    this.#transaction = inTransaction ? (this.#transaction ?? index) : undefined
    const autocommit = (status & statusFlags.autocommit) !== 0
    this.#autocommitOff = autocommit ? undefined : (this.#autocommitOff ?? index)
  }

  /** What must not be open when the step ends. */
  leftOpen(): LeftOpen | undefined {
    const [prepared] = this.#prepared.values()
    if (prepared !== undefined) {
      return {
        index: prepared,
        message: 'The migration leaves an XA transaction prepared',
        hint: 'End it with XA COMMIT or XA ROLLBACK; "XA RECOVER" shows those that are there now.',
      }
    }
    if (this.#transaction !== undefined) {
      return {
        index: this.#transaction,
        message: 'The migration leaves a transaction open',
        hint: 'End it with COMMIT. What it did was rolled back.',
      }
    }
    const lock = this.#tableLock ?? this.#globalLock
    if (lock !== undefined) {
      return {
        index: lock,
        message: 'The migration leaves tables locked',
        hint: 'End it with UNLOCK TABLES.',
      }
    }
    if (this.#autocommitOff === undefined) return undefined
    return {
      index: this.#autocommitOff,
      message: 'The migration leaves autocommit off',
      hint: 'End it with COMMIT and SET autocommit = 1.',
    }
  }
}
