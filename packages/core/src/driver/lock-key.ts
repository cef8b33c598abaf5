import { crc32 } from 'node:zlib'

const salt = 1_486_364_155

/**
 * golang-migrate's lock id: CRC-32 of the names joined with a NUL byte, times its salt, modulo 2^32.
 *
 * The extra names (schema, table) come before the database's name.
 */
export const lockKey = (database: string, ...names: readonly string[]): bigint =>
  BigInt(Math.imul(crc32([...names, database].join('\0')), salt) >>> 0)
