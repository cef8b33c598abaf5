import { setTimeout as sleep } from 'node:timers/promises'
import type {
  TransactionalProgress,
  TransactionalStep,
  Driver,
  VersionState,
} from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { forceState } from '../force-state.ts'
import { rejectionOf, resultOf } from '../outcomes.ts'
import {
  defineGroup,
  type DriverTestCase,
  type DriverTestGroup,
  type DriverTestSubject,
} from '../test-group.ts'

const blockless = ({ sql }: DriverTestSubject): string | undefined =>
  sql.block === undefined ? 'scripts of this database bring no transaction block' : undefined

const versionTables: readonly { readonly name: string; readonly state: VersionState }[] = [
  { name: 'above', state: { version: 7n, dirty: false } },
  { name: 'at the target already', state: { version: 1n, dirty: false } },
  { name: 'dirty at the target', state: { version: 1n, dirty: true } },
  { name: 'dirty where the step begins', state: { version: null, dirty: true } },
]

/** Three steps that make a thing each; one of them fails after that, if it is to. */
const threeSteps = (
  kit: DriverTestKit,
  driver: Driver,
  failing?: bigint,
): [TransactionalStep, TransactionalStep, TransactionalStep] => {
  const step = (version: bigint): TransactionalStep => {
    const make = kit.create(`kit_${version}`)
    const script = version === failing ? kit.script(make, kit.sql.fail) : kit.script(make)
    return kit.step(driver, { script, version, from: version === 1n ? null : version - 1n })
  }
  return [step(1n), step(2n), step(3n)]
}

const elsewhere = (kind: 'transactional' | 'non-transactional'): DriverTestCase[] =>
  versionTables.map(({ name, state }) => ({
    name: `does not begin a step that is ${kind} when the version row is ${name}`,
    run: async (kit) => {
      const driver = await kit.prepared()
      await forceState(kit, state)
      const input = { script: kit.script(kit.create('kit_a')) }
      const outcome =
        kind === 'transactional'
          ? await driver.runTransactional([kit.step(driver, input)])
          : await driver.beginNonTransactional(kit.nonTransactionalStep(driver, input))
      expect(outcome.kind).toBe('changed')
      expect(await driver.readState()).toEqual(state)
      expect(await kit.things()).toEqual([])
    },
  }))

