import type { Driver, MigrateError } from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { rejectionOf } from '../outcomes.ts'
import { defineGroup, type DriverTestCase, type DriverTestGroup } from '../test-group.ts'

const runs = async (
  kit: DriverTestKit,
  script: string,
  things: readonly string[],
): Promise<void> => {
  const driver = await kit.prepared()
  await kit.apply(driver, { script })
  expect(await driver.readState()).toEqual({ version: 1n, dirty: false })
  expect(await kit.things()).toEqual(things)
}

/** Runs all statements of a script, in one transaction or one by one, and gives the error. */
const failureOf = async (
  kit: DriverTestKit,
  driver: Driver,
  kind: 'transactional' | 'non-transactional',
  script: string,
): Promise<MigrateError> => {
  const run = async (): Promise<unknown> => {
    const step = kit.step(driver, { script })
    if (kind === 'transactional') return driver.runTransactional([step])
    const nonTransactional = await kit.begin(driver, { script })
    for (const index of Array.from(step.parsed.statements).keys())
      await nonTransactional.statement(index)
    return nonTransactional.finish()
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

const positions = (kind: 'transactional' | 'non-transactional'): DriverTestCase[] =>
  [1, 2, 3].map((at) => ({
    name: `says where statement ${at} of 3 failed in a step that is ${kind}`,
    run: async (kit) => {
      const driver = await kit.prepared()
      const script = failing(kit, at)
      const error = await failureOf(kit, driver, kind, script)
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
      const lines = script.split('\n')
      const line = lines.findIndex((text) => text.includes(kit.sql.fail)) + 1
      expect(failed?.line, 'line').toBe(line)
      expect(failed?.excerpt, 'excerpt').toBe(lines[line - 1])
      // The statement begins in column 4; a server that knows better points after that.
      expect(failed?.column, 'column').toBeGreaterThanOrEqual(4)
      expect(failed?.column, 'column').toBeLessThanOrEqual(4 + kit.sql.fail.length)
      expect(error.message, 'the message begins with file, line and column').toContain(
        `1_kit.up.sql:${line}:${failed?.column}: `,
      )
    },
  }))

/** What a script may look like, and where an error is. */
export const testRun: DriverTestGroup = defineGroup('run', [
  { name: 'runs an empty script', run: (kit) => runs(kit, '', []) },
  { name: 'runs a script of white space', run: (kit) => runs(kit, '\n \t\r\n', []) },
  {
    name: 'runs a script of comments',
    run: (kit) => runs(kit, `${kit.comment('nothing')}\n\n${kit.comment('at all')}\n`, []),
  },
  {
    name: 'runs one statement',
    run: (kit) => runs(kit, kit.script(kit.create('kit_a')), ['kit_a']),
  },
  {
    name: 'runs one statement without a delimiter after it',
    run: (kit) => runs(kit, kit.create('kit_a'), ['kit_a']),
  },
  {
    name: 'runs a script that ends in a comment without a newline',
    run: (kit) => runs(kit, `${kit.create('kit_a')} ${kit.comment('bye')}`, ['kit_a']),
  },
  {
    name: 'runs several statements in order',
    run: (kit) =>
      runs(
        kit,
        kit.script(
          kit.create('kit_a'),
          kit.create('kit_b'),
          kit.drop('kit_a'),
          kit.create('kit_c'),
        ),
        ['kit_b', 'kit_c'],
      ),
  },
  {
    name: 'runs a script with CRLF line ends',
    run: (kit) =>
      runs(kit, kit.script(kit.create('kit_a'), kit.create('kit_b')).replaceAll('\n', '\r\n'), [
        'kit_a',
        'kit_b',
      ]),
  },
  {
    name: 'runs a script with characters beyond ASCII',
    run: (kit) =>
      runs(
        kit,
        `${kit.comment('d\u00e9j\u00e0 \u{1f680} \u4f60\u597d')}\n${kit.script(kit.create('kit_a'))}`,
        ['kit_a'],
      ),
  },
  {
    name: 'runs a script of a thousand statements',
    run: (kit) =>
      runs(
        kit,
        kit.script(
          ...Array.from({ length: 500 }, () => [kit.create('kit_a'), kit.drop('kit_a')]).flat(),
          kit.create('kit_z'),
        ),
        ['kit_z'],
      ),
  },
  {
    name: 'runs a script of a megabyte',
    run: (kit) =>
      runs(kit, `${`${kit.comment('x'.repeat(100))}\n`.repeat(10_000)}${kit.create('kit_a')};\n`, [
        'kit_a',
      ]),
  },
  {
    name: 'throws away the rows that a script returns',
    skip: ({ driver, sql }) =>
      sql.select === undefined && !driver.capabilities.multiProcess
        ? 'no statement of this database returns rows'
        : undefined,
    run: async (kit) => {
      const select = kit.sql.select ?? expect.fail('the option `sql.select` is missing')
      await runs(kit, kit.script(select, kit.create('kit_a'), select), ['kit_a'])
    },
  },
  {
    name: 'runs a step downwards',
    run: async (kit) => {
      const driver = await kit.prepared()
      await kit.apply(driver, { script: kit.script(kit.create('kit_a')) })
      await kit.apply(driver, {
        script: kit.script(kit.drop('kit_a')),
        direction: 'down',
        from: 1n,
        to: null,
      })
      expect(await driver.readState()).toEqual({ version: null, dirty: false })
      expect(await kit.things()).toEqual([])
    },
  },
  {
    name: 'runs the statements of a non-transactional step one by one',
    run: async (kit) => {
      const driver = await kit.prepared()
      const statements = [kit.sql.create('kit_a'), kit.sql.outside, kit.sql.create('kit_b')]
      const run = await kit.begin(driver, { script: kit.script(...statements) })
      expect(await run.statement(0)).toBe('done')
      expect(await kit.things(), 'after statement 1').toEqual(['kit_a'])
      expect(await run.statement(1)).toBe('done')
      expect(await run.statement(2)).toBe('done')
      await run.finish()
      expect(await kit.things()).toEqual(['kit_a', 'kit_b'])
      expect(await driver.readState()).toEqual({ version: 1n, dirty: false })
    },
  },
  {
    name: 'cuts a script where its statements are',
    run: async (kit) => {
      const driver = await kit.open()
      const [first, second] = [kit.sql.create('kit_a'), kit.sql.drop('kit_a')]
      const script = `${kit.comment('\u{1f4a5}')}\n${first};\n  ${second}`
      const { problem, statements } = driver.split(script)
      expect(problem).toBeUndefined()
      expect(Array.from(statements, ({ text }) => text)).toEqual([first, second])
      for (const { text, start, end } of statements) expect(script.slice(start, end)).toBe(text)
      expect(Array.from(statements, ({ line, column }) => [line, column])).toEqual([
        [2, 1],
        [3, 3],
      ])
    },
  },
  ...positions('transactional'),
  ...positions('non-transactional'),
])
