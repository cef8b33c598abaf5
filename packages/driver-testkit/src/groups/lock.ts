import { setTimeout as sleep } from 'node:timers/promises'
import type { TransactionalOutcome, Driver } from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { rejectionOf, resultOf } from '../outcomes.ts'
import { leaksIn } from '../secrets.ts'
import { defineGroup, type DriverTestGroup, type DriverTestSubject } from '../test-group.ts'

const excludes = ({ driver }: DriverTestSubject): string | undefined =>
  driver.capabilities.sessionLock
    ? undefined
    : 'no lock that outlives a transaction (sessionLock is false)'

const excludesNot = ({ driver }: DriverTestSubject): string | undefined =>
  driver.capabilities.sessionLock ? 'its lock keeps others out (sessionLock is true)' : undefined

const oneProcess = ({ driver }: DriverTestSubject): string | undefined =>
  driver.capabilities.multiProcess
    ? undefined
    : 'no second process can open the database (multiProcess is false)'

/**
 * Longer than any single attempt may take, on a busy machine too, and shorter than anything that waits: for the holder,
 * which holds it until the test has seen the answer, or for a client's own patience, which is 5 s in SQLite's clients.
 */
const atOnceMs = 4_500
const patienceMs = 20_000

const attempt = async (driver: Driver): Promise<boolean> => {
  const startedAt = performance.now()
  const { held } = await driver.tryLock()
  expect(performance.now() - startedAt, 'tryLock does not wait').toBeLessThan(atOnceMs)
  return held
}

/** Whether the lock is free before the test loses its patience. */
const isFreed = async (driver: Driver): Promise<boolean> => {
  for (const until = performance.now() + patienceMs; performance.now() < until;) {
    if ((await driver.tryLock()).held) return true
    await sleep(50)
  }
  return false
}

/** Offers a step until nobody else is in the way. */
const runWhenFree = async (
  kit: DriverTestKit,
  driver: Driver,
  script: string,
  onBusy?: () => Promise<void>,
): Promise<TransactionalOutcome> => {
  let outcome: TransactionalOutcome = { kind: 'busy' }
  for (const until = performance.now() + patienceMs; performance.now() < until;) {
    outcome = await driver.runTransactional([kit.step(driver, { script })])
    if (outcome.kind !== 'busy') break
    await onBusy?.()
    await sleep(50)
  }
  return outcome
}

