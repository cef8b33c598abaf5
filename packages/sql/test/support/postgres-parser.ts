import { loadModule, parseSync, scanSync } from 'libpg-query'
import type { ParsedScript } from '../../src/index.ts'

export interface ByteRange {
  readonly start: number
  readonly end: number
}

await loadModule()

/**
 * The byte ranges that PostgreSQL's own parser gives to the statements of a script. Its lengths reach to the semicolon or
 * the end of the script; what of that is white space and comments its own scanner says.
 */
export function parserRanges(script: string): ByteRange[] {
  const tokens = scanSync(script).tokens.filter(({ tokenName }) => !tokenName.endsWith('COMMENT'))
  let next = 0
  return (parseSync(script).stmts ?? []).map(({ stmt_location: start = 0, stmt_len: length }) => {
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
export function scannerSemicolons(script: string): number[] | undefined {
  try {
    return scanSync(script)
      .tokens.filter(({ tokenName }) => tokenName === 'ASCII_59')
      .map(({ start }) => start)
  } catch {
    return undefined
  }
}

/** Turns offsets in UTF-16 code units into offsets in bytes. */
export function byteOffsets(script: string): (offset: number) => number {
  const bytes = new Uint32Array(script.length + 1)
  let total = 0
  for (let i = 0; i < script.length;) {
    const size = (script.codePointAt(i) ?? 0) > 0xffff ? 2 : 1
    bytes[i] = total
    if (size === 2) bytes[i + 1] = total
    total += Buffer.byteLength(script.slice(i, i + size))
    i += size
  }
  bytes[script.length] = total
  return (offset) => bytes[offset] ?? -1
}

/** The byte ranges of the statements we found. */
export function splitRanges(parsed: ParsedScript, script: string): ByteRange[] {
  if (parsed.problem !== undefined) throw new Error(parsed.problem.message)
  const toBytes = byteOffsets(script)
  return Array.from(parsed.statements, ({ start, end }) => ({
    start: toBytes(start),
    end: toBytes(end),
  }))
}
