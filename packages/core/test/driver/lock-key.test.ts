import { expect, test } from 'vitest'
import { lockKey } from '../../src/driver/lock-key.ts'

// golang-migrate's own vectors, and ids seen in pg_locks.
test.each([
  [['database_name'], 1764327054n],
  [['database_name', 'schema_name_1'], 2453313553n],
  [['database_name', 'schema_name_2'], 235207038n],
  [['database_name', 'schema_name_1', 'schema_name_2'], 3743845847n],
  [['/example', 'public', 'schema_migrations'], 852184635n],
  [['example', 'public', 'schema_migrations'], 883811544n],
  [['/postgres', 'public', 'schema_migrations'], 3280485947n],
  [['mydb:schema_migrations'], 1906445756n],
  [[''], 0n],
] as const)('%s', ([database, ...names], expected) => {
  expect(lockKey(database, ...names)).toBe(expected)
})