/** Who may run, always seen from two drivers. */
export const testLock: DriverTestGroup = defineGroup('lock', [
  {
    name: 'is held by one of two, and refused at once to the other',
    skip: excludes,
    run: async (kit) => {
      const [first, second] = [await kit.open(), await kit.open()]
      expect(await attempt(first)).toBe(true)
      for (let time = 0; time < 5; time++) expect(await attempt(second)).toBe(false)
    },
  },
  {
    name: 'names the holder without secrets, where it names one',
    skip: excludes,
    run: async (kit) => {
      const [first, second] = [await kit.open(), await kit.open()]
      expect(await attempt(first)).toBe(true)
      const refused = await second.tryLock()
      expect(refused).toMatchObject({ held: false })
      if (refused.held) return
      if (refused.holder !== undefined) expect(refused.holder).toMatch(/\S/)
      expect(leaksIn(refused, kit.options.secrets)).toEqual([])
    },
  },
  {
    name: 'is free when it is released, again and again',
    run: async (kit) => {
      const [first, second] = [await kit.open(), await kit.open()]
      for (let round = 0; round < 3; round++) {
        for (const driver of [first, second]) {
          expect(await attempt(driver)).toBe(true)
          expect(await resultOf(driver.unlock(), 'unlock'), 'unlock').toBeUndefined()
        }
      }
    },
  },
  {
    name: 'is free when the holder closes',
    run: async (kit) => {
      const [first, second] = [await kit.open(), await kit.open()]
      expect(await attempt(first)).toBe(true)
      await kit.end(first)
      expect(await isFreed(second)).toBe(true)
    },
  },
  {
    name: 'cannot be released by one who does not hold it',
    skip: excludes,
    run: async (kit) => {
      const [first, second] = [await kit.open(), await kit.open()]
      await rejectionOf(first.unlock(), 'LOCK_LOST')
      expect(await attempt(second)).toBe(true)
      await rejectionOf(first.unlock(), 'LOCK_LOST')
      expect(await attempt(first), 'the holder still has it').toBe(false)
    },
  },
  {
    name: 'is held through steps and a failure',
    skip: excludes,
    run: async (kit) => {
      const first = await kit.prepared()
      const second = await kit.open()
      await kit.apply(first, { script: kit.script(kit.create('kit_a')) })
      expect(await attempt(second), 'after a transactional step').toBe(false)
      const failing = { script: kit.script(kit.sql.fail), version: 2n, from: 1n }
      await rejectionOf(first.runTransactional([kit.step(first, failing)]))
      await first.recover()
      expect(await attempt(second), 'after a failure').toBe(false)
      const run = await kit.begin(first, {
        script: kit.script(kit.sql.outside),
        version: 2n,
        from: 1n,
      })
      await run.statement(0)
      expect(await attempt(second), 'inside a non-transactional step').toBe(false)
      await run.finish()
      expect(await resultOf(first.unlock(), 'unlock'), 'unlock').toBeUndefined()
      expect(await attempt(second)).toBe(true)
    },
  },
  {
    name: 'ends a wait at its timeout and leaves no waiter',
    skip: excludes,
    run: async (kit) => {
      const holder = await kit.prepared()
      const timeoutMs = 400
      const migrator = await kit.migrator(
        { '1_a.up.sql': kit.script(kit.sql.create('kit_a')) },
        { lockTimeoutMs: timeoutMs },
      )
      const startedAt = performance.now()
      const error = await rejectionOf(migrator.up(), 'LOCK_TIMEOUT')
      const tookMs = performance.now() - startedAt
      expect(tookMs).toBeGreaterThanOrEqual(timeoutMs - 20)
      expect(tookMs).toBeLessThan(timeoutMs + atOnceMs)
      expect(error.details.timeoutMs).toBe(timeoutMs)
      await holder.unlock()
      const third = await kit.open()
      expect(await attempt(third), 'nobody took it over').toBe(true)
      expect(await kit.things()).toEqual([])
    },
  },
  {
    name: 'lets a waiter in when it is released',
    skip: excludes,
    run: async (kit) => {
      const holder = await kit.prepared()
      const waiting = Promise.withResolvers<void>()
      const migrator = await kit.migrator(
        { '1_a.up.sql': kit.script(kit.sql.create('kit_a')) },
        { onEvent: ({ type }) => type === 'lock-waiting' && waiting.resolve() },
      )
      const run = migrator.up()
      await Promise.race([waiting.promise, run])
      expect(await kit.things(), 'while it waits').toEqual([])
      await holder.unlock()
      expect(await resultOf(run, 'the run'), 'the run').toMatchObject({
        to: { version: 1n, dirty: false },
      })
    },
  },
  {
    name: 'tells who holds it, and takes nothing from the living',
    skip: excludes,
    run: async (kit) => {
      const [first, second] = [await kit.open(), await kit.open()]
      expect((await second.clearLock()).cleared, 'nobody has it').toBe(false)
      expect(await attempt(first)).toBe(true)
      expect((await second.clearLock()).cleared, 'the other has it').toBe(false)
      expect(await attempt(second)).toBe(false)
    },
  },
  {
    name: 'is not a lock with the strategy none',
    skip: ({ driver }) =>
      driver.capabilities.lockStrategies.includes('none')
        ? undefined
        : 'the driver has no strategy none',
    run: async (kit) => {
      const first = await kit.open({ lock: 'none' })
      const second = await kit.open({ lock: 'none' })
      expect(await attempt(first)).toBe(true)
      expect(await attempt(second)).toBe(true)
      expect(await resultOf(second.unlock(), 'unlock'), 'unlock').toBeUndefined()
      expect(await resultOf(first.unlock(), 'unlock'), 'unlock').toBeUndefined()
    },
  },
  {
    name: 'without a lock, keeps a second run out of a non-transactional step',
    skip: excludesNot,
    run: async (kit) => {
      const [first, second] = [await kit.prepared(), await kit.prepared()]
      const run = await kit.begin(first, { script: kit.script(kit.create('kit_a')) })
      const input = { script: kit.script(kit.create('kit_b')) }
      const transactional = await second.runTransactional([kit.step(second, input)])
      expect(transactional.kind).not.toBe('applied')
      const nonTransactional = await second.beginNonTransactional(
        kit.nonTransactionalStep(second, input),
      )
      expect(nonTransactional.kind).not.toBe('started')
      await run.statement(0)
      await run.finish()
      expect(await kit.things()).toEqual(['kit_a'])
    },
  },
  {
    name: 'without a lock, lets one of two apply a step',
    skip: excludesNot,
    run: async (kit) => {
      const [first, second] = [await kit.prepared(), await kit.prepared()]
      const script = kit.script(kit.create('kit_a'))
      const outcomes = await Promise.all([
        runWhenFree(kit, first, script),
        runWhenFree(kit, second, script),
      ])
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['applied', 'changed'])
      expect(await kit.things()).toEqual(['kit_a'])
    },
  },
  {
    name: 'is refused while another process has it, and free once that is killed',
    skip: (subject) => oneProcess(subject) ?? excludes(subject),
    run: async (kit) => {
      const driver = await kit.open()
      const other = await kit.secondProcess()
      expect(await attempt(driver)).toBe(false)
      await other.kill()
      expect(await isFreed(driver)).toBe(true)
    },
  },
  {
    name: 'is free once its holder is killed inside a transactional step, of which nothing is there',
    skip: oneProcess,
    run: async (kit) => {
      const script = kit.script(kit.create('kit_dead'), kit.slow(3_000), kit.slow(3_000))
      const other = await kit.secondProcess({ kind: 'transactional', script })
      const driver = await kit.open()
      // What is expected holds at any moment; by now the step is under way on most machines.
      await sleep(300)
      await other.kill()
      expect(await isFreed(driver)).toBe(true)
      expect((await driver.prepare()).state).toEqual({ version: null, dirty: false })
      const outcome = await runWhenFree(kit, driver, kit.script(kit.create('kit_a')))
      expect(outcome.kind).toBe('applied')
      expect(await kit.things()).toEqual(['kit_a'])
    },
  },
  {
    name: 'is free once its holder is killed inside a non-transactional step, which stays dirty',
    skip: oneProcess,
    run: async (kit) => {
      const script = kit.script(
        kit.sql.create('kit_dead'),
        kit.slow(3_000),
        kit.sql.create('kit_late'),
      )
      const driver = await kit.open()
      const other = await kit.secondProcess({ kind: 'non-transactional', script })
      const firstIsDone = async (): Promise<boolean> =>
        driver.readLedger === undefined
          ? (await kit.things()).includes('kit_dead')
          : (await kit.events(driver)).some(({ kind }) => kind === 'statement')
      for (const until = performance.now() + patienceMs; performance.now() < until;) {
        if (await firstIsDone()) break
        await sleep(20)
      }
      await other.kill()
      expect(await isFreed(driver)).toBe(true)
      expect((await driver.prepare()).state).toEqual({ version: 1n, dirty: true })
      expect(await kit.things()).toEqual(['kit_dead'])
      if (driver.readLedger === undefined) return
      const kinds = (await kit.events(driver)).map(({ kind }) => kind)
      expect(kinds, 'the ledger knows how far it came').toEqual(['started', 'statement'])
    },
  },
])
