import { createMigrator, isMigrateError, memorySource } from '@mig/core'
import { sqliteDriver } from '../src/index.ts'

// Says what each command of a user says: of one with other rights than the tests have.
const [file = ''] = process.argv.slice(2)
const migrator = await createMigrator({
  source: memorySource({
    '1_a.up.sql': 'create table a (i int)',
    '1_a.down.sql': 'drop table a',
    '2_b.up.sql': 'create table b (i int)',
    '2_b.down.sql': 'drop table b',
  }),
  driver: sqliteDriver(file),
})
const said: Record<string, unknown> = {}
const say = async (name: string, run: () => Promise<unknown>): Promise<void> => {
  try {
    await run()
    said[name] = 'done'
  } catch (error) {
    if (!isMigrateError(error)) throw error
    said[name] = `${error.code}: ${error.hint ?? ''}`
  }
}
await say('version', () => migrator.version())
await say('status', () => migrator.status())
await say('up', () => migrator.up())
await say('redo', () => migrator.redo())
await say('goto', () => migrator.goto(2n))
await say('force', () => migrator.force(1n))
await say('verify', () => migrator.verify())
await say('history', () => migrator.history())
await say('doctor', async () => {
  said['findings'] = (await migrator.doctor()).findings.map(({ title }) => title)
})
await migrator.close()
process.stdout.write(JSON.stringify(said))
