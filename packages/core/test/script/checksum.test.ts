import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { Checksum, checksumOf } from '../../src/script/checksum.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const inPieces = (all: Uint8Array, length: number): string => {
  const checksum = new Checksum()
  for (let at = 0; at < all.length; at += length) checksum.update(all.subarray(at, at + length))
  return checksum.digest()
}

test.each([
  ['a\nb\n', 'a\nb\n'],
  ['a\r\nb\r\n', 'a\nb\n'],
  ['a\rb', 'a\rb'],
  ['\r\n\r\r\n', '\n\r\n'],
  ['a\r', 'a\r'],
  ['\r\r\r', '\r\r\r'],
  ['', ''],
])('the checksum of %j is that of %j, whole and in pieces', (text, normalised) => {
  expect(checksumOf(bytes(text))).toBe(sha256(normalised))
  for (const length of [1, 2, 3]) expect(inPieces(bytes(text), length)).toBe(sha256(normalised))
})
