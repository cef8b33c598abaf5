import { describe, expect, test } from 'vitest'
import { ScriptChunks } from '../../src/script/script-chunks.ts'
import { memoryDatabase, memoryDriver, type ParsedScript } from '../../src/driver-api.ts'

const driver = await memoryDriver(memoryDatabase()).open({ ledger: false })
const split = (script: string): ParsedScript => driver.split(script)

/** Cuts bytes that come in pieces of one length, in the same buffer each time. */
const cut = (bytes: Uint8Array, length: number, chunk = 40) => {
  const chunks = new ScriptChunks(split, { bytes: chunk, margin: 0 })
  const buffer = Buffer.alloc(length)
  for (let at = 0; at < bytes.length; at += length) {
    const count = Math.min(length, bytes.length - at)
    buffer.set(bytes.subarray(at, at + count))
    if (!chunks.add(buffer.subarray(0, count))) return undefined
  }
  return chunks.finish()
}

const pieceLengths = [1, 2, 3, 5, 16, 40, 100]

describe('a script in pieces', () => {
  test.each([
    '',
    'create a;',
    'create a; create é; create €; create 😀; create b; '.repeat(5),
    `\ufeff${'create a; create \ufeff; create c; '.repeat(5)}`,
    'create a;\ncreate é;\r\n  create 😀;create d; '.repeat(5),
  ])('%j has the text and the places of the whole', (text) => {
    const script = text.replace(/^\ufeff/, '')
    for (const length of pieceLengths) {
      const read = cut(new TextEncoder().encode(text), length)
      expect(read?.script).toBe(script)
      if (text.length > 40) expect(read?.parsed.textOf?.(30, 50)).toBe(script.slice(30, 50))
      expect([...(read?.parsed.statements ?? [])]).toEqual([...split(script).statements])
    }
  })

  test.each([
    [[0xff]],
    [[0x61, 0x80]],
    [[0xe2, 0x82]],
    [[0xf0, 0x9f, 0x98]],
    [[0xc3, 0x28]],
    [[0x61, 0xf8, 0x88, 0x80, 0x80, 0x80]],
  ])('with bytes %j is not a text', (numbers) => {
    const head = new TextEncoder().encode('create a; create b; '.repeat(5))
    const bytes = Uint8Array.from([...head, ...numbers])
    for (const length of pieceLengths) expect(cut(bytes, length)).toBeUndefined()
  })
})
