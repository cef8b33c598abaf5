import { createMigrator, memorySource } from '@mig/core'
import { open } from './open-database.ts'

const [script = ''] = process.argv.slice(2)
const migrator = await createMigrator({
  source: memorySource({ '1_a.up.sql': script }),
  driver: open(),
})
await migrator.up()
await migrator.close()
