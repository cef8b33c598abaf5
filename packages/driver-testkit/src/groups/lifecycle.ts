import { emptyState, isMigrateError } from '@mig/core/driver'
import { expect } from 'vitest'
import { resultOf } from '../outcomes.ts'
import { leaksIn } from '../secrets.ts'
import { defineGroup, type DriverTestGroup } from '../test-group.ts'

/** Opening, closing, and what a driver says of itself. */
export const testLifecycle: DriverTestGroup = defineGroup('lifecycle', [
  {
    name: 'says what it is connected to, and no secret',
    run: async (kit) => {
      const factory = kit.options.open()
      expect(factory.name, 'name of the factory').toMatch(/^[a-z][a-z0-9-]*$/)
      const { database } = await kit.open()
      for (const field of ['name', 'server', 'location', 'migrationsTable'] as const) {
        expect(database[field], `database.${field}`).toEqual(expect.any(String))
        expect(database[field], `database.${field}`).not.toBe('')
      }
      expect(leaksIn(database, kit.options.secrets)).toEqual([])
    },
  },
  {
    name: 'names a lock strategy, the default one first',
    run: async (kit) => {
      const { capabilities } = await kit.open()
      expect(capabilities.lockStrategies).not.toEqual([])
      expect(capabilities.batchSize).toBeGreaterThanOrEqual(1)
    },
  },
  {
    name: 'creates nothing by opening and reading',
    run: async (kit) => {
      const driver = await kit.open()
      expect(await driver.readState()).toEqual(emptyState)
      if (driver.readLedger !== undefined) {
        expect(await driver.readLedger({})).toEqual({ state: emptyState, events: [] })
      }
      expect(await kit.options.objects()).toEqual([])
    },
  },
  {
    name: 'prepares twice, with the same answer',
    run: async (kit) => {
      const driver = await kit.open()
      await driver.tryLock()
      const first = await driver.prepare()
      const objects = await kit.options.objects()
      const second = await driver.prepare()
      expect(first.state).toEqual(emptyState)
      expect(first.recorded).toBeUndefined()
      expect(second).toEqual(first)
      expect((await kit.options.objects()).toSorted()).toEqual(objects.toSorted())
    },
  },
  {
    name: 'prepares a database that another driver has prepared',
    run: async (kit) => {
      const first = await kit.prepared()
      await first.writeState({
        to: { version: 4n, dirty: false },
        entry: kit.entry('forced', { version: 4n, to: 4n }),
      })
      await kit.end(first)
      const second = await kit.open()
      await second.tryLock()
      expect((await second.prepare()).state).toEqual({ version: 4n, dirty: false })
    },
  },
  {
    name: 'closes twice',
    run: async (kit) => {
      const driver = await kit.open()
      await kit.end(driver)
      expect(await resultOf(driver.close(), 'the second close'), 'the second close').toBeUndefined()
    },
  },
  {
    name: 'closes without having been used, and with the lock held',
    run: async (kit) => {
      const driver = await kit.prepared()
      expect(await resultOf(kit.end(driver), 'close'), 'close').toBeUndefined()
    },
  },
  {
    name: 'rejects every call after close',
    run: async (kit) => {
      const driver = await kit.open()
      await kit.end(driver)
      const calls = {
        readState: () => driver.readState(),
        tryLock: () => driver.tryLock(),
        prepare: () => driver.prepare(),
        runTransactional: () => driver.runTransactional([kit.step(driver, { script: '' })]),
        beginNonTransactional: () =>
          driver.beginNonTransactional(kit.nonTransactionalStep(driver, { script: '' })),
        drop: () => driver.drop(),
      }
      for (const [name, call] of Object.entries(calls)) {
        const error: unknown = await call().then(
          () => undefined,
          (reason: unknown) => reason,
        )
        expect(isMigrateError(error), `${name} rejects with a MigrateError`).toBe(true)
      }
    },
  },
  {
    name: 'stays open when a second driver on the same database closes',
    run: async (kit) => {
      const first = await kit.open()
      const second = await kit.open()
      await kit.end(second)
      expect(await resultOf(first.readState(), 'readState'), 'readState').toEqual(emptyState)
    },
  },
])
