import { atDepth } from '@mig/internal-testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BodyStretches } from '../../core/src/script/script-chunks.ts'
import type { CutBody } from '../../core/src/script/script-windows.ts'
import { splitMysql, splitPostgres, splitSqlite, type Script } from '../src/index.ts'
import { checkProperty } from './support/check-property.ts'
import { garbage, type Generated } from './support/generate.ts'
import { mysqlFiles } from './support/generate-mysql.ts'
import { postgresFiles } from './support/generate-postgres.ts'
import { sqliteFiles } from './support/generate-sqlite.ts'

const bodies = { quick: 20, ci: 100, full: 250 }

interface Dialect {
  readonly name: string
  readonly split: (body: string) => Script
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
    .map(([parts, end]) => parts.map(({ body }) => body).join('\n;\n') + (end ?? ''))

/** Cuts a body whose bytes come in pieces; whole where it cannot be cut in stretches. */
const cut = (
  split: (body: string) => Script,
  body: string,
  { piece, ...sizes }: { piece: number; bytes: number; margin: number },
): CutBody => {
  const bytes = Buffer.from(body)
  const stretches = new BodyStretches(split, sizes)
  for (let at = 0; at < bytes.length; at += piece) {
    if (!stretches.add(bytes.subarray(at, at + piece))) return { body, script: split(body) }
  }
  return stretches.finish() ?? { body, script: split(body) }
}

const sizes = { piece: 700, bytes: 4000, margin: 1000 }

describe.each(dialects)('windows of $name bodies', ({ split, files }) => {
  test('have the statements, places and problem of the whole body', { timeout: 300_000 }, () => {
    let several = 0
    checkProperty(
      fc.property(longBodies(files), fc.nat(), fc.nat(), (body, one, other) => {
        const whole = split(body)
        const { script, body: text } = cut(split, body, sizes)
        expect(text).toBe(body)
        expect([...script.statements]).toEqual([...whole.statements])
        expect(script.problem).toEqual(whole.problem)
        expect(script.statements.length).toBe(whole.statements.length)
        expect(script.statements.at(-1)).toEqual(whole.statements.at(-1))
        const middle = one % (whole.statements.length + 1)
        expect(script.statements.at(middle)).toEqual(whole.statements.at(middle))
        if (script.textOf === undefined) return
        several++
        const [start, end] = [one % (body.length + 1), other % (body.length + 1)]
        expect(script.textOf(start, end)).toBe(body.slice(start, end))
      }),
      bodies,
    )
    expect(several).toBeGreaterThan(0.3 * atDepth(bodies))
  })
})

test.each([
  ['a statement longer than a stretch', splitPostgres, `select '${'a;'.repeat(4000)}';`],
  ['a delimiter that is set', splitMysql, '\nDELIMITER //\n select 2; select 3 // '],
])('%s needs the whole body', (_name, split, middle) => {
  const body = `${'select 1; '.repeat(1000)}${middle}${'select 4; '.repeat(1000)}`
  const { script } = cut(split, body, sizes)
  expect('textOf' in script).toBe(false)
  expect([...script.statements]).toEqual([...split(body).statements])
})
