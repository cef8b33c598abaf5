import { expect, test } from 'vitest'
import {
  createMigrator,
  memoryDatabase,
  memoryDriver,
  memorySource,
  type MigratorEvent,
} from '../../src/index.ts'

const files = {
  '1_users.up.sql': 'create users;',
  '1_users.down.sql': 'drop users;',
  '2_pets.up.sql': 'create pets; create toys;',
  '2_pets.down.sql': 'drop toys; drop pets;',
  '3_slow.up.sql': 'outside; create slow;',
  '3_slow.down.sql': 'drop slow;',
}

test('goes up, down one, and up again', async () => {
  const database = memoryDatabase()
  const events: MigratorEvent[] = []
  const migrator = await createMigrator({
    source: memorySource(files),
    driver: memoryDriver(database),
    onEvent: (event) => events.push(event),
  })
  const up = await migrator.up()
  expect(up.steps.map(({ version, kind }) => [version, kind])).toEqual([
    [1n, 'transactional'],
    [2n, 'transactional'],
    [3n, 'non-transactional'],
  ])
  expect([...database.objects]).toEqual(['users', 'pets', 'toys', 'slow'])
  const down = await migrator.down()
  expect(down.to).toEqual({ version: 2n, dirty: false })
  expect((await migrator.redo()).steps).toHaveLength(2)
  expect((await migrator.up()).steps.map(({ version }) => version)).toEqual([3n])
  expect((await migrator.down({ steps: 'all' })).to.version).toBeNull()
  expect(database.objects.size).toBe(0)
  expect(database.events.map(({ kind }) => kind)).toContain('statement')
  await migrator.close()
})

test('a failed transactional step leaves the steps before it, and says so', async () => {
  const database = memoryDatabase()
  const migrator = await createMigrator({
    source: memorySource({ ...files, '3_slow.up.sql': 'create x; create users;' }),
    driver: memoryDriver(database),
  })
  await expect(migrator.up()).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    details: {
      applied: [{ version: 1n }, { version: 2n }],
      failed: { version: 3n, statement: 2, line: 1, column: 11 },
      state: { version: 2n, dirty: false },
    },
  })
  expect(database.objects.has('x')).toBe(false)
  expect(database.events.at(-1)).toMatchObject({ kind: 'failed', to: 2n, dirty: false })
})
