import { atDepth } from '@mig/internal-testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScriptChunks } from '../../core/src/script/script-chunks.ts'
import type { SplitScript } from '../../core/src/script/script-windows.ts'
import { splitMysql, splitPostgres, splitSqlite, type ParsedScript } from '../src/index.ts'
import { checkProperty } from './support/check-property.ts'
import { garbage, type Generated } from './support/generate.ts'
import { mysqlFiles } from './support/generate-mysql.ts'
import { postgresFiles } from './support/generate-postgres.ts'
import { sqliteFiles } from './support/generate-sqlite.ts'

const scripts = { quick: 20, ci: 100, full: 250 }

interface Dialect {
  readonly name: string
  readonly split: (script: string) => ParsedScript
  readonly files: fc.Arbitrary<Generated>
}

const dialects: readonly Dialect[] = [
  { name: 'PostgreSQL', split: splitPostgres, files: postgresFiles },
  { name: 'MySQL', split: splitMysql, files: mysqlFiles },
  { name: 'SQLite', split: splitSqlite, files: sqliteFiles },
]

/** Some fifty times as long as a generated file, so that there are windows in it. */
const longBodies = (files: fc.Arbitrary<Generated>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(files, { minLength: 20, maxLength: 60 }), fc.option(garbage, { freq: 4 }))
    .map(([parts, end]) => parts.map(({ script }) => script).join('\n;\n') + (end ?? ''))

/** Cuts a script whose bytes come in pieces; whole where it cannot be cut in chunks. */
const cut = (
  split: (script: string) => ParsedScript,
  script: string,
  { piece, ...sizes }: { piece: number; bytes: number; margin: number },
): SplitScript => {
  const bytes = Buffer.from(script)
  const chunks = new ScriptChunks(split, sizes)
  for (let at = 0; at < bytes.length; at += piece) {
    if (!chunks.add(bytes.subarray(at, at + piece))) return { script, parsed: split(script) }
  }
  return chunks.finish() ?? { script, parsed: split(script) }
}

const sizes = { piece: 700, bytes: 4000, margin: 1000 }

describe.each(dialects)('windows of $name scripts', ({ split, files }) => {
  test('have the statements, places and problem of the whole script', { timeout: 300_000 }, () => {
    let several = 0
    checkProperty(
      fc.property(longBodies(files), fc.nat(), fc.nat(), (script, one, other) => {
        const whole = split(script)
        const { parsed, script: text } = cut(split, script, sizes)
        expect(text).toBe(script)
        expect([...parsed.statements]).toEqual([...whole.statements])
        expect(parsed.problem).toEqual(whole.problem)
        expect(parsed.statements.length).toBe(whole.statements.length)
        expect(parsed.statements.at(-1)).toEqual(whole.statements.at(-1))
        const middle = one % (whole.statements.length + 1)
        expect(parsed.statements.at(middle)).toEqual(whole.statements.at(middle))
        if (parsed.textOf === undefined) return
        several++
        const [start, end] = [one % (script.length + 1), other % (script.length + 1)]
        expect(parsed.textOf(start, end)).toBe(script.slice(start, end))
      }),
      scripts,
    )
    expect(several).toBeGreaterThan(0.3 * atDepth(scripts))
  })
})

test.each([
  ['a statement longer than a chunk', splitPostgres, `select '${'a;'.repeat(4000)}';`],
  ['a delimiter that is set', splitMysql, '\nDELIMITER //\n select 2; select 3 // '],
])('%s needs the whole script', (_name, split, middle) => {
  const script = `${'select 1; '.repeat(1000)}${middle}${'select 4; '.repeat(1000)}`
  const { parsed } = cut(split, script, sizes)
  expect('textOf' in parsed).toBe(false)
  expect([...parsed.statements]).toEqual([...split(script).statements])
})
