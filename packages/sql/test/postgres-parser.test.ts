import { atDepth, testSeed } from '@mig/internal-testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PostgresLexer } from '../src/dialects/postgres-lexer.ts'
import { splitPostgres } from '../src/index.ts'
import { END, FAULT, SEMICOLON } from '../src/lexer.ts'
import { checkProperty } from './support/check-property.ts'
import { garbage } from './support/generate.ts'
import { postgresFiles } from './support/generate-postgres.ts'
import {
  byteOffsets,
  parserRanges,
  scannerSemicolons,
  splitRanges,
  type ByteRange,
} from './support/postgres-parser.ts'

const files = { quick: 300, ci: 4_000, full: 10_000 }
const texts = { quick: 2_000, ci: 10_000, full: 20_000 }

/** What we must be better than. */
function cutAtEverySemicolon(script: string): ByteRange[] {
  const ranges: ByteRange[] = []
  const toBytes = byteOffsets(script)
  for (const { index, 0: text } of script.matchAll(/[^;]+/g)) {
    const start = index + text.length - text.trimStart().length
    if (text.trim() !== '')
      ranges.push({ start: toBytes(start), end: toBytes(start + text.trim().length) })
  }
  return ranges
}

describe("PostgreSQL's own parser", () => {
  test(`cuts ${atDepth(files)} generated files at the same bytes`, { timeout: 300_000 }, () => {
    checkProperty(
      fc.property(postgresFiles, ({ script }) => {
        expect(splitRanges(splitPostgres(script), script)).toEqual(parserRanges(script))
      }),
      files,
    )
  })

  test('tells a splitter that cuts at every semicolon within 100 files', () => {
    const result = fc.check(
      fc.property(postgresFiles, ({ script }) => {
        expect(cutAtEverySemicolon(script)).toEqual(parserRanges(script))
      }),
      { seed: testSeed(), numRuns: 100, endOnFailure: true },
    )
    expect(result.failed).toBe(true)
  })

  test('scans garbage to the same semicolons', { timeout: 300_000 }, () => {
    let compared = 0
    checkProperty(
      fc.property(garbage, (script) => {
        // libpg-query does not continue strings after comments, the server does.
        const expected = /'\s*--/.test(script) ? undefined : scannerSemicolons(script)
        if (expected === undefined) return
        const toBytes = byteOffsets(script)
        const lexer = new PostgresLexer(script, true)
        const found: number[] = []
        let kind = lexer.next()
        for (; kind !== END && kind !== FAULT; kind = lexer.next())
          if (kind === SEMICOLON) found.push(toBytes(lexer.start))
        // The scanner lets a lone backslash through, which is where we stop.
        const stop = kind === FAULT ? toBytes(lexer.start) : Infinity
        expect(kind === END || script[lexer.start] === '\\').toBe(true)
        expect(found).toEqual(expected.filter((offset) => offset < stop))
        compared++
      }),
      texts,
    )
    expect(compared).toBeGreaterThan(atDepth(texts) / 10)
  })
})
