import { createHash, hash } from 'node:crypto'

const lineFeed = 10
const carriageReturn = 13

/** SHA-256 of bytes that come in pieces, with every CRLF read as LF, so that a checkout's line ends do not matter. */
export class Checksum {
  readonly #hash = createHash('sha256')
  /** A carriage return at the end of a piece, of which only the next one tells what it is. */
  #heldReturn = false

  /** Takes the next bytes. */
  update(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.#heldReturn && bytes[0] !== lineFeed) this.#hash.update('\r')
    this.#heldReturn = bytes.at(-1) === carriageReturn
    const end = this.#heldReturn ? bytes.length - 1 : bytes.length
    let start = 0
    for (
      let at = bytes.indexOf(carriageReturn);
      at !== -1 && at < end;
      at = bytes.indexOf(carriageReturn, at + 1)
    ) {
      if (bytes[at + 1] !== lineFeed) continue
      this.#hash.update(bytes.subarray(start, at))
      start = at + 1
    }
    this.#hash.update(bytes.subarray(start, end))
  }

  /** The checksum of all of them, as hexadecimal digits. Ends the taking. */
  digest(): string {
    if (this.#heldReturn) this.#hash.update('\r')
    this.#heldReturn = false
    return this.#hash.digest('hex')
  }
}

/** The checksum of a script that is there whole. */
export const checksumOf = (bytes: Uint8Array): string => {
  if (!bytes.includes(carriageReturn)) return hash('sha256', bytes, 'hex')
  const checksum = new Checksum()
  checksum.update(bytes)
  return checksum.digest()
}
