const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
const laterDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes a script without its byte order mark. Throws a `TypeError` where it is no UTF-8. */
export const decodeScript = (bytes: Uint8Array): string => decoder.decode(bytes)

/** Decodes a chunk that is not the first one of its script. Throws a `TypeError` where it is no UTF-8. */
export const decodeLater = (bytes: Uint8Array): string => laterDecoder.decode(bytes)

/** Whether an error says that bytes are no UTF-8. */
export const isInvalidText = (error: unknown): boolean =>
  error instanceof TypeError &&
  'code' in error &&
  error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'

/** How many bytes a character has, told by its first one; 0 for one that is not a first byte. */
const lengthOf = (byte: number): number => {
  if (byte < 0x80) return 1
  if (byte < 0xc0) return 0
  if (byte < 0xe0) return 2
  return byte < 0xf0 ? 3 : 4
}

const longest = 4

/** Where the last whole character ends. What is no UTF-8 counts as whole: decoding is to find it. */
export const endOfCharacters = (bytes: Uint8Array): number => {
  for (let back = 1; back < longest && back <= bytes.length; back++) {
    const length = lengthOf(bytes[bytes.length - back] ?? 0)
    if (length > back) return bytes.length - back
    if (length > 0) break
  }
  return bytes.length
}
