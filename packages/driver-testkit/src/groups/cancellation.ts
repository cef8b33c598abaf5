import type { MigratorEvent } from '@mig/core'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { rejectionOf, resultOf } from '../outcomes.ts'
import { defineGroup, type DriverTestGroup, type DriverTestSubject } from '../test-group.ts'

const uncancellable = ({ driver }: DriverTestSubject): string | undefined =>
  driver.capabilities.serverCancel
    ? undefined
    : 'a running statement cannot be cancelled (serverCancel is false)'

const unlockable = ({ driver }: DriverTestSubject): string | undefined =>
  driver.capabilities.sessionLock
    ? undefined
    : 'there is no lock to wait for (sessionLock is false)'

const slowMs = 8_000
/** Well below what a statement takes that is not cancelled, and long for a cancellation even on a busy machine. */
const soonMs = 6_000

interface Abort {
  readonly signal: AbortSignal
  readonly onEvent: (event: MigratorEvent) => void
  /** Milliseconds since the signal fired. */
  readonly agoMs: () => number
}

/** A signal that fires a little after an event, when what the event announces is under way. */
const abortAfter = (type: MigratorEvent['type'], delayMs: number): Abort => {
  const controller = new AbortController()
  let firedAt = Number.NaN
  const fire = (): void => {
    firedAt = performance.now()
    controller.abort()
  }
  const onEvent = (event: MigratorEvent): void => {
    if (event.type !== type) return
    if (delayMs === 0) fire()
    else setTimeout(fire, delayMs)
  }
  return { signal: controller.signal, onEvent, agoMs: () => performance.now() - firedAt }
}

const files = (kit: DriverTestKit): Record<string, string> => ({
  '1_a.up.sql': kit.script(kit.sql.create('kit_1')),
  '2_b.up.sql': kit.script(kit.sql.create('kit_2')),
  '3_c.up.sql': kit.script(kit.sql.create('kit_3')),
})

/** Signals that cancel, and signals that stop. */
export const testCancellation: DriverTestGroup = defineGroup('cancellation', [
  {
    name: 'does nothing with a signal that has fired before',
    run: async (kit) => {
      const migrator = await kit.migrator(files(kit))
      await rejectionOf(migrator.up({ signal: AbortSignal.abort() }), 'ABORTED')
      expect(await kit.options.objects()).toEqual([])
      expect(await resultOf(migrator.up(), 'the next run'), 'the next run').toMatchObject({
        to: { version: 3n },
      })
    },
  },
  {
    name: 'does not connect with a signal that has fired before',
    run: async (kit) => {
      await rejectionOf(kit.open({ signal: AbortSignal.abort() }), 'ABORTED')
    },
  },
  {
    name: 'ends the wait for the lock',
    skip: unlockable,
    run: async (kit) => {
      const holder = await kit.prepared()
      const { signal, onEvent, agoMs } = abortAfter('lock-waiting', 50)
      const migrator = await kit.migrator(files(kit), { onEvent })
      await rejectionOf(migrator.up({ signal }), 'ABORTED')
      expect(agoMs()).toBeLessThan(soonMs)
      await holder.unlock()
      expect(await resultOf(migrator.up(), 'the next run'), 'the next run').toMatchObject({
        to: { version: 3n },
      })
    },
  },
  {
    name: 'cancels a statement of a transactional step, which leaves nothing',
    skip: uncancellable,
    run: async (kit) => {
      const { signal, onEvent, agoMs } = abortAfter('step-started', 150)
      const migrator = await kit.migrator(
        { '1_slow.up.sql': kit.script(kit.create('kit_a'), kit.slow(slowMs)) },
        { onEvent },
      )
      const error = await rejectionOf(migrator.up({ signal }), 'ABORTED')
      expect(agoMs()).toBeLessThan(soonMs)
      expect(error.details.state).toEqual({ version: null, dirty: false })
      expect(await migrator.version()).toEqual({ version: null, dirty: false })
    },
  },
  {
    name: 'cancels a statement of a non-transactional step, which stays dirty',
    skip: uncancellable,
    run: async (kit) => {
      const { signal, onEvent, agoMs } = abortAfter('statement-finished', 150)
      const script = kit.nonTransactionalScript(kit.sql.create('kit_a'), kit.slow(slowMs))
      const migrator = await kit.migrator({ '1_slow.up.sql': script }, { onEvent })
      const error = await rejectionOf(migrator.up({ signal }), 'ABORTED')
      expect(agoMs()).toBeLessThan(soonMs)
      expect(error.details.state).toEqual({ version: 1n, dirty: true })
      expect(await kit.things()).toEqual(['kit_a'])
    },
  },
  {
    name: 'goes on with the same driver after a cancelled statement',
    skip: uncancellable,
    run: async (kit) => {
      const driver = await kit.prepared()
      const slow = kit.step(driver, { script: kit.script(kit.slow(slowMs)) })
      await rejectionOf(driver.runTransactional([slow], AbortSignal.timeout(150)), 'ABORTED')
      expect(await driver.recover()).toEqual({ version: null, dirty: false })
      await kit.apply(driver, { script: kit.script(kit.create('kit_a')) })
      expect(await driver.readState()).toEqual({ version: 1n, dirty: false })
    },
  },
  {
    name: 'ends a non-transactional step between two statements, dirty',
    run: async (kit) => {
      const { signal, onEvent } = abortAfter('statement-finished', 0)
      const script = kit.nonTransactionalScript(kit.sql.create('kit_a'), kit.sql.create('kit_b'))
      const migrator = await kit.migrator({ '1_a.up.sql': script }, { onEvent })
      const error = await rejectionOf(migrator.up({ signal }), 'ABORTED')
      expect(error.details.state).toEqual({ version: 1n, dirty: true })
      expect(await kit.things()).toEqual(['kit_a'])
    },
  },
  {
    name: 'stops after the step that is running',
    run: async (kit) => {
      const { signal: stop, onEvent } = abortAfter('step-started', 0)
      const migrator = await kit.migrator(files(kit), { onEvent })
      const result = await migrator.up({ stop })
      expect(result.stopped).toBe(true)
      const last = result.steps.at(-1)
      expect(last, 'at least one step is done').toBeDefined()
      expect(result.to).toEqual({ version: last?.version, dirty: false })
      expect(await migrator.version()).toEqual(result.to)
      expect(await resultOf(migrator.up(), 'the next run'), 'the next run').toMatchObject({
        to: { version: 3n },
        stopped: false,
      })
    },
  },
])
