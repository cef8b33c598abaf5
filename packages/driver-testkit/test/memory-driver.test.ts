import { memoryDatabase, memoryDriver } from '@mig/core/driver'
import { testDriver } from '../src/index.ts'
import { memorySql } from './memory-sql.ts'

const database = memoryDatabase()

testDriver({
  name: 'memory',
  open: () => memoryDriver(database),
  reset: async () => void Object.assign(database, memoryDatabase()),
  objects: async () => [...database.objects],
  sql: memorySql,
})
