import { emptyState } from '@mig/core/driver'
import { expect } from 'vitest'
import { resultOf } from '../outcomes.ts'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { defineGroup, type DriverTestGroup } from '../test-group.ts'

const files = (kit: DriverTestKit): Record<string, string> => ({
  '1_a.up.sql': kit.script(kit.sql.create('kit_a')),
  '2_b.up.sql': kit.script(kit.sql.create('kit_b')),
})

/** Emptying the database. */
export const testDrop: DriverTestGroup = defineGroup('drop', [
  {
    name: 'empties the database, version table and ledger included, and says what is gone',
    run: async (kit) => {
      const migrator = await kit.migrator(files(kit))
      await migrator.up()
      const { dropped } = await migrator.drop()
      expect(dropped.join(' ')).toMatch(/kit_a.*kit_b|kit_b.*kit_a/)
      expect(await kit.options.objects()).toEqual([])
      const reader = await kit.open()
      expect(await reader.readState()).toEqual(emptyState)
      if (reader.readLedger !== undefined) {
        expect(await reader.readLedger({})).toEqual({ state: emptyState, events: [] })
      }
    },
  },
  {
    name: 'drops twice, and an empty database',
    run: async (kit) => {
      const driver = await kit.open()
      await driver.tryLock()
      expect(await resultOf(driver.drop(), 'first time'), 'first time').toBeDefined()
      expect(await resultOf(driver.drop(), 'second time'), 'second time').toMatchObject({
        dropped: [],
      })
      expect(await kit.options.objects()).toEqual([])
    },
  },
  {
    name: 'drops what a dirty step left',
    run: async (kit) => {
      const driver = await kit.prepared()
      const run = await kit.begin(driver, {
        script: kit.script(kit.sql.create('kit_a'), kit.sql.create('kit_b')),
      })
      await run.statement(0)
      await kit.end(driver)
      const migrator = await kit.migrator(files(kit))
      await migrator.drop()
      expect(await kit.options.objects()).toEqual([])
      expect(await migrator.version()).toEqual(emptyState)
    },
  },
  {
    name: 'migrates again behind a drop, by the same driver and by a new one',
    run: async (kit) => {
      const first = await kit.migrator(files(kit))
      await first.up()
      await first.drop()
      expect(await resultOf(first.up(), 'the same driver'), 'the same driver').toMatchObject({
        to: { version: 2n },
      })
      await first.drop()
      await first.close()
      const second = await kit.migrator(files(kit))
      expect(await resultOf(second.up(), 'a new driver'), 'a new driver').toMatchObject({
        to: { version: 2n },
      })
      expect(await kit.things()).toEqual(['kit_a', 'kit_b'])
    },
  },
])
