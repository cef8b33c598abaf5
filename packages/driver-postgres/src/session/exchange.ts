import { AnswerLimitError, longestAnswerBytes } from '@mig/core/driver'
import type { PostgresConnection, PostgresSubmittable } from '../connect/client.ts'

/** One simple-query message: SQL in pieces that are sent as one text. */
export interface QueryMessage {
  readonly texts: readonly string[]
  /** Whether rows are kept. Default is `false`: they are thrown away as they arrive. */
  readonly keepRows?: boolean
  /** Whether each command's tag is kept. Default is `true`; without it commands are only counted. */
  readonly keepTags?: boolean
}

/** A row as the server writes it: text, or `null`. */
export type Row = Readonly<Record<string, string | null>>

/** What the server answered to one message. */
export interface MessageAnswer {
  /** How many commands were completed. */
  completed: number
  readonly tags: string[]
  /** The rows of all commands, in order. */
  readonly rows: Row[]
  /** What it failed with. */
  error?: Error
}

/** What came of a series of messages. */
export interface ExchangeResult {
  /** One for each message that was sent, in order. */
  readonly answers: readonly MessageAnswer[]
  /** The first error, and the index of the message that it belongs to. */
  readonly failure?: { readonly error: Error; readonly message: number }
  /** The session's transaction afterwards: idle, in a transaction, in a failed one; nothing where the session is gone. */
  readonly transaction: 'I' | 'T' | 'E' | undefined
}

/** Messages in order; each is asked for when it is about to be sent. */
export interface MessageSeries {
  readonly length: number
  at(index: number): QueryMessage | undefined
}

/** How a series is sent. */
export interface ExchangeOptions {
  /** How many messages may wait for their answer at once. Default is as many as fit into some 2 MB. */
  readonly mostUnderWay?: number
  /** The connection is cut off where the answers are not all there after so many milliseconds. Default is not a limit. */
  readonly limitMs?: number
  /** Called after each answer that is not an error, before anything else is sent. `false` ends the sending. */
  readonly answered?: (index: number, answer: MessageAnswer, transaction: string) => boolean
}

const windowBytes = 2_000_000
const chunkCharacters = 65_536
const queryCode = 0x51
const copyFailCode = 0x66

/**
 * Sends a series of messages without waiting for the answer to each, and collects what comes back. At most some 2 MB
 * of them are under way at once, and after an error nothing more is sent.
 *
 * The client works through a queue of queries, one answer at a time, so each message is a query of its own in it. A
 * message's text goes onto the wire before its turn comes; when it comes, only its answer is waited for.
 */
export class Exchange {
  readonly #enqueue: (query: PostgresSubmittable) => unknown
  readonly #messages: MessageSeries
  readonly #mostUnderWay: number
  readonly #answeredListener: ExchangeOptions['answered']
  readonly #limitMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #keptBytes = 0
  readonly #answers: MessageAnswer[] = []
  #resolve: (result: ExchangeResult) => void = () => undefined
  #connection: PostgresConnection | undefined
  #started = 0
  #enqueued = 0
  #submitted = 0
  #answered = 0
  #unansweredBytes: number[] = []
  #bytesUnderWay = 0
  #pumping = false
  #failure: { error: Error; message: number } | undefined
  #ended = false
  #transaction: ExchangeResult['transaction']

  constructor(
    enqueue: (query: PostgresSubmittable) => unknown,
    messages: MessageSeries,
    { mostUnderWay = Infinity, answered, limitMs }: ExchangeOptions = {},
  ) {
    this.#enqueue = enqueue
    this.#messages = messages
    this.#mostUnderWay = mostUnderWay
    this.#answeredListener = answered
    this.#limitMs = limitMs
  }

  /** Runs it. Never rejects: errors are part of the result. */
  run(): Promise<ExchangeResult> {
    return new Promise((resolve) => {
      this.#resolve = resolve
      const ms = this.#limitMs
      if (ms !== undefined)
        this.#timer = setTimeout(() => this.#cutOff(AnswerLimitError.silent(ms)), ms)
      this.#enqueueNext()
    })
  }

