import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import * as ours from '../src/pg-cryptography.ts'

const theirs = createRequire(import.meta.url)('pg/lib/crypto/utils.js') as typeof ours

const salt = Buffer.from('00ff10a0b0c0d0e0f0123456789abcde', 'hex')
const hex = (bytes: Uint8Array | ArrayBuffer): string =>
  Buffer.from(bytes as Uint8Array).toString('hex')

test('has all that the client asks for, and nothing else', () => {
  expect(Object.keys(ours).toSorted()).toEqual(Object.keys(theirs).toSorted())
})

test.each(['secret', 'gehéim пароль', 'x'.repeat(200)])(
  'computes what the client does: %s',
  async (text) => {
    const [mine, wanted] = await Promise.all(
      [ours, theirs].map(async (module) => [
        hex(await module.deriveKey(text, salt, 4096)),
        hex(await module.hmacSha256(salt, text)),
        hex(await module.sha256(Buffer.from(text))),
        await module.md5(text),
        await module.postgresMd5PasswordHash('anna', text, salt.subarray(0, 4)),
      ]),
    )
    expect(mine).toEqual(wanted)
  },
)

test.each(['SHA-256', 'SHA-384', 'SHA-512'])(
  'hashes a certificate as the client does: %s',
  async (name) => {
    expect(hex(await ours.hashByName(name, salt))).toBe(hex(await theirs.hashByName(name, salt)))
  },
)

test('a nonce is as long as asked for, and new each time', () => {
  const [one, two] = [ours.randomBytes(18), ours.randomBytes(18)]
  expect([one.length, two.length]).toEqual([18, 18])
  expect(one.equals(two)).toBe(false)
})
