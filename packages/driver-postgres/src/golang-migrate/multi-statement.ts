const semicolon = 0x3b
const smallestLimit = 4096

/** A piece longer than the limit, in the words of Go's scanner. */
const tooLong = (): Error => new Error('bufio.Scanner: token too long')

/**
 * Cuts a script at every semicolon, wherever it stands: that is what golang-migrate's multi-statement mode does. Each
 * piece keeps its semicolon. Throws when it comes to a piece that is too long.
 */
export function* cutAtSemicolons(script: Uint8Array, maxSize: number): Generator<Uint8Array> {
  const limit = Math.max(maxSize, smallestLimit)
  for (let start = 0; start < script.length;) {
    const found = script.indexOf(semicolon, start)
    const end = found < 0 ? script.length : found + 1
    const length = end - start
    if (length > limit || (found < 0 && length === limit)) throw tooLong()
    yield script.subarray(start, end)
    start = end
  }
}
