import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PostgresLexer } from '../src/dialects/postgres-lexer.ts'
import { splitPostgres } from '../src/index.ts'
import { END, FAULT, SEMICOLON } from '../src/lexer.ts'
import { garbage, postgresFiles } from './support/generate.ts'
import {
  byteOffsets,
  parserRanges,
  scannerSemicolons,
  type ByteRange,
} from './support/postgres-parser.ts'

function ourRanges(body: string): ByteRange[] {
  const toBytes = byteOffsets(body)
  const { statements, problem } = splitPostgres(body)
  expect(problem).toBeUndefined()
  return Array.from(statements, ({ start, end }) => ({ start: toBytes(start), end: toBytes(end) }))
}

/** What we must be better than. */
function cutAtEverySemicolon(body: string): ByteRange[] {
  const ranges: ByteRange[] = []
  const toBytes = byteOffsets(body)
  for (const { index, 0: text } of body.matchAll(/[^;]+/g)) {
    const start = index + text.length - text.trimStart().length
    if (text.trim() !== '')
      ranges.push({ start: toBytes(start), end: toBytes(start + text.trim().length) })
  }
  return ranges
}

// Has commas where a statement should go on; the parser refuses it, as the server does.
const NOT_SQL = '20250408120918_app_config_cols.down.sql'

describe("PostgreSQL's own parser", () => {
  test('cuts 10 000 generated files at the same bytes', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(postgresFiles, ({ body }) => {
        expect(ourRanges(body)).toEqual(parserRanges(body))
      }),
      { numRuns: 10_000 },
    )
  })

  test('tells a splitter that cuts at every semicolon within 100 files', () => {
    const result = fc.check(
      fc.property(postgresFiles, ({ body }) => {
        expect(cutAtEverySemicolon(body)).toEqual(parserRanges(body))
      }),
      { numRuns: 100, endOnFailure: true },
    )
    expect(result.failed).toBe(true)
  })

  test('scans garbage to the same semicolons', { timeout: 120_000 }, () => {
    let compared = 0
    fc.assert(
      fc.property(garbage, (body) => {
        // libpg-query does not continue strings behind comments, the server does.
        const expected = /'\s*--/.test(body) ? undefined : scannerSemicolons(body)
        if (expected === undefined) return
        const toBytes = byteOffsets(body)
        const lexer = new PostgresLexer(body, true)
        const found: number[] = []
        let kind = lexer.next()
        for (; kind !== END && kind !== FAULT; kind = lexer.next())
          if (kind === SEMICOLON) found.push(toBytes(lexer.start))
        // The scanner lets a lone backslash through, which is where we stop.
        const stop = kind === FAULT ? toBytes(lexer.start) : Infinity
        if (kind === FAULT) expect(body[lexer.start]).toBe('\\')
        expect(found).toEqual(expected.filter((offset) => offset < stop))
        compared++
      }),
      { numRuns: 20_000 },
    )
    expect(compared).toBeGreaterThan(2_000)
  })

  const corpus = process.env['MIG_CORPUS_DIR'] ?? ''
  const folder = join(corpus, 'pocket-id-postgres')
  const reason = corpus === '' ? 'MIG_CORPUS_DIR is not set' : `${folder} does not exist`
  if (corpus === '' || !existsSync(folder)) {
    console.warn(`skipped the corpus for PostgreSQL: ${reason}`)
    test.skip(`cuts the corpus at the same bytes (${reason})`)
  } else {
    test('cuts the corpus at the same bytes', () => {
      const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
      expect(names.length).toBeGreaterThan(100)
      for (const name of names) {
        const body = readFileSync(join(folder, name), 'utf8')
        if (name === NOT_SQL) expect(ourRanges(body), name).toHaveLength(4)
        else expect(ourRanges(body), name).toEqual(parserRanges(body))
      }
    })
  }
})