  #enqueueNext(): void {
    this.#enqueued++
    this.#enqueue(this.#queryOf(this.#enqueued - 1))
  }

  /** The client's side of one message. */
  #queryOf(index: number): PostgresSubmittable {
    let message: QueryMessage | undefined
    const answer: MessageAnswer = { completed: 0, tags: [], rows: [] }
    let fields: readonly string[] = []
    return {
      submit: (connection) => {
        this.#submitted = index + 1
        this.#answers.push(answer)
        this.#listen(connection)
        if (index === 0) void this.#pump()
        else this.#chain()
        message = this.#messages.at(index)
        return null
      },
      handleRowDescription: (description) => {
        if (message?.keepRows === true) fields = description.fields.map(({ name }) => name)
      },
      handleDataRow: (row) => {
        if (message?.keepRows !== true) return
        this.#keptBytes += row.fields.reduce((sum, field) => sum + (field?.length ?? 0) + 8, 64)
        if (this.#keptBytes > longestAnswerBytes) {
          if (!this.#ended) this.#cutOff(AnswerLimitError.endless(longestAnswerBytes))
          return
        }
        const values: Record<string, string | null> = {}
        for (const [i, name] of fields.entries()) values[name] = row.fields[i] ?? null
        answer.rows.push(values)
      },
      handleCommandComplete: (command) => {
        answer.completed++
        if (message?.keepTags !== false) answer.tags.push(command.text)
      },
      handleEmptyQuery: () => undefined,
      handlePortalSuspended: () => undefined,
      handleCopyData: () => undefined,
      handleCopyInResponse: (connection) => {
        // No rows come with a migration; without an answer the server would wait for them for ever.
        connection.stream.write(encodeMessage(copyFailCode, 'no rows come with a migration'))
      },
      handleError: (error) => {
        answer.error ??= error
        this.#failure ??= { error, message: index }
        // What the server reports is followed by its word that it is ready, or by the end of the connection.
        if (this.#connection === undefined || !isServerError(error)) this.#finish(undefined)
      },
      handleReadyForQuery: () => undefined,
    }
  }

  /**
   * Waits for the end of one answer. The client tells a query neither the state of the transaction nor, after an
   * error, that the answer is over.
   */
  #listen(connection: PostgresConnection): void {
    this.#connection = connection
    this.#unlisten()
    connection.once('readyForQuery', this.#onReady)
    connection.once('end', this.#onEnd)
  }

  #unlisten(): void {
    this.#connection?.removeListener('readyForQuery', this.#onReady)
    this.#connection?.removeListener('end', this.#onEnd)
  }

  readonly #onReady = ({ status }: { readonly status?: string }): void => {
    this.#answered++
    this.#bytesUnderWay -= this.#unansweredBytes.shift() ?? 0
    this.#transaction = status === 'I' || status === 'T' || status === 'E' ? status : undefined
    const index = this.#answered - 1
    const answer = this.#answers[index]
    if (this.#failure === undefined && answer !== undefined) {
      const goOn = this.#answeredListener?.(index, answer, status ?? '')
      if (goOn === false) this.#ended = true
    }
    if (this.#done()) this.#finish(this.#transaction)
    else void this.#pump()
  }

  readonly #onEnd = (): void => {
    const error = new Error('The connection ended')
    const message = Math.max(this.#submitted - 1, 0)
    const answer = this.#answers[message]
    if (answer !== undefined) answer.error ??= error
    this.#failure ??= { error, message }
    this.#finish(undefined)
  }

  /** Ends the connection: what is under way has failed, and nothing more is sent. */
  #cutOff(error: AnswerLimitError): void {
    this.#ended = true
    const message = Math.max(this.#submitted - 1, 0)
    const answer = this.#answers[message]
    if (answer !== undefined) answer.error ??= error
    this.#failure ??= { error, message }
    this.#connection?.stream.destroy()
    this.#finish(undefined)
  }

  #done(): boolean {
    const all = this.#failure === undefined && !this.#ended ? this.#messages.length : this.#started
    return this.#answered >= all && !this.#pumping
  }

  #finish(transaction: ExchangeResult['transaction']): void {
    clearTimeout(this.#timer)
    this.#unlisten()
    this.#resolve({
      answers: this.#answers,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      transaction,
    })
  }

  /** Puts the next message into the client's queue, which never holds more than one of them. */
  #chain(): void {
    if (this.#enqueued === this.#submitted && this.#enqueued < this.#started) this.#enqueueNext()
  }

  /** Writes messages as long as there is room. */
  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (
        this.#failure === undefined &&
        !this.#ended &&
        this.#started < this.#messages.length &&
        this.#started - this.#answered < this.#mostUnderWay &&
        (this.#bytesUnderWay < windowBytes || this.#started === this.#answered)
      ) {
        const message = this.#messages.at(this.#started)
        this.#started++
        if (message !== undefined) await this.#write(message)
      }
    } finally {
      this.#pumping = false
    }
    if (this.#started > 0 && this.#done()) this.#finish(this.#transaction)
  }

  #write({ texts }: QueryMessage): Promise<void> | undefined {
    const { stream } = this.#connection ?? {}
    const length = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    this.#unansweredBytes.push(length)
    this.#bytesUnderWay += length
    const small = length <= windowBytes
    if (small) stream?.write(encodeMessage(queryCode, texts.join('')))
    this.#chain()
    return small || stream === undefined ? undefined : writeLarge(stream, texts, length)
  }
}

/** A message with a text as its script, whole. */
const encodeMessage = (code: number, text: string): Buffer => {
  const length = Buffer.byteLength(text)
  const buffer = Buffer.allocUnsafe(length + 6)
  buffer[0] = code
  buffer.writeInt32BE(length + 5, 1)
  buffer.write(text, 5)
  buffer[length + 5] = 0
  return buffer
}

/** Writes one query in chunks, as fast as they are taken, so that it is never encoded whole. */
const writeLarge = async (
  stream: PostgresConnection['stream'],
  texts: readonly string[],
  length: number,
): Promise<void> => {
  const header = Buffer.allocUnsafe(5)
  header[0] = queryCode
  header.writeInt32BE(length + 5, 1)
  stream.write(header)
  for (const text of texts) {
    for (let start = 0; start < text.length;) {
      let end = Math.min(start + chunkCharacters, text.length)
      // A character of two code units must not be cut in half.
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end++
      if (!stream.write(Buffer.from(text.slice(start, end)))) await drained(stream)
      start = end
    }
  }
  stream.write(Buffer.of(0))
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

const drained = (stream: PostgresConnection['stream']): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed) return resolve()
    const done = (): void => {
      stream.removeListener('drain', done)
      stream.removeListener('close', done)
      resolve()
    }
    stream.once('drain', done)
    stream.once('close', done)
  })

/** Whether an error is one the server sent, as opposed to one of the connection. */
export const isServerError = (error: unknown): boolean =>
  error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'