/** What a step that fails leaves, and that a step begins only where it was planned to. */
export const testTransactions: DriverTestGroup = defineGroup('transactions', [
  {
    name: 'leaves nothing of a transactional step that fails',
    run: async (kit) => {
      const driver = await kit.prepared()
      await kit.apply(driver, { script: kit.script(kit.create('kit_a')) })
      const script = kit.script(
        kit.create('kit_b'),
        kit.drop('kit_a'),
        kit.create('kit_c'),
        kit.sql.fail,
      )
      const step = kit.step(driver, { script, version: 2n, from: 1n })
      await rejectionOf(driver.runTransactional([step]))
      expect(await driver.recover()).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(['kit_a'])
      expect(await (await kit.open()).readState()).toEqual({ version: 1n, dirty: false })
    },
  },
  {
    name: 'runs the next transactional step after one that failed',
    run: async (kit) => {
      const driver = await kit.prepared()
      const script = kit.script(kit.create('kit_a'), kit.sql.fail)
      await rejectionOf(driver.runTransactional([kit.step(driver, { script })]))
      await driver.recover()
      await kit.apply(driver, { script: kit.script(kit.create('kit_a')) })
      expect(await kit.things()).toEqual(['kit_a'])
    },
  },
  {
    name: 'applies at least the first of several steps, and says how many',
    run: async (kit) => {
      const driver = await kit.prepared()
      const outcome = await driver.runTransactional(threeSteps(kit, driver))
      if (outcome.kind !== 'applied')
        return expect.fail(`runTransactional ended as "${outcome.kind}"`)
      const done = outcome.durationsMs.length
      expect(done).toBeGreaterThanOrEqual(1)
      expect(done).toBeLessThanOrEqual(3)
      expect(await driver.readState()).toEqual({ version: BigInt(done), dirty: false })
      expect(await kit.things()).toEqual(['kit_1', 'kit_2', 'kit_3'].slice(0, done))
    },
  },
  {
    name: 'tells only of steps that are committed, so that an error belongs to the one after them',
    run: async (kit) => {
      const driver = await kit.prepared()
      const [first, ...others] = threeSteps(kit, driver, 2n)
      const told: number[] = []
      const progress: TransactionalProgress = {
        begun: () => true,
        done: (index) => told.push(index),
      }
      const done = await driver.runTransactional([first, ...others], undefined, progress).then(
        (outcome) => (outcome.kind === 'applied' ? outcome.durationsMs.length : 0),
        () => told.length,
      )
      expect(told).toEqual(told.map((_, index) => index))
      expect(told.length).toBeLessThanOrEqual(done)
      expect(done).toBe(1)
      expect(await driver.recover()).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1'])
    },
  },
  {
    name: 'ends after a step when the next one is not wanted',
    run: async (kit) => {
      const driver = await kit.prepared()
      const [first, ...others] = threeSteps(kit, driver)
      const outcome = await driver.runTransactional([first, ...others], undefined, {
        begun: () => false,
        done: () => undefined,
      })
      if (outcome.kind !== 'applied')
        return expect.fail(`runTransactional ended as "${outcome.kind}"`)
      const done = outcome.durationsMs.length
      expect(done).toBeGreaterThanOrEqual(1)
      expect(await driver.readState()).toEqual({ version: BigInt(done), dirty: false })
      expect(await kit.things()).toEqual(['kit_1', 'kit_2', 'kit_3'].slice(0, done))
      const { version } = await driver.readState()
      const script = kit.script(kit.create('kit_9'))
      await kit.apply(driver, { script, version: 9n, from: version })
      expect(await kit.things()).toContain('kit_9')
    },
  },
  {
    name: 'keeps the steps before the one that fails, however many are offered at once',
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.script(kit.create('kit_1')),
        '2_b.up.sql': kit.script(kit.create('kit_2')),
        '3_c.up.sql': kit.script(kit.create('kit_3'), kit.sql.fail),
        '4_d.up.sql': kit.script(kit.create('kit_4')),
      })
      await rejectionOf(migrator.up())
      expect(await migrator.version()).toEqual({ version: 2n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1', 'kit_2'])
    },
  },
  {
    name: 'leaves a non-transactional step that fails dirty, with the statements before it in effect',
    run: async (kit) => {
      const driver = await kit.prepared()
      const run = await kit.begin(driver, {
        script: kit.script(kit.sql.create('kit_a'), kit.sql.fail, kit.sql.create('kit_b')),
      })
      const reader = await kit.open()
      expect(await reader.readState(), 'while it runs').toEqual({ version: 1n, dirty: true })
      await run.statement(0)
      await rejectionOf(run.statement(1))
      expect(await driver.recover()).toEqual({ version: 1n, dirty: true })
      expect(await reader.readState()).toEqual({ version: 1n, dirty: true })
      expect(await kit.things()).toEqual(['kit_a'])
    },
  },
  {
    name: 'says what is in effect of a non-transactional step that fails',
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.nonTransactionalScript(
          kit.sql.create('kit_a'),
          kit.sql.create('kit_b'),
          kit.sql.fail,
          kit.sql.create('kit_c'),
        ),
      })
      const error = await rejectionOf(migrator.up(), 'MIGRATION_FAILED')
      const { failed } = error.details
      expect(failed).toMatchObject({ statement: 3, statements: 4 })
      // Only with a code of the server's is it known that it refused the statement.
      const refused = failed?.serverCode !== undefined
      expect(failed?.effect).toEqual(refused ? { certain: 2, failed: 'not-in-effect' } : undefined)
      expect(await kit.things()).toEqual(['kit_a', 'kit_b'])
    },
  },
  {
    name: 'leaves a non-transactional step downwards dirty at its target, also below the first version',
    run: async (kit) => {
      const driver = await kit.prepared()
      await kit.apply(driver, { script: kit.script(kit.create('kit_a')) })
      const run = await kit.begin(driver, {
        script: kit.script(kit.sql.fail),
        direction: 'down',
        from: 1n,
        to: null,
      })
      await rejectionOf(run.statement(0))
      expect(await driver.recover()).toEqual({ version: null, dirty: true })
      expect(await (await kit.open()).readState()).toEqual({ version: null, dirty: true })
    },
  },
  {
    name: 'goes on with a non-transactional step that broke off, from where it is told',
    run: async (kit) => {
      const input = { script: kit.script(kit.sql.create('kit_1'), kit.sql.create('kit_2')) }
      const first = await kit.prepared()
      const broken = await kit.begin(first, input)
      await broken.statement(0)
      await kit.end(first)

      const driver = await kit.prepared()
      const step = { ...kit.nonTransactionalStep(driver, input), resume: true }
      const start = await driver.beginNonTransactional(step)
      if (start.kind !== 'started') return expect.fail(`it ended as "${start.kind}"`)
      await start.run.statement(1)
      await start.run.finish()
      expect(await driver.readState()).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1', 'kit_2'])
    },
  },
  {
    name: 'does not go on with a step that did not break off',
    run: async (kit) => {
      const driver = await kit.prepared()
      const script = kit.script(kit.sql.create('kit_1'))
      const step = { ...kit.nonTransactionalStep(driver, { script }), resume: true }
      expect((await driver.beginNonTransactional(step)).kind).toBe('changed')
      expect(await driver.readState()).toEqual({ version: null, dirty: false })
    },
  },
  {
    name: 'shows what a script has made, where it can say so',
    run: async (kit) => {
      const driver = await kit.prepared()
      const { statements } = driver.split(kit.script(kit.sql.create('kit_1')))
      const shown = async (): Promise<readonly (boolean | undefined)[]> => {
        const found = await driver.inspect?.({ scripts: [statements] })
        const [script = []] = found?.scripts ?? []
        return script.flatMap(({ objects }) => objects.map((object) => object.shown))
      }
      const before = await shown()
      expect(before.filter((there) => there === true)).toEqual([])
      await kit.apply(driver, { script: kit.script(kit.create('kit_0')) })
      const run = await kit.begin(driver, {
        script: kit.script(kit.sql.create('kit_1')),
        version: 2n,
        from: 1n,
      })
      await run.statement(0)
      await run.finish()
      expect((await shown()).filter((there) => there === false)).toEqual([])
    },
  },
  {
    name: 'shows nobody the dirty half of a transactional step',
    skip: ({ driver }) =>
      driver.capabilities.serverCancel
        ? undefined
        : 'nothing can be looked at while a statement runs (serverCancel is false)',
    run: async (kit) => {
      const driver = await kit.prepared()
      const reader = await kit.open()
      let running = true
      const run = kit
        .apply(driver, { script: kit.script(kit.create('kit_a'), kit.slow(400)) })
        .finally(() => (running = false))
      const seen: VersionState[] = []
      while (running) {
        seen.push(await reader.readState())
        await sleep(5)
      }
      await run
      expect(seen.filter(({ dirty }) => dirty)).toEqual([])
      expect(seen[0]).toEqual({ version: null, dirty: false })
      expect(await reader.readState()).toEqual({ version: 1n, dirty: false })
    },
  },
  ...elsewhere('transactional'),
  ...elsewhere('non-transactional'),
  {
    name: "keeps a script's own transaction block whole",
    skip: blockless,
    run: async (kit) => {
      const { begin = '', commit = '' } = kit.sql.block ?? {}
      const blocked = (...statements: readonly string[]): string =>
        `${kit.comment('c')}\n${kit.script(begin, ...statements, commit)}${kit.comment('d')}`
      const migrator = await kit.migrator({
        '1_a.up.sql': blocked(kit.create('kit_a')),
        '2_b.up.sql': blocked(kit.create('kit_b'), kit.sql.fail),
      })
      await rejectionOf(migrator.up())
      expect(await migrator.version()).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(['kit_a'])
    },
  },
  {
    name: 'refuses a transaction block that is not one, before anything runs',
    skip: blockless,
    run: async (kit) => {
      const { begin = '', commit = '' } = kit.sql.block ?? {}
      const [first, second] = [kit.create('kit_a'), kit.create('kit_b')]
      const scripts = {
        'without an end': kit.script(first, begin, second),
        'without a beginning': kit.script(first, second, commit),
        twice: kit.script(begin, first, commit, begin, second, commit),
        'with a statement outside': kit.script(begin, first, commit, second),
      }
      for (const [what, script] of Object.entries(scripts)) {
        const migrator = await kit.migrator({ '1_a.up.sql': script })
        const error = await rejectionOf(migrator.up(), 'INVALID_BODY')
        expect(error.details.line, `line of a block ${what}`).toBeGreaterThan(1)
        expect(await migrator.version(), what).toEqual({ version: null, dirty: false })
        expect(await kit.things(), what).toEqual([])
        await migrator.close()
      }
    },
  },
  {
    name: 'never shows clean what a script cut in two by a commit of its own',
    skip: blockless,
    run: async (kit) => {
      const driver = await kit.prepared()
      const { commit = '' } = kit.sql.block ?? {}
      // No lexer sees every commit, so the driver gets this one as if it were a plain statement.
      const script = kit.script(kit.create('kit_a'), commit, kit.create('kit_a'))
      await rejectionOf(driver.runTransactional([kit.step(driver, { script })]))
      const state = await driver.recover()
      const halfDone = (await kit.things()).length > 0
      expect(state).toEqual(
        halfDone ? { version: 1n, dirty: true } : { version: null, dirty: false },
      )
      expect(await (await kit.open()).readState()).toEqual(state)
    },
  },
  {
    name: 'does not carry the settings of one step into the next',
    skip: ({ sql }) =>
      sql.session === undefined
        ? 'scripts of this database change nothing of a session'
        : undefined,
    run: async (kit) => {
      const { change = '', check = '' } = kit.sql.session ?? {}
      const migrator = await kit.migrator({
        '1_change.up.sql': kit.script(change),
        '2_check.up.sql': kit.script(check),
        '3_change.up.sql': kit.nonTransactionalScript(change),
        '4_check.up.sql': kit.nonTransactionalScript(check),
      })
      expect(await resultOf(migrator.up(), 'the run'), 'the run').toMatchObject({
        to: { version: 4n, dirty: false },
      })
    },
  },
  {
    name: 'says that a script with a statement that cannot be rolled back is non-transactional',
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_plain.up.sql': kit.script(kit.create('kit_a')),
        '2_outside.up.sql': kit.script(kit.sql.outside),
      })
      const { steps } = await migrator.plan()
      expect(steps.map(({ kind }) => kind)).toEqual(['transactional', 'non-transactional'])
      expect(steps[1]?.reason).toMatch(/./)
    },
  },
])
