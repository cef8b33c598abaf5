import { EventEmitter } from 'node:events'
import { AnswerLimitError, longestServerMessageBytes } from '@mig/core/driver'

/** A socket, plain or with TLS, as far as it is watched. */
interface Stream {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  on(event: 'end', listener: () => void): unknown
  destroy(error?: Error): unknown
}

/** Reads the protocol from an emitter of `data` and `end`. */
interface Reader {
  attachListeners(stream: EventEmitter): void
}

/** The most bytes of one message of any kind. The client makes each one whole before anybody sees it. */
const longestOfAll = 256 * 1024 * 1024
const headerBytes = 5
const errorResponse = 0x45
const noticeResponse = 0x4e

/** Measures the messages that come in, which the client keeps whole: above all error messages and notices. */
class MessageLengths {
  readonly #header = Buffer.alloc(headerBytes)
  #headerLength = 0
  #left = 0

  /** Throws where one is too long. */
  read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const length = Math.min(this.#left, chunk.length - at)
        this.#left -= length
        at += length
        continue
      }
      this.#header[this.#headerLength++] = chunk[at++] ?? 0
      if (this.#headerLength < headerBytes) continue
      this.#headerLength = 0
      // The length counts itself.
      this.#left = Math.max(this.#header.readUInt32BE(1) - 4, 0)
      const isText = this.#header[0] === errorResponse || this.#header[0] === noticeResponse
      const longest = isText ? longestServerMessageBytes : longestOfAll
      if (this.#left > longest) throw AnswerLimitError.endless(longest)
    }
  }
}

/**
 * Makes a connection of `pg` end in an error where the server sends what `pg` cannot read, or an error message without
 * end. By itself `pg` throws out of an event of the socket then, which ends the process.
 */
export const guardConnection = (connection: object): void => {
  const reader = connection as Reader
  const attachListeners = reader.attachListeners.bind(reader)
  reader.attachListeners = (stream) => {
    const socket: Stream = stream as unknown as Stream
    const readable = new EventEmitter()
    const lengths = new MessageLengths()
    let ended = false
    attachListeners(readable)
    socket.on('data', (chunk) => {
      if (ended) return
      try {
        lengths.read(chunk)
        readable.emit('data', chunk)
      } catch (error) {
        ended = true
        socket.destroy(error instanceof Error ? error : new Error(String(error)))
      }
    })
    socket.on('end', () => readable.emit('end'))
  }
}
