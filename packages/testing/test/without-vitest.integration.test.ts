import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { databaseAvailability } from '@mig/testing'

const run = promisify(execFile)

// The program starts a server in its own process, as one without a test runner does.
test('a program without a test runner has databases and ends by itself', async (context) => {
  const availability = await databaseAvailability('postgres')
  context.skip(!availability.available, 'no PostgreSQL')
  const { MIG_TEST_RUN: _, ...env } = process.env
  const program = `
    import { stopServers, testDatabase } from '@mig/testing'
    const database = await testDatabase('postgres')
    console.log(new URL(database.url).pathname === '/' + database.name)
    await stopServers()
  `
  const { stdout } = await run(
    process.execPath,
    ['--conditions=@mig/source', '--input-type=module', '--eval', program],
    { env, cwd: import.meta.dirname },
  )
  expect(stdout).toBe('true\n')
})
