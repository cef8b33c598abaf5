const salt = 1_486_364_155
const reversedPolynomial = 0xedb88320

/**
 * golang-migrate's lock id: CRC-32 of the names joined with a NUL byte, times its salt, modulo 2^32.
 *
 * The extra names (schema, table) come before the database's name.
 */
export const lockKey = (database: string, ...names: readonly string[]): bigint =>
  BigInt(Math.imul(crc32([...names, database].join('\0')), salt) >>> 0)

/** The CRC-32 of a text's bytes, as zlib has it. Loading `node:zlib` for it takes longer than the whole of the rest. */
const crc32 = (text: string): number => {
  let crc = -1
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? reversedPolynomial : 0)
  }
  return ~crc >>> 0
}
