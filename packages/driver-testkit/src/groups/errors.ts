import { errorCatalog } from '@mig/core'
import type { MigrateError } from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { rejectionOf } from '../outcomes.ts'
import { leaksIn } from '../secrets.ts'
import { defineGroup, type DriverTestGroup } from '../test-group.ts'

const expectSound = (kit: DriverTestKit, error: MigrateError): void => {
  expect(Object.keys(errorCatalog), 'the code is in the catalog').toContain(error.code)
  expect(error.message, 'message').toMatch(/\S/)
  expect(error.message, 'one sentence').not.toMatch(/undefined|\[object Object\]/)
  expect(leaksIn(error, kit.options.secrets), 'secrets in the error').toEqual([])
}

/** What errors say, and what they must not. */
export const testErrors: DriverTestGroup = defineGroup('errors', [
  {
    name: 'keeps the cause of a statement that failed in a transactional step',
    run: async (kit) => {
      const driver = await kit.prepared()
      const step = kit.step(driver, { script: kit.script(kit.sql.fail) })
      const error = await rejectionOf(driver.runTransactional([step]), 'MIGRATION_FAILED')
      expectSound(kit, error)
      expect(error.cause, "the client's own error").toBeInstanceOf(Error)
      expect(error.details.failed?.serverMessage).toMatch(/\S/)
    },
  },
  {
    name: 'keeps the cause of a statement that failed in a non-transactional step',
    run: async (kit) => {
      const driver = await kit.prepared()
      const run = await kit.begin(driver, { script: kit.script(kit.sql.fail) })
      const error = await rejectionOf(run.statement(0), 'MIGRATION_FAILED')
      expectSound(kit, error)
      expect(error.cause, "the client's own error").toBeInstanceOf(Error)
    },
  },
  {
    name: 'tells of a failed run what was applied, what failed and where the database stands',
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.script(kit.create('kit_a')),
        '2_b.up.sql': kit.script(kit.create('kit_b'), kit.sql.fail),
      })
      const error = await rejectionOf(migrator.up(), 'MIGRATION_FAILED')
      expectSound(kit, error)
      expect(error.details).toMatchObject({
        applied: [{ version: 1n, direction: 'up' }],
        failed: { version: 2n, direction: 'up', file: '2_b.up.sql' },
        state: { version: 1n, dirty: false },
      })
    },
  },
  {
    name: 'refuses to go on with a dirty database',
    run: async (kit) => {
      const driver = await kit.prepared()
      await driver.writeState({
        to: { version: 1n, dirty: true },
        entry: kit.entry('forced', { version: 1n, to: 1n, dirty: true }),
      })
      await kit.end(driver)
      const migrator = await kit.migrator({ '1_a.up.sql': kit.script(kit.create('kit_a')) })
      const error = await rejectionOf(migrator.up(), 'DIRTY_DATABASE')
      expectSound(kit, error)
      expect(await migrator.version()).toEqual({ version: 1n, dirty: true })
      expect(await kit.things()).toEqual([])
    },
  },
  {
    name: 'says why a connection cannot be made, without its secrets',
    skip: ({ driver }) =>
      driver.capabilities.multiProcess
        ? undefined
        : 'a database in memory has no connection to fail (multiProcess is false)',
    run: async (kit) => {
      const { badConnections = [] } = kit.options
      expect(badConnections, 'the option `badConnections`').not.toEqual([])
      for (const { name, open, code, secrets } of badConnections) {
        const opening = (async () => open().open({ ledger: true }))()
        const error = await rejectionOf(opening, code)
        expectSound(kit, error)
        expect(leaksIn(error, secrets), `secrets in the error of ${name}`).toEqual([])
      }
    },
  },
])
