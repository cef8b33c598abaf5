import type {
  TransactionalOutcome,
  TransactionalStep,
  Driver,
  NonTransactionalStep,
} from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { forceState } from '../force-state.ts'
import { rejectionOf } from '../outcomes.ts'
import { defineGroup, type DriverTestGroup, type DriverTestSubject } from '../test-group.ts'

const withoutJointCommit = ({ driver }: DriverTestSubject): string | undefined =>
  driver.capabilities.beginsWithCommit ? undefined : '`beginsWithCommit` is off'

/** A transactional step that makes kit_1, and the non-transactional one after it. */
const runBefore = async (
  kit: DriverTestKit,
  driver: Driver,
  following: (next: NonTransactionalStep) => NonTransactionalStep | undefined,
): Promise<TransactionalOutcome> => {
  const script = kit.script(kit.sql.create('kit_2'))
  const next = kit.nonTransactionalStep(driver, { script, version: 2n, from: 1n })
  return driver.runTransactional(
    [kit.step(driver, { script: kit.script(kit.create('kit_1')) })],
    undefined,
    {
      begun: () => true,
      done: () => undefined,
      following: () => following(next),
    },
  )
}

/** Ends a non-transactional step that makes kit_1, with the transactional one after it that makes kit_2 sent if the driver can. */
const endBefore = async (kit: DriverTestKit, driver: Driver): Promise<TransactionalStep> => {
  const run = await kit.begin(driver, { script: kit.script(kit.sql.create('kit_1')) })
  await run.statement(0)
  const next = kit.step(driver, { script: kit.script(kit.create('kit_2')), version: 2n, from: 1n })
  if (run.finishAndSend === undefined) await run.finish()
  else await run.finishAndSend(next)
  return next
}

/** What one write does that ends a step and begins the one after it, where a driver joins the two. */
export const testJoinedSteps: DriverTestGroup = defineGroup('joined steps', [
  {
    name: 'begins one non-transactional step after the other',
    run: async (kit) => {
      const driver = await kit.prepared()
      const run = await kit.begin(driver, { script: kit.script(kit.sql.create('kit_1')) })
      await run.statement(0)
      const next = { script: kit.script(kit.sql.create('kit_2')), version: 2n, from: 1n }
      if (run.finishAndBegin === undefined) await run.finish()
      const start = await (run.finishAndBegin?.(kit.nonTransactionalStep(driver, next)) ??
        driver.beginNonTransactional(kit.nonTransactionalStep(driver, next)))
      if (start.kind !== 'started') return expect.fail(`the second step ended as "${start.kind}"`)
      expect(await (await kit.open()).readState()).toEqual({ version: 2n, dirty: true })
      await start.run.statement(0)
      await start.run.finish()
      expect(await driver.readState()).toEqual({ version: 2n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1', 'kit_2'])
    },
  },
  {
    name: 'leaves the next non-transactional step dirty and the one before it done when its first statement fails',
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_1')),
        '2_b.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_1')),
        '3_c.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_3')),
      })
      const error = await rejectionOf(migrator.up(), 'MIGRATION_FAILED')
      expect(error.details.applied?.map(({ version }) => version)).toEqual([1n])
      expect(error.details.failed).toMatchObject({ version: 2n, statement: 1, statements: 1 })
      expect(error.details.state).toEqual({ version: 2n, dirty: true })
      expect(await kit.things()).toEqual(['kit_1'])
    },
  },
  {
    name: 'begins no non-transactional step after another when the version row was moved meanwhile',
    run: async (kit) => {
      const driver = await kit.prepared()
      const run = await kit.begin(driver, { script: kit.script(kit.sql.create('kit_1')) })
      await run.statement(0)
      await forceState(kit, { version: 7n, dirty: false })
      const next = { script: kit.script(kit.sql.create('kit_2')), version: 2n, from: 1n }
      // A driver may say `changed`, or throw for the step that cannot end.
      const joined = await run
        .finishAndBegin?.(kit.nonTransactionalStep(driver, next))
        .catch(() => undefined)
      expect(joined?.kind).not.toBe('started')
      await rejectionOf(run.finish())
      expect(await driver.recover()).toEqual({ version: 7n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1'])
    },
  },
  {
    name: 'begins a non-transactional step with the commit of the transactional one before it',
    skip: withoutJointCommit,
    run: async (kit) => {
      const driver = await kit.prepared()
      const outcome = await runBefore(kit, driver, (next) => next)
      if (outcome.kind !== 'applied')
        return expect.fail(`runTransactional ended as "${outcome.kind}"`)
      const { begun } = outcome
      if (begun === undefined) return expect.fail('the guarded step did not begin')
      expect(await (await kit.open()).readState()).toEqual({ version: 2n, dirty: true })
      await begun.statement(0)
      await begun.finish()
      expect(await driver.readState()).toEqual({ version: 2n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1', 'kit_2'])
      const events = await kit.events(driver)
      expect(events.map(({ kind, version }) => `${kind} ${version}`)).toEqual([
        'applied 1',
        'started 2',
        'applied 2',
      ])
    },
  },
  {
    name: 'ends after a transactional step when the non-transactional one after it is not wanted',
    run: async (kit) => {
      const driver = await kit.prepared()
      const outcome = await runBefore(kit, driver, () => undefined)
      expect(outcome).toMatchObject({ kind: 'applied' })
      expect(outcome).not.toHaveProperty('begun')
      expect(await (await kit.open()).readState()).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1'])
    },
  },
  {
    name: 'begins no non-transactional step with a transactional one that fails',
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_1')),
        '2_b.up.sql': kit.script(kit.sql.fail),
        '3_c.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_3')),
      })
      const error = await rejectionOf(migrator.up(), 'MIGRATION_FAILED')
      expect(error.details.applied?.map(({ version }) => version)).toEqual([1n])
      expect(error.details.failed).toMatchObject({ version: 2n, statement: 1 })
      expect(error.details.state).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1'])
    },
  },
  {
    name: 'counts a transactional step as applied when the non-transactional one after it fails at once',
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_1')),
        '2_b.up.sql': kit.script(kit.create('kit_2')),
        '3_c.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_1')),
      })
      const error = await rejectionOf(migrator.up(), 'MIGRATION_FAILED')
      expect(error.details.applied?.map(({ version }) => version)).toEqual([1n, 2n])
      expect(error.details.failed).toMatchObject({ version: 3n, statement: 1 })
      expect(error.details.state).toEqual({ version: 3n, dirty: true })
      expect(await kit.things()).toEqual(['kit_1', 'kit_2'])
    },
  },
  {
    name: 'commits no transactional step with the end of the non-transactional one before it',
    run: async (kit) => {
      const driver = await kit.prepared()
      const next = await endBefore(kit, driver)
      expect(await (await kit.open()).readState()).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1'])
      expect((await driver.runTransactional([next])).kind).toBe('applied')
      expect(await driver.readState()).toEqual({ version: 2n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1', 'kit_2'])
    },
  },
  {
    name: 'takes a transactional step back that was sent and is not run',
    run: async (kit) => {
      const driver = await kit.prepared()
      const next = await endBefore(kit, driver)
      expect(await driver.recover()).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(['kit_1'])
      expect((await driver.runTransactional([next])).kind).toBe('applied')
      expect(await kit.things()).toEqual(['kit_1', 'kit_2'])
    },
  },
])
