import { AnswerLimitError } from '@mig/core/driver'
import type { Connection } from 'mysql2'
import type { Grantee } from '../doctor/rights.ts'
import { AnswerGuard, cutOff, streamOf } from '../connect/answer-guard.ts'

/** One row, every value as the server writes it. */
export type Row = readonly (string | null)[]

/** What one statement of a message answered. */
export interface Result {
  readonly affectedRows: number
  /** The server's status flags; absent after a statement that returned rows. */
  readonly status?: number
  readonly rows: readonly Row[]
}

/**
 * Bits of {@link Result.status}. `sessionChanged`: a variable, the database, a temporary table, where the server was
 * asked to tell (`session_track_state_change`).
 */
export const statusFlags = { inTransaction: 1, autocommit: 2, sessionChanged: 0x4000 } as const

/** A message that was not carried out to its end: the client's error, and how many of its statements were. */
export class MessageError extends Error {
  readonly error: unknown
  readonly completed: number
  /** Whose statement it was, where that is known. */
  readonly grantee: Grantee | undefined

  constructor(error: unknown, completed: number, grantee?: Grantee) {
    super(error instanceof Error ? error.message : String(error), { cause: error })
    this.error = error
    this.completed = completed
    this.grantee = grantee
  }
}

/** What holds for the statements of mig's own on a session. */
export interface SessionLimits {
  /** How long one may take, in milliseconds. */
  readonly statementMs: number
  /** The connection is ours, so that its bytes can be counted. */
  readonly own: boolean
}

/** In the client's own words, so that it is told from a statement's error. */
const brokenConnection = (message: string): Error =>
  Object.assign(new Error(message), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true })

/** The values as the server writes them: no number is rounded, no date is moved to another zone. */
const asText = (field: { string(): string | null }): string | null => field.string()

/**
 * One connection. It runs messages of one or more statements and knows when it is broken.
 *
 * Listens to events instead of passing callbacks: with a callback, mysql2 keeps every row until the end.
 */
export class MysqlSession {
  /** The server's id of the connection, by which others can see and kill it. */
  id = ''
  /** Whose rights it has. */
  grantee: Grantee | undefined
  /** A write of ours went over it and left it without autocommit and with a LAST_INSERT_ID(). */
  takenOver = false
  readonly #connection: Connection
  readonly #multiple: boolean
  readonly #onError: (error: unknown) => void
  #broken: unknown
  readonly #pending = new Set<(error: unknown) => void>()
  readonly #limits: SessionLimits
  readonly #guard: AnswerGuard | undefined

  /** `multiple`: the connection takes several statements in one message. */
  constructor(connection: Connection, multiple: boolean, limits: SessionLimits) {
    this.#connection = connection
    this.#multiple = multiple
    this.#limits = limits
    const cut = (error: AnswerLimitError): void => this.#cut(error)
    this.#guard = limits.own ? new AnswerGuard(connection, cut) : undefined
    this.#onError = (error) => this.#break(error)
    connection.on('error', this.#onError)
    connection.on('end', this.#onEnd)
  }

  readonly #onEnd = (): void => {
    this.#break(brokenConnection('The server closed the connection'))
  }

  /** What broke it, where it is broken. */
  get broken(): unknown {
    return this.#broken
  }

  /**
   * Runs statements of our own and keeps their rows. A server that does not answer in time, or does not end its answer,
   * is cut off. Throws {@link MessageError}.
   */
  async query(...statements: readonly string[]): Promise<readonly Result[]> {
    const { statementMs } = this.#limits
    const timer = setTimeout(() => this.#cut(AnswerLimitError.silent(statementMs)), statementMs)
    this.#guard?.expectShortAnswer()
    try {
      return await this.#sendAll(statements, true)
    } finally {
      clearTimeout(timer)
      this.#guard?.expectAnything()
    }
  }

  /** Runs statements and throws their rows away as they arrive. Throws {@link MessageError}. */
  run(...statements: readonly string[]): Promise<readonly Result[]> {
    return this.#sendAll(statements, false)
  }

  /**
   * Sends statements of our own and, after them in the same message, others whose rows are thrown away. `begun` settles
   * as soon as ours are carried out, `results` are those of the others. Needs a connection that takes several statements.
   */
  runAfter(
    before: readonly string[],
    after: readonly string[],
  ): { readonly begun: Promise<void>; readonly results: Promise<readonly Result[]> } {
    const ours = before.length
    let onBegun: (() => void) | undefined
    const reached = new Promise<void>((resolve) => (onBegun = resolve))
    const all = this.#send([...before, ...after].join(';\n'), false, (completed) => {
      if (completed === ours) onBegun?.()
    })
    const results = all.then(
      (answers) => answers.slice(ours),
      (error: unknown) => {
        if (!(error instanceof MessageError) || error.completed < ours) throw error
        throw new MessageError(error.error, error.completed - ours, this.grantee)
      },
    )
    // Whoever asks for them hears of it; a run that is told to stop does not ask.
    results.catch(() => undefined)
    return { begun: Promise.race([reached, results.then(() => undefined)]), results }
  }

