import { createMigrator } from '@mig/core'
import { sqliteDriver } from '../src/index.ts'

/*
 * A process that migrates: `run-up.ts URL FOLDER [die]`. It says when it is ready, waits for a word, runs, and prints
 * what came of it. With `die` it ends without a chance to clean up, right after the result.
 */

const [url = '', folder = '', die] = process.argv.slice(2)
let waited = 0
const migrator = await createMigrator({
  source: folder,
  driver: sqliteDriver(url),
  onEvent: ({ type }) => {
    if (type === 'lock-waiting') waited++
  },
})
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
const { steps } = await migrator.up()
const megabytes = process.resourceUsage().maxRSS / 1024
process.stdout.write(`${JSON.stringify({ applied: steps.length, waited, megabytes })}\n`, () => {
  if (die === undefined) void migrator.close().then(() => process.exit(0))
  else process.kill(process.pid, 'SIGKILL')
})
