import type { EventEmitter } from 'node:events'
import type { Connection, Submittable } from 'pg'

const simpleQuery = 0x51

/** How the server announces a copy: `G` into the database, `H` out of it. */
export type CopyAnswer = 'G' | 'H'

/** What `pg` says to a query it has submitted. */
interface Messages {
  handleError(error: Error): void
  handleReadyForQuery(): void
}

/**
 * One simple query whose bytes go to the server as they are: a script that is not UTF-8 has to meet the server's own
 * error, not replacement characters. Rows are thrown away as they arrive.
 */
export class RawQuery implements Submittable, Messages {
  readonly #script: Uint8Array
  readonly #done: (error?: Error) => void
  readonly #onCopy: ((answer: CopyAnswer) => Error) | undefined

  #stopListening: () => void = () => {}

  /** With `onCopy` the query ends with that error as soon as the server wants to copy, and the connection is of no use. */
  constructor(
    script: Uint8Array,
    done: (error?: Error) => void,
    onCopy?: (answer: CopyAnswer) => Error,
  ) {
    this.#script = script
    this.#done = done
    this.#onCopy = onCopy
  }

  submit(connection: Connection): void {
    const length = this.#script.byteLength
    const message = Buffer.alloc(length + 6)
    message.writeUInt8(simpleQuery, 0)
    message.writeInt32BE(length + 5, 1)
    message.set(this.#script, 5)
    const refuse = this.#onCopy
    if (refuse !== undefined) {
      // `pg` hands this message to no query.
      const events = connection as unknown as EventEmitter
      const listener = (): void => this.#end(refuse('H'))
      events.on('copyOutResponse', listener)
      this.#stopListening = () => events.off('copyOutResponse', listener)
    }
    connection.stream.write(message)
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCommandComplete(): void {}
  handleCopyData(): void {}

  handleCopyInResponse(connection: Connection): void {
    if (this.#onCopy !== undefined) {
      this.#end(this.#onCopy('G'))
      return
    }
    const sender = connection as unknown as { sendCopyFail(reason: string): void }
    sender.sendCopyFail('COPY FROM STDIN has no data here')
  }

  /** `pg` has forgotten the query by now; what is asked next waits until the server is ready. */
  handleError(error: Error): void {
    this.#end(error)
  }

  handleReadyForQuery(): void {
    this.#end()
  }

  #end(error?: Error): void {
    this.#stopListening()
    this.#done(error)
  }
}
