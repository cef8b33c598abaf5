import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MysqlLexer } from '../src/dialects/mysql-lexer.ts'
import { PostgresLexer } from '../src/dialects/postgres-lexer.ts'
import { SqliteLexer } from '../src/dialects/sqlite-lexer.ts'
import { splitMysql, splitPostgres, splitSqlite, type ParsedScript } from '../src/index.ts'
import { END, FAULT, type Lexer, SEMICOLON } from '../src/lexer.ts'
import { checkProperty, type Cases } from './support/check-property.ts'
import { garbage, type Generated } from './support/generate.ts'
import { mysqlFiles } from './support/generate-mysql.ts'
import { postgresFiles } from './support/generate-postgres.ts'
import { sqliteFiles } from './support/generate-sqlite.ts'

/** What takes no longer than to cut a file once. */
const cheap = { quick: 200, ci: 2_000, full: 5_000 }
/** What cuts a file many times, or all that is in it. */
const costly = { quick: 50, ci: 250, full: 500 }
const garbageTexts = { quick: 500, ci: 5_000, full: 10_000 }

interface Dialect {
  readonly name: string
  readonly split: (script: string) => ParsedScript
  readonly lexer: (script: string) => Lexer
  readonly files: fc.Arbitrary<Generated>
  readonly gaps: readonly string[]
}

const mysqlSyntax = {
  ansiQuotes: false,
  backslashEscapes: true,
  mariadb: false,
  serverVersion: Number.MAX_SAFE_INTEGER,
}
const dialects: readonly Dialect[] = [
  {
    name: 'PostgreSQL',
    split: splitPostgres,
    lexer: (script) => new PostgresLexer(script, true),
    files: postgresFiles,
    gaps: [' ', '\n', '/* ; /* ; */ */', '-- ;\n', ';;', '\r\n'],
  },
  {
    name: 'MySQL',
    split: splitMysql,
    lexer: (script) => new MysqlLexer(script, mysqlSyntax),
    files: mysqlFiles,
    gaps: [' ', '\n', '/* ; */', '-- ;\n', '# ;\n', '/*+ ; */', ';;', '\ndelimiter ;\n'],
  },
  {
    name: 'SQLite',
    split: splitSqlite,
    lexer: (script) => new SqliteLexer(script),
    files: sqliteFiles,
    gaps: [' ', '\n', '/* ; /* */', '-- ;\n', ';;', '\ufeff'],
  },
]

const texts = (parsed: ParsedScript): string[] => Array.from(parsed.statements, ({ text }) => text)

/** All tokens but semicolons. */
function tokensOf(lexer: Lexer): string[] {
  const tokens: string[] = []
  for (let kind = lexer.next(); kind !== END && kind !== FAULT; kind = lexer.next())
    if (kind !== SEMICOLON) tokens.push(lexer.script.slice(lexer.start, lexer.end))
  return tokens
}

/** Line and column, counted the slow way. */
function placeOf(script: string, offset: number): { line: number; column: number } {
  const lines = script.slice(0, offset).split('\n')
  const last = lines.at(-1) ?? ''
  const bom = lines.length === 1 && script.startsWith('\ufeff') ? 1 : 0
  return { line: lines.length, column: Array.from(last).length + 1 - bom }
}

describe.each(dialects)('$name', ({ split, lexer, files, gaps }) => {
  const check = (predicate: (generated: Generated) => void, cases: Cases): void =>
    checkProperty(fc.property(files, predicate), cases)

  test('finds the statements that a script was made of', { timeout: 120_000 }, () => {
    check(({ script, statements }) => {
      const parsed = split(script)
      expect(parsed.problem).toBeUndefined()
      expect(texts(parsed)).toEqual(statements)
    }, cheap)
  })

  test('finds in a statement that statement', { timeout: 120_000 }, () => {
    check(({ script }) => {
      for (const { text, role, command } of split(script).statements) {
        const [again, ...more] = split(text).statements
        expect(more).toEqual([])
        expect(again).toMatchObject({
          text,
          role,
          command,
          start: 0,
          end: text.length,
          line: 1,
          column: 1,
        })
      }
    }, costly)
  })

  test('loses no token', { timeout: 120_000 }, () => {
    check(({ script }) => {
      const joined = texts(split(script)).join(' ;\n')
      expect(tokensOf(lexer(joined))).toEqual(tokensOf(lexer(script)))
    }, costly)
  })

  test('does not mind what stands between statements', { timeout: 120_000 }, () => {
    const gap = fc.array(fc.constantFrom(...gaps), { maxLength: 4 }).map((parts) => parts.join(''))
    checkProperty(
      fc.property(files, gap, ({ statements }, between) => {
        const script = between + statements.map((text) => `${text};${between}`).join('')
        expect(texts(split(script))).toEqual(statements)
      }),
      costly,
    )
  })

  test('counts lines and columns', { timeout: 120_000 }, () => {
    checkProperty(
      fc.property(files, fc.constantFrom('', '\ufeff'), ({ script }, bom) => {
        for (const { start, end, line, column, text } of split(bom + script).statements) {
          expect((bom + script).slice(start, end)).toBe(text)
          expect({ line, column }).toEqual(placeOf(bom + script, start))
        }
      }),
      costly,
    )
  })

  test('survives garbage', { timeout: 120_000 }, () => {
    checkProperty(
      fc.property(garbage, (script) => {
        const { statements, problem } = split(script)
        const offsets = Array.from(statements, ({ start, end }) => [start, end]).flat()
        if (problem !== undefined) offsets.push(problem.offset)
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
        for (const { text } of statements) expect(text).not.toMatch(/^[ \t\r\n;]|[ \t\r\n]$/)
        const places = problem === undefined ? [...statements] : [...statements, problem]
        for (const place of places) {
          const { line, column } = place
          const offset = 'start' in place ? place.start : place.offset
          expect({ line, column }).toEqual(placeOf(script, offset))
        }
      }),
      garbageTexts,
    )
  })
})
