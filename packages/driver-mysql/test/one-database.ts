import { testDatabase, type DatabaseKind, type TestDatabase } from '@mig/testing'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { empty } from './admin.ts'

/** One database for the tests of a block, empty before each of them. `opened` gets it before the first one. */
export const oneDatabase = (kind: DatabaseKind, opened: (database: TestDatabase) => void): void => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase(kind)
    opened(database)
  })
  afterAll(async () => database.drop())
  beforeEach(async () => empty(database.url))
}