  /** Sets back what a write of ours left, where a script could notice. */
  async giveBack(): Promise<void> {
    if (!this.takenOver) return
    await this.run('SET autocommit = 1, last_insert_id = 0')
    this.takenOver = false
  }

  /** COM_RESET_CONNECTION: rolls back, unlocks, drops temporary tables, forgets variables. */
  reset(): Promise<void> {
    this.takenOver = false
    return this.#once((resolve, reject) => {
      this.#connection.reset((error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  /** Says goodbye. */
  async end(): Promise<void> {
    this.forget()
    if (this.#broken !== undefined) {
      // Nobody is there to say goodbye to, and a closed socket does not tell a second time that it is.
      cutOff(this.#connection)
      return
    }
    this.#broken = brokenConnection('The connection is closed')
    const stream = streamOf(this.#connection)
    await new Promise<void>((resolve) => {
      // A server that is gone or busy does not answer a goodbye. The timer keeps the process alive until then.
      const timer = setTimeout(() => {
        cutOff(this.#connection)
        resolve()
      }, 1000)
      const done = (): void => {
        clearTimeout(timer)
        resolve()
      }
      stream?.once('close', done)
      this.#connection.end(() => {
        if (stream === undefined) done()
      })
    })
  }

  /** Cuts the connection off. The server may go on with what it is doing. */
  destroy(): void {
    this.#cut(brokenConnection('The connection was cut off'))
  }

  /** Takes the listeners off a connection that goes back to the program. */
  forget(): void {
    this.#guard?.stop()
    this.#connection.off('error', this.#onError)
    this.#connection.off('end', this.#onEnd)
    // Without any listener a late error of the socket would end the process.
    this.#connection.on('error', () => undefined)
  }

  #cut(error: unknown): void {
    this.#break(error)
    cutOff(this.#connection)
  }

  #break(error: unknown): void {
    this.#broken ??= error
    for (const reject of this.#pending) reject(error)
  }

  async #sendAll(statements: readonly string[], keepRows: boolean): Promise<readonly Result[]> {
    if (this.#multiple || statements.length === 1) {
      return this.#send(statements.join(';\n'), keepRows)
    }
    const results: Result[] = []
    for (const statement of statements) {
      try {
        results.push(...(await this.#send(statement, keepRows)))
      } catch (error) {
        if (!(error instanceof MessageError)) throw error
        throw new MessageError(error.error, results.length + error.completed, this.grantee)
      }
    }
    return results
  }

  #send(
    sql: string,
    keepRows: boolean,
    onCompleted?: (statements: number) => void,
  ): Promise<readonly Result[]> {
    const results: { affectedRows: number; status?: number; rows: Row[] }[] = []
    let failure: unknown
    return this.#once<readonly Result[]>((resolve, reject) => {
      const query = this.#connection.query({
        sql,
        rowsAsArray: true,
        typeCast: keepRows ? asText : false,
      })
      query.on('fields', (fields: unknown) => {
        if (fields !== undefined) results.push({ affectedRows: 0, rows: [] })
      })
      query.on('result', (result: unknown) => {
        if (Array.isArray(result)) {
          if (keepRows) results.at(-1)?.rows.push(result as unknown as Row)
        } else {
          const { affectedRows, serverStatus } = result as {
            affectedRows: number
            serverStatus: number
          }
          results.push({ affectedRows, status: serverStatus, rows: [] })
          onCompleted?.(results.length)
        }
      })
      query.on('error', (error: unknown) => {
        failure = error
      })
      query.on('end', () => {
        if (failure === undefined) resolve(results)
        else reject(failure)
      })
    }).catch((error: unknown) => {
      throw new MessageError(error, results.length, this.grantee)
    })
  }

  /** Settles once, also when the connection breaks meanwhile, of which mysql2 tells the connection only. */
  async #once<T>(
    start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    if (this.#broken !== undefined) throw this.#broken
    let pending: ((error: unknown) => void) | undefined
    try {
      return await new Promise<T>((resolve, reject) => {
        pending = reject
        this.#pending.add(reject)
        start(resolve, reject)
      })
    } finally {
      if (pending !== undefined) this.#pending.delete(pending)
    }
  }
}
