import { AnswerLimitError, longestAnswerBytes, longestServerMessageBytes } from '@mig/core/driver'
import type { Connection } from 'mysql2'

/** The socket under a connection, which mysql2 has and its types leave out. */
interface Stream {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  off(event: 'data', listener: (chunk: Buffer) => void): unknown
  once(event: 'close', listener: () => void): unknown
  destroy(): unknown
  /** Not on every kind of stream. */
  unref?(): unknown
  readonly destroyed: boolean
}

/** The socket of a connection. */
export const streamOf = (connection: Connection): Stream | undefined => {
  const { stream } = connection as unknown as { readonly stream?: Stream }
  return typeof stream?.destroy === 'function' ? stream : undefined
}

/**
 * Ends a connection at once, whatever the server does. By itself mysql2 closes our half of it only, and the process
 * would stay for as long as the server keeps the other half open.
 */
export const cutOff = (connection: Connection): void => {
  connection.destroy()
  streamOf(connection)?.destroy()
}

const headerBytes = 4
const fullPacketBytes = 0xff_ff_ff
const errorMark = 0xff

/**
 * Counts what a server sends, because mysql2 keeps every message in memory until its end: one error message, and the
 * answer to a statement of mig's own, have a longest length. What scripts return is not counted.
 */
export class AnswerGuard {
  readonly #stream: Stream | undefined
  readonly #onExceeded: (error: AnswerLimitError) => void
  /** How many more bytes may come, while a statement of mig's own runs. */
  #left: number | undefined
  readonly #header: number[] = []
  /** What is to come of the packet. */
  #packetLeft = 0
  /** The packet that comes next goes on with the one before. */
  #continues = false
  #begins = false
  /** The bytes of the error message that is coming in; nothing where something else is. */
  #errorBytes: number | undefined

  /** Watches a connection whose bytes are as they are on the wire: not one that is compressed. */
  constructor(connection: Connection, onExceeded: (error: AnswerLimitError) => void) {
    this.#stream = streamOf(connection)
    this.#onExceeded = onExceeded
    this.#stream?.on('data', this.#onData)
  }

  /** A statement of mig's own begins. */
  expectShortAnswer(): void {
    this.#left = longestAnswerBytes
  }

  /** Anything may come. */
  expectAnything(): void {
    this.#left = undefined
  }

  /** Looks no more. */
  stop(): void {
    this.#stream?.off('data', this.#onData)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#left !== undefined) {
      this.#left -= chunk.length
      if (this.#left < 0) this.#exceeded(longestAnswerBytes)
    }
    this.#walk(chunk)
    if ((this.#errorBytes ?? 0) > longestServerMessageBytes) {
      this.#exceeded(longestServerMessageBytes)
    }
  }

  #exceeded(bytes: number): void {
    this.stop()
    this.#onExceeded(AnswerLimitError.endless(bytes))
  }

  /** Goes from packet to packet: a length of three bytes, a number, and what is in it. */
  #walk(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#packetLeft === 0 && !this.#begins) {
        this.#header.push(chunk[at++] ?? 0)
        if (this.#header.length === headerBytes) this.#beginPacket()
        continue
      }
      if (this.#begins) {
        this.#begins = false
        if (!this.#continued) this.#errorBytes = chunk[at] === errorMark ? 0 : undefined
      }
      const length = Math.min(this.#packetLeft, chunk.length - at)
      if (this.#errorBytes !== undefined) this.#errorBytes += length
      this.#packetLeft -= length
      at += length
    }
  }

  #continued = false

  #beginPacket(): void {
    const [low = 0, middle = 0, high = 0] = this.#header
    this.#header.length = 0
    const length = low + middle * 0x1_00 + high * 0x1_00_00
    this.#continued = this.#continues
    this.#continues = length === fullPacketBytes
    this.#packetLeft = length
    this.#begins = length > 0
  }
}
