import { isMigrateError, MigrateError } from '@mig/core/driver'
import type { PostgresClient, PostgresNotice } from '../connect/client.ts'
import { databaseError, isConnectionLoss, serverErrorOf } from '../steps/errors.ts'
import { insufficientPrivilege, missingRightOfOwn } from '../doctor/rights.ts'
import { quoteIdentifier } from '../tables/quote.ts'
import {
  Exchange,
  type ExchangeOptions,
  type ExchangeResult,
  type MessageSeries,
  type Row,
} from './exchange.ts'

/** How a session is made and released. */
export interface SessionHandle {
  readonly client: PostgresClient
  /** mig made this connection, so that it may be reset wholesale. */
  readonly owned: boolean
  /** Ends the connection, or gives the client back. `broken` says that it is of no use to anybody. */
  release(broken: boolean): Promise<void>
  /** Asks the server to cancel what the session is running. */
  cancel(): Promise<void>
  /** How long a statement of mig's own may take, in milliseconds. Default is not a limit. */
  readonly limitMs?: number
  /** Settings that had to be made after connecting and that a reset has to make again. */
  readonly settings?: readonly string[]
}

const cancelAgainMs = 500

/** Takes on a role. The one that a session has when a client hands it over can be put back by its name only. */
export const takeRole = (role: string): string => `SET ROLE ${quoteIdentifier(role)}`

/** One connection to the server, in use by nobody else. */
export class PostgresSession {
  readonly handle: SessionHandle
  #broken: Error | undefined
  #released = false
  /** What is asked is which right was missing. */
  #asking = false
  /** Runs before a session in order is released. */
  beforeClose: readonly string[] = []
  /** Where the transaction of the session stands, as the server said last. */
  transaction: ExchangeResult['transaction'] = 'I'

  constructor(handle: SessionHandle) {
    this.handle = handle
    handle.client.on('error', this.#onError)
  }

  /** The connection is gone; what ran on it has an unknown outcome. */
  get broken(): boolean {
    return this.#broken !== undefined
  }

  readonly #onError = (error: Error): void => {
    this.#broken ??= error
  }

  /** Sends messages and collects the answers. Never rejects. A signal cancels what is running on the server. */
  async exchange(
    messages: MessageSeries,
    signal?: AbortSignal,
    options?: ExchangeOptions,
  ): Promise<ExchangeResult> {
    const { client } = this.handle
    const running = new Exchange((query) => client.query(query), messages, options).run()
    const stopCancelling = signal === undefined ? undefined : this.#cancelWith(signal)
    const result = await running
    await stopCancelling?.()
    this.transaction = result.transaction
    const { failure } = result
    if (
      failure !== undefined &&
      (result.transaction === undefined || isConnectionLoss(failure.error))
    ) {
      this.#broken ??= failure.error
    }
    return result
  }

  /**
   * Runs SQL of mig's own and returns the rows of all its statements. Throws as `databaseError` says, and leaves no
   * transaction after then.
   */
  async query(text: string, what: string): Promise<readonly Row[]> {
    const [result = []] = await this.queryEach([text], what)
    if (isMigrateError(result)) throw result
    return result
  }

  /**
   * Sends several texts of mig's own at once, and gives the rows of each, or what it failed with. Each runs whatever
   * becomes of those before it.
   */
  async queryEach(
    texts: readonly string[],
    what: string,
  ): Promise<readonly (readonly Row[] | MigrateError)[]> {
    const { limitMs } = this.handle
    const { answers, failure } = await this.exchange(
      texts.map((text) => ({ texts: [text], keepRows: true })),
      undefined,
      limitMs === undefined ? {} : { limitMs },
    )
    if (failure !== undefined && (this.transaction === 'E' || this.transaction === 'T')) {
      await this.exchange([{ texts: ['ROLLBACK'] }])
    }
    const results: (readonly Row[] | MigrateError)[] = []
    for (const [index, text] of texts.entries()) {
      const answer = answers[index]
      const error = answer === undefined ? failure?.error : answer.error
      results.push(
        error === undefined
          ? (answer?.rows ?? [])
          : databaseError(error, what, await this.#missingRight(error, text)),
      )
    }
    return results
  }

  /** How a right is granted that was missing. What asks for it may be refused too, and says no more then. */
  async #missingRight(error: Error, text: string): Promise<string | undefined> {
    const server = serverErrorOf(error)
    if (server?.code !== insufficientPrivilege || this.broken || this.#asking) return undefined
    this.#asking = true
    try {
      return await missingRightOfOwn(this, server, text)
    } catch (refused) {
      if (isMigrateError(refused)) return undefined
      throw refused
    } finally {
      this.#asking = false
    }
  }

  /** Takes on a role, as `SET ROLE` does. */
  async takeRole(role: string): Promise<void> {
    await this.query(takeRole(role), `The role ${role} could not be taken on`)
  }

  /** Calls a listener for each notice while an action runs. */
  async withNotices<T>(
    listener: (notice: PostgresNotice) => void,
    action: () => Promise<T>,
  ): Promise<T> {
    const { client } = this.handle
    client.on('notice', listener)
    try {
      return await action()
    } finally {
      client.removeListener('notice', listener)
    }
  }

  /** Ends the session, or gives the client back. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#released) return
    this.#released = true
    try {
      if (!this.broken)
        for (const text of this.beforeClose)
          await this.query(text, 'The session could not be put back')
      await this.handle.release(this.broken)
    } finally {
      // A client that was handed in gets its own listeners back; one of ours may still report the end of its socket.
      if (!this.handle.owned) this.handle.client.removeListener('error', this.#onError)
    }
  }

  /**
   * Cancels on the server as soon as a signal fires. A cancel request that arrives between two messages is lost, so it
   * is sent again until the answer is there. What it returns stops that, and waits for the request that is on its way,
   * which would hit whatever runs next.
   */
  #cancelWith(signal: AbortSignal): () => Promise<void> {
    let timer: NodeJS.Timeout | undefined
    let under = Promise.resolve()
    let stopped = false
    const cancel = (): void => {
      // A request that does not get through is sent again, like one that is lost.
      under = this.handle.cancel().catch(() => undefined)
      void under.then(() => {
        if (!stopped) timer = setTimeout(cancel, cancelAgainMs)
      })
    }
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
    return async () => {
      stopped = true
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      return under
    }
  }
}

/** Whether a signal has fired. */
export const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true

/** The error of a run that was cancelled. */
export const aborted = (signal: AbortSignal | undefined, cause?: unknown): MigrateError =>
  new MigrateError('ABORTED', 'The run was cancelled', { cause: cause ?? signal?.reason })
