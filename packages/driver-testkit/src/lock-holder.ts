import { setTimeout as sleep } from 'node:timers/promises'
import type { DriverFactory } from '@mig/core/driver'
import { stepOf } from './steps.ts'

/** What the module of a second process exports. */
interface OpenModule {
  readonly open: () => DriverFactory
}

const say = (line: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(`${line}\n`, () => resolve())
  })

const [specifier = '', kind, script = ''] = process.argv.slice(2)
const { open } = (await import(specifier)) as OpenModule
const driver = await open().open({ ledger: true })
while (!(await driver.tryLock()).held) await sleep(20)
if (kind === undefined) {
  await say('ready')
} else {
  const { state } = await driver.prepare()
  const step = stepOf(driver, { script, from: state.version })
  // Said before the step, because a statement may block this thread until its end.
  await say('ready')
  if (kind === 'transactional') {
    await driver.runTransactional([step])
  } else {
    const start = await driver.beginNonTransactional({ ...step, reason: 'the test asks for it' })
    if (start.kind !== 'started') throw new Error(`beginNonTransactional ended as "${start.kind}"`)
    for (const index of Array.from(step.parsed.statements).keys()) await start.run.statement(index)
  }
}
// Holds what it has until it is killed.
setInterval(() => undefined, 60_000)
