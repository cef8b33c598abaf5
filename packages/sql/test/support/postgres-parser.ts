import { loadModule, parseSync, scanSync } from 'libpg-query'
import type { Script } from '../../src/index.ts'

export interface ByteRange {
  readonly start: number
  readonly end: number
}

await loadModule()

/**
 * The byte ranges that PostgreSQL's own parser gives to the statements of a body. Its lengths reach to the semicolon or
 * the end of the body; what of that is white space and comments its own scanner says.
 */
export function parserRanges(body: string): ByteRange[] {
  const tokens = scanSync(body).tokens.filter(({ tokenName }) => !tokenName.endsWith('COMMENT'))
  let next = 0
  return (parseSync(body).stmts ?? []).map(({ stmt_location: start = 0, stmt_len: length }) => {
    const limit = length === undefined || length === 0 ? Infinity : start + length
    let end = start
    for (; next < tokens.length; next++) {
      const token = tokens[next]
      if (token === undefined || token.end > limit) break
      end = token.end
    }
    return { start, end }
  })
}

/** Where PostgreSQL's own scanner sees semicolons, in bytes; `undefined` where it refuses the text. */
export function scannerSemicolons(body: string): number[] | undefined {
  try {
    return scanSync(body)
      .tokens.filter(({ tokenName }) => tokenName === 'ASCII_59')
      .map(({ start }) => start)
  } catch {
    return undefined
  }
}

/** Turns offsets in UTF-16 code units into offsets in bytes. */
export function byteOffsets(body: string): (offset: number) => number {
  const bytes = new Uint32Array(body.length + 1)
  let total = 0
  for (let i = 0; i < body.length;) {
    const size = (body.codePointAt(i) ?? 0) > 0xffff ? 2 : 1
    bytes[i] = total
    if (size === 2) bytes[i + 1] = total
    total += Buffer.byteLength(body.slice(i, i + size))
    i += size
  }
  bytes[body.length] = total
  return (offset) => bytes[offset] ?? -1
}

/** The byte ranges of the statements we found. */
export function splitRanges(script: Script, body: string): ByteRange[] {
  if (script.problem !== undefined) throw new Error(script.problem.message)
  const toBytes = byteOffsets(body)
  return Array.from(script.statements, ({ start, end }) => ({
    start: toBytes(start),
    end: toBytes(end),
  }))
}
