import { expect, test } from 'vitest'
import {
  createMigrator,
  MigrateError,
  memoryDatabase,
  memoryDriver,
  memorySource,
  type MemoryDatabase,
  type MigrateErrorCode,
} from '../src/index.ts'
import type { DriverFactory, NonTransactionalRun } from '../src/driver-api.ts'

const code = 'QUOTA_EXCEEDED' as MigrateErrorCode
const cause = new Error('server')
const source = memorySource({
  '1_a.up.sql': 'outside; create a; create b;',
  '1_a.down.sql': 'drop b; drop a;',
})

/** A driver whose second statement of a non-transactional step fails with a code that this release does not know. */
const later = (database: MemoryDatabase): DriverFactory => ({
  name: 'memory',
  open: async (settings) => {
    const driver = await memoryDriver(database).open(settings)
    const failing = (run: NonTransactionalRun): NonTransactionalRun => ({
      ...run,
      statement: async (index, signal) => {
        if (index === 0) return run.statement(index, signal)
        const failed = {
          version: 1n,
          direction: 'up',
          title: 'a',
          statement: 2,
          statements: 3,
          line: 1,
          column: 10,
        } as const
        throw new MigrateError(code, 'The quota is used up', { cause, details: { failed } })
      },
    })
    return {
      ...driver,
      beginNonTransactional: async (step, signal) => {
        const begun = await driver.beginNonTransactional(step, signal)
        return begun.kind === 'started' ? { ...begun, run: failing(begun.run) } : begun
      },
    }
  },
})

test('a code that only a later release knows is not taken for a refusal by the server', async () => {
  const database = memoryDatabase()
  const migrator = await createMigrator({ source, driver: later(database) })
  await expect(migrator.up()).rejects.toMatchObject({
    code,
    message: 'The quota is used up',
    hint: undefined,
    cause,
    details: {
      failed: { statement: 2, line: 1, column: 10, effect: { certain: 1, failed: 'perhaps' } },
      state: { version: 1n, dirty: true },
    },
  })
  expect((await migrator.doctor()).diagnosis).toMatchObject({ recorded: 1, possible: [1, 2] })
  await migrator.close()
})
