import type { Driver, MigrateError } from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { rejectionOf } from '../outcomes.ts'
import { defineGroup, type DriverTestCase, type DriverTestGroup } from '../test-group.ts'

const runs = async (kit: DriverTestKit, body: string, things: readonly string[]): Promise<void> => {
  const driver = await kit.prepared()
  await kit.apply(driver, { body })
  expect(await driver.readState()).toEqual({ version: 1n, dirty: false })
  expect(await kit.things()).toEqual(things)
}

/** Runs all statements of a body, in one transaction or one by one, and gives the error. */
const failureOf = async (
  kit: DriverTestKit,
  driver: Driver,
  kind: 'atomic' | 'guarded',
  body: string,
): Promise<MigrateError> => {
  const run = async (): Promise<unknown> => {
    const step = kit.step(driver, { body })
    if (kind === 'atomic') return driver.runAtomic([step])
    const guarded = await kit.begin(driver, { body })
    for (const index of Array.from(step.script.statements).keys()) await guarded.statement(index)
    return guarded.finish()
  }
  return rejectionOf(run(), 'MIGRATION_FAILED')
}

const failing = (kit: DriverTestKit, at: number): string =>
  [1, 2, 3]
    .map((number) =>
      number === at
        ? `${kit.comment(`it fails b\u00e9low \u{1f4a5}`)}\n   ${kit.sql.fail};\n`
        : `${kit.create(`kit_${number}`)};\n`,
    )
    .join('\n')

const positions = (kind: 'atomic' | 'guarded'): DriverTestCase[] =>
  [1, 2, 3].map((at) => ({
    name: `says where statement ${at} of 3 failed in a step that is ${kind}`,
    run: async (kit) => {
      const driver = await kit.prepared()
      const body = failing(kit, at)
      const error = await failureOf(kit, driver, kind, body)
      const { failed } = error.details
      expect(failed).toMatchObject({
        version: 1n,
        direction: 'up',
        title: 'kit',
        file: '1_kit.up.sql',
        statement: at,
        statements: 3,
        serverMessage: expect.stringMatching(/./),
      })
      const lines = body.split('\n')
      const line = lines.findIndex((text) => text.includes(kit.sql.fail)) + 1
      expect(failed?.line, 'line').toBe(line)
      expect(failed?.excerpt, 'excerpt').toBe(lines[line - 1])
      // The statement begins in column 4; a server that knows better points behind that.
      expect(failed?.column, 'column').toBeGreaterThanOrEqual(4)
      expect(failed?.column, 'column').toBeLessThanOrEqual(4 + kit.sql.fail.length)
      expect(error.message, 'the message begins with file, line and column').toContain(
        `1_kit.up.sql:${line}:${failed?.column}: `,
      )
    },
  }))

/** What a body may look like, and where an error is. */
export const testRun: DriverTestGroup = defineGroup('run', [
  { name: 'runs an empty body', run: (kit) => runs(kit, '', []) },
  { name: 'runs a body of white space', run: (kit) => runs(kit, '\n \t\r\n', []) },
  {
    name: 'runs a body of comments',
    run: (kit) => runs(kit, `${kit.comment('nothing')}\n\n${kit.comment('at all')}\n`, []),
  },
  {
    name: 'runs one statement',
    run: (kit) => runs(kit, kit.body(kit.create('kit_a')), ['kit_a']),
  },
  {
    name: 'runs one statement without a delimiter behind it',
    run: (kit) => runs(kit, kit.create('kit_a'), ['kit_a']),
  },
  {
    name: 'runs a body that ends in a comment without a newline',
    run: (kit) => runs(kit, `${kit.create('kit_a')} ${kit.comment('bye')}`, ['kit_a']),
  },
  {
    name: 'runs several statements in order',
    run: (kit) =>
      runs(
        kit,
        kit.body(kit.create('kit_a'), kit.create('kit_b'), kit.drop('kit_a'), kit.create('kit_c')),
        ['kit_b', 'kit_c'],
      ),
  },
  {
    name: 'runs a body with CRLF line ends',
    run: (kit) =>
      runs(kit, kit.body(kit.create('kit_a'), kit.create('kit_b')).replaceAll('\n', '\r\n'), [
        'kit_a',
        'kit_b',
      ]),
  },
  {
    name: 'runs a body with characters beyond ASCII',
    run: (kit) =>
      runs(
        kit,
        `${kit.comment('d\u00e9j\u00e0 \u{1f680} \u4f60\u597d')}\n${kit.body(kit.create('kit_a'))}`,
        ['kit_a'],
      ),
  },
  {
    name: 'runs a body of a thousand statements',
    run: (kit) =>
      runs(
        kit,
        kit.body(
          ...Array.from({ length: 500 }, () => [kit.create('kit_a'), kit.drop('kit_a')]).flat(),
          kit.create('kit_z'),
        ),
        ['kit_z'],
      ),
  },
  {
    name: 'runs a body of a megabyte',
    run: (kit) =>
      runs(kit, `${`${kit.comment('x'.repeat(100))}\n`.repeat(10_000)}${kit.create('kit_a')};\n`, [
        'kit_a',
      ]),
  },
  {
    name: 'throws away the rows that a body returns',
    skip: ({ driver, sql }) =>
      sql.select === undefined && !driver.capabilities.multiProcess
        ? 'no statement of this database returns rows'
        : undefined,
    run: async (kit) => {
      const select = kit.sql.select ?? expect.fail('the option `sql.select` is missing')
      await runs(kit, kit.body(select, kit.create('kit_a'), select), ['kit_a'])
    },
  },
  {
    name: 'runs a step downwards',
    run: async (kit) => {
      const driver = await kit.prepared()
      await kit.apply(driver, { body: kit.body(kit.create('kit_a')) })
      await kit.apply(driver, {
        body: kit.body(kit.drop('kit_a')),
        direction: 'down',
        from: 1n,
        to: null,
      })
      expect(await driver.readState()).toEqual({ version: null, dirty: false })
      expect(await kit.things()).toEqual([])
    },
  },
  {
    name: 'runs the statements of a guarded step one by one',
    run: async (kit) => {
      const driver = await kit.prepared()
      const statements = [kit.sql.create('kit_a'), kit.sql.outside, kit.sql.create('kit_b')]
      const run = await kit.begin(driver, { body: kit.body(...statements) })
      expect(await run.statement(0)).toBe('done')
      expect(await kit.things(), 'behind statement 1').toEqual(['kit_a'])
      expect(await run.statement(1)).toBe('done')
      expect(await run.statement(2)).toBe('done')
      await run.finish()
      expect(await kit.things()).toEqual(['kit_a', 'kit_b'])
      expect(await driver.readState()).toEqual({ version: 1n, dirty: false })
    },
  },
  {
    name: 'cuts a body where its statements are',
    run: async (kit) => {
      const driver = await kit.open()
      const [first, second] = [kit.sql.create('kit_a'), kit.sql.drop('kit_a')]
      const body = `${kit.comment('\u{1f4a5}')}\n${first};\n  ${second}`
      const { problem, statements } = driver.split(body)
      expect(problem).toBeUndefined()
      expect(Array.from(statements, ({ text }) => text)).toEqual([first, second])
      for (const { text, start, end } of statements) expect(body.slice(start, end)).toBe(text)
      expect(Array.from(statements, ({ line, column }) => [line, column])).toEqual([
        [2, 1],
        [3, 3],
      ])
    },
  },
  ...positions('atomic'),
  ...positions('guarded'),
])
