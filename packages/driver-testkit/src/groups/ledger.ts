import type { Driver, LedgerEvent, LedgerSnapshot } from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { rejectionOf } from '../outcomes.ts'
import { defineGroup, type DriverTestGroup, type DriverTestSubject } from '../test-group.ts'

const unkept = ({ driver }: DriverTestSubject): string | undefined =>
  driver.readLedger === undefined ? 'the driver keeps no ledger' : undefined

const kindsOf = (events: readonly LedgerEvent[]): readonly string[] =>
  events.map(({ kind }) => kind)

/** The ledger as a driver reads it that had nothing to do with the writing. */
const read = async (kit: DriverTestKit): Promise<readonly LedgerEvent[]> =>
  kit.events(await kit.open())

const files = (kit: DriverTestKit): Record<string, string> => ({
  '1_users.up.sql': kit.script(kit.create('kit_users')),
  '1_users.down.sql': kit.script(kit.drop('kit_users')),
  '2_pets.up.sql': kit.nonTransactionalScript(
    kit.sql.create('kit_pets'),
    kit.sql.create('kit_toys'),
  ),
})

/** Writes states one after the other, so that the ledger has something in it. */
const forceAll = async (kit: DriverTestKit, driver: Driver, count: number): Promise<void> => {
  for (let number = 1n; number <= count; number++) {
    await driver.writeState({
      to: { version: number, dirty: false },
      entry: kit.entry('forced', { version: number, from: number - 1n, to: number }),
    })
  }
}

/** What the ledger says of what happened. */
export const testLedger: DriverTestGroup = defineGroup('ledger', [
  {
    name: 'records of a failure its place and code, and nothing of what the server said',
    skip: unkept,
    run: async (kit) => {
      const secret = 'kit_s3cr3t_of_a_user'
      for (const script of [
        kit.script(kit.sql.drop(secret)),
        kit.nonTransactionalScript(kit.sql.create('kit_users'), kit.sql.drop(secret)),
      ]) {
        await kit.reset()
        const migrator = await kit.migrator({ '1_users.up.sql': script })
        const error = await rejectionOf(migrator.up(), 'MIGRATION_FAILED')
        expect(error.message, 'the server quotes the statement').toContain('s3cr3t')
        const events = await read(kit)
        expect(events.at(-1)).toMatchObject({
          kind: 'failed',
          line: error.details.failed?.line,
          errorCode: expect.stringMatching(/./),
          message: expect.stringMatching(/^(Statement \d+ of \d+|The step) failed/),
        })
        const kept = JSON.stringify(events, (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        )
        expect(kept).not.toContain('s3cr3t')
      }
    },
  },
  {
    name: 'records a step up and down, with checksum, duration and version row',
    skip: unkept,
    run: async (kit) => {
      const startedAt = Date.now()
      const migrator = await kit.migrator(files(kit), { actor: 'ann@example', tool: 'kit 1.2.3' })
      await migrator.up({ steps: 1 })
      await migrator.down()
      const [applied, reverted, ...more] = await read(kit)
      expect(more).toEqual([])
      expect(applied).toMatchObject({
        kind: 'applied',
        version: 1n,
        direction: 'up',
        title: 'users',
        from: null,
        to: 1n,
        dirty: false,
        statements: 1,
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        actor: 'ann@example',
        tool: 'kit 1.2.3',
        line: null,
        column: null,
        errorCode: null,
      })
      expect(reverted).toMatchObject({ kind: 'reverted', direction: 'down', from: 1n, to: null })
      expect(reverted?.checksum).not.toBe(applied?.checksum)
      for (const event of [applied, reverted]) {
        expect(event?.durationMs).toBeGreaterThanOrEqual(0)
        expect(event?.runId).toMatch(/^[0-9a-f-]{36}$/)
        expect(event?.at).toBeInstanceOf(Date)
        // The clock is the server's own: wide enough for one that is set by hand.
        expect(Math.abs((event?.at.getTime() ?? 0) - startedAt)).toBeLessThan(24 * 3_600_000)
      }
    },
  },
  {
    name: 'records every step of a run, however many are offered at once',
    skip: unkept,
    run: async (kit) => {
      const count = 12
      const migrator = await kit.migrator(
        Object.fromEntries(
          Array.from({ length: count }, (_, index) => [
            `${index + 1}_a.up.sql`,
            kit.script(kit.create(`kit_${index + 1}`)),
          ]),
        ),
      )
      await migrator.up()
      const events = await read(kit)
      expect(kindsOf(events)).toEqual(Array.from({ length: count }, () => 'applied'))
      expect(events.map(({ from, to }) => [from, to])).toEqual(
        Array.from({ length: count }, (_, index) => [
          index === 0 ? null : BigInt(index),
          BigInt(index + 1),
        ]),
      )
      expect(new Set(events.map(({ runId }) => runId)).size).toBe(1)
      for (const { durationMs } of events) expect(durationMs).toBeGreaterThanOrEqual(0)
    },
  },
  {
    name: 'records the statements of a non-transactional step as they are done',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared()
      const reader = await kit.open()
      const names = ['kit_a', 'kit_b', 'kit_c']
      const script = kit.script(...names.map((name) => kit.sql.create(name)))
      const run = await kit.begin(driver, { script })
      expect(kindsOf(await kit.events(reader))).toEqual(['started'])
      await run.statement(0)
      await run.statement(1)
      const events = await kit.events(reader)
      expect(kindsOf(events)).toEqual(['started', 'statement', 'statement'])
      expect(events.map(({ statement }) => statement)).toEqual([null, 1, 2])
      for (const { version, to, dirty } of events) {
        expect({ version, to, dirty }).toEqual({ version: 1n, to: 1n, dirty: true })
      }
      // The last one may be left to `finish`, which says it too.
      await run.statement(2)
      await run.finish()
      const last = (await kit.events(reader)).at(-1)
      expect(last).toMatchObject({ kind: 'applied', version: 1n, to: 1n, dirty: false })
      expect(last?.durationMs).toBeGreaterThanOrEqual(0)
    },
  },
  {
    name: 'records no statement that failed as done',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared()
      const script = kit.script(kit.sql.create('kit_a'), kit.sql.fail)
      const run = await kit.begin(driver, { script })
      await run.statement(0)
      await rejectionOf(run.statement(1))
      await driver.recover()
      expect(kindsOf(await read(kit))).toEqual(['started', 'statement'])
    },
  },
  {
    name: 'records a failure with its place, and nothing of the SQL',
    skip: unkept,
    run: async (kit) => {
      const hidden = kit.create('kit_hidden')
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.script(hidden, kit.sql.fail),
      })
      await rejectionOf(migrator.up())
      const events = await read(kit)
      expect(kindsOf(events)).toEqual(['failed'])
      expect(events[0]).toMatchObject({
        version: 1n,
        direction: 'up',
        from: null,
        to: null,
        dirty: false,
        statement: 2,
        statements: 2,
        line: 2,
        message: expect.stringMatching(/./),
      })
      for (const field of [events[0]?.message, events[0]?.details]) {
        expect(field ?? '').not.toContain(hidden)
        expect(field ?? '').not.toContain(kit.sql.fail)
        expect(field ?? '').not.toContain('\n')
      }
    },
  },
  {
    name: 'records a step that fails in the middle of a non-transactional script as dirty',
    skip: unkept,
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_a'), kit.sql.fail),
      })
      await rejectionOf(migrator.up())
      const events = await read(kit)
      expect(kindsOf(events)).toEqual(['started', 'statement', 'failed'])
      expect(events.at(-1)).toMatchObject({ to: 1n, dirty: true, statement: 2, line: 3 })
    },
  },
  {
    name: 'records the end of a non-transactional step, and the next one whose first statement fails',
    skip: unkept,
    run: async (kit) => {
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_1')),
        '2_b.up.sql': kit.nonTransactionalScript(kit.sql.create('kit_1')),
      })
      await rejectionOf(migrator.up(), 'MIGRATION_FAILED')
      // The end of a step says of its last statement that it is done; a driver may say so before.
      const steps = (await read(kit)).filter(({ kind }) => kind !== 'statement')
      expect(steps.map(({ kind, version }) => [kind, version])).toEqual([
        ['started', 1n],
        ['applied', 1n],
        ['started', 2n],
        ['failed', 2n],
      ])
    },
  },
  {
    name: 'records a state set by hand',
    skip: unkept,
    run: async (kit) => {
      const migrator = await kit.migrator(files(kit))
      await migrator.force(1n)
      await migrator.force(null)
      const events = await read(kit)
      expect(events).toMatchObject([
        { kind: 'forced', version: 1n, from: null, to: 1n, dirty: false },
        { kind: 'forced', version: null, from: 1n, to: null, dirty: false },
      ])
    },
  },
  {
    name: 'records that someone who writes no ledger has moved the version row',
    skip: unkept,
    run: async (kit) => {
      const migrator = await kit.migrator(files(kit))
      await migrator.up({ steps: 1 })
      const other = await kit.open({ ledger: false })
      const entry = kit.entry('forced', { version: 7n, to: 7n })
      await other.writeState({ to: { version: 7n, dirty: false }, entry })
      await migrator.force(1n)
      const events = await read(kit)
      expect(kindsOf(events)).toEqual(['applied', 'observed', 'forced'])
      const observed = events[1]
      expect(observed).toMatchObject({ version: 7n, from: 1n, to: 7n, dirty: false })
      expect(JSON.parse(observed?.details ?? 'null')).toEqual({ files: ['1', '2'] })
    },
  },
  {
    name: 'begins on a database that was migrated without one',
    skip: unkept,
    run: async (kit) => {
      const without = await kit.migrator(files(kit), { ledger: false })
      await without.up({ steps: 1 })
      await without.close()
      const migrator = await kit.migrator(files(kit))
      await migrator.up()
      const [observed, ...others] = await read(kit)
      expect(observed).toMatchObject({ kind: 'observed', from: null, to: 1n, version: 1n })
      expect(JSON.parse(observed?.details ?? 'null')).toEqual({ files: ['1', '2'] })
      expect(others.at(-1)).toMatchObject({ kind: 'applied', version: 2n })
    },
  },
  {
    name: 'tells the version row that its newest event names',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared()
      await driver.writeState({
        to: { version: 5n, dirty: true },
        entry: kit.entry('forced', { version: 5n, to: 5n, dirty: true }),
      })
      expect((await driver.prepare()).recorded).toEqual({ version: 5n, dirty: true })
      await driver.writeState({
        to: { version: null, dirty: false },
        entry: kit.entry('forced'),
      })
      const preparation = await driver.prepare()
      expect(preparation.ledger).toBe('on')
      expect(preparation.recorded).toEqual({ version: null, dirty: false })
    },
  },
  {
    name: 'keeps every field, and text beyond ASCII and with quotes',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared()
      const entry = kit.entry('failed', {
        version: 9_223_372_036_854_775_807n,
        direction: 'down',
        title: 'it\'s a "title" \\ \u{1f4a5}',
        from: 9_223_372_036_854_775_807n,
        to: 0n,
        dirty: true,
        statement: 3,
        statements: 4,
        durationMs: 1_234,
        checksum: 'ab'.repeat(32),
        actor: "o'brien@h\u00f6st",
        line: 12,
        column: 34,
        errorCode: '42P07',
        message: 'relation "x" \u4f60\u597d',
        details: '{"a":"\\"b\\""}',
      })
      await driver.appendEvent(entry)
      const [event, ...more] = await read(kit)
      expect(more).toEqual([])
      expect(event).toMatchObject({ ...entry, durationMs: expect.closeTo(1_234, 0) })
    },
  },
  {
    name: 'numbers its events upwards, in the order in which they were written',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared()
      await forceAll(kit, driver, 12)
      const events = await read(kit)
      expect(events.map(({ version }) => version)).toEqual(
        Array.from({ length: 12 }, (_, index) => BigInt(index + 1)),
      )
      const ids = events.map(({ id }) => id)
      expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)))
      expect(new Set(ids).size).toBe(12)
      for (const { id, format } of events) {
        expect(typeof id).toBe('bigint')
        expect(format).toBe(1)
      }
    },
  },
  {
    name: 'gives the newest events, and those of one version',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared()
      await forceAll(kit, driver, 5)
      await driver.appendEvent(kit.entry('accepted', { version: 2n, to: 5n }))
      const versions = async (query: Parameters<typeof kit.events>[1]): Promise<unknown> =>
        (await kit.events(driver, query)).map(({ version, kind }) => `${version} ${kind}`)
      expect(await versions({ limit: 2 })).toEqual(['5 forced', '2 accepted'])
      expect(await versions({ version: 2n })).toEqual(['2 forced', '2 accepted'])
      expect(await versions({ version: 2n, limit: 1 })).toEqual(['2 accepted'])
      expect(await versions({ version: 99n })).toEqual([])
      expect(await versions({ limit: 100 })).toHaveLength(6)
    },
  },
  {
    name: 'may tell in short that only steps upwards were recorded',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared()
      const summary = async (): Promise<LedgerSnapshot | undefined> =>
        driver.readLedger?.({ summary: true })
      expect((await summary())?.linear, 'of no event').toBeUndefined()
      await kit.apply(driver, { script: kit.script(kit.create('kit_a')) })
      const nonTransactional = {
        script: kit.script(kit.sql.create('kit_b')),
        version: 20n,
        from: 1n,
        to: 20n,
      }
      const run = await kit.begin(driver, nonTransactional)
      await run.statement(0)
      const underWay = { versions: '1', recorded: { version: 20n, dirty: true } }
      expect([undefined, underWay]).toContainEqual((await summary())?.linear)
      await run.finish()
      const done = { versions: '1\n20', recorded: { version: 20n, dirty: false } }
      expect([undefined, done]).toContainEqual((await summary())?.linear)
      const down = { direction: 'down', version: 20n, from: 20n, to: 1n } as const
      await kit.apply(driver, { ...down, script: kit.script(kit.drop('kit_a')) })
      const snapshot = await summary()
      expect(snapshot?.linear, 'after a step downwards').toBeUndefined()
      expect(snapshot?.events.at(-1)).toMatchObject({ kind: 'reverted', version: 20n, to: 1n })
    },
  },
  {
    name: 'finds files that were never applied below the version row, however short the answer',
    skip: unkept,
    run: async (kit) => {
      const files = {
        '1_a.up.sql': kit.script(kit.create('kit_1')),
        '3_c.up.sql': kit.script(kit.create('kit_3')),
      }
      const first = await kit.migrator(files)
      await first.up()
      expect((await first.up()).steps).toEqual([])
      const outOfOrderMigrations = { '2_b.up.sql': kit.script(kit.create('kit_2')) }
      const error = await rejectionOf(
        (await kit.migrator({ ...files, ...outOfOrderMigrations })).up(),
      )
      expect(error).toMatchObject({ code: 'OUT_OF_ORDER', details: { versions: [2n] } })
      const fewer = await kit.migrator({ '3_c.up.sql': files['3_c.up.sql'] })
      expect(await fewer.up()).toMatchObject({ steps: [], to: { version: 3n, dirty: false } })
    },
  },
  {
    name: 'tells in brief which versions are applied',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared()
      await forceAll(kit, driver, 2)
      const details = '{"files":["1","2"]}'
      await driver.appendEvent(kit.entry('observed', { version: 2n, to: 2n, dirty: true, details }))
      const decisive = (events: readonly LedgerEvent[]): unknown =>
        events.map((event) => [
          event.id,
          event.kind,
          event.version,
          event.from,
          event.to,
          event.dirty,
          event.details,
        ])
      const whole = await kit.events(driver)
      expect(whole).toHaveLength(3)
      expect(decisive(await kit.events(driver, { summary: true }))).toEqual(decisive(whole))
      expect(decisive(await kit.events(driver, { summary: true, limit: 1 }))).toEqual(
        decisive(whole.slice(-1)),
      )
    },
  },
  {
    name: 'reads version row and events together',
    skip: unkept,
    run: async (kit) => {
      const migrator = await kit.migrator(files(kit))
      await migrator.up()
      const snapshot = await (await kit.open()).readLedger?.({ limit: 1 })
      expect(snapshot?.state).toEqual({ version: 2n, dirty: false })
      expect(snapshot?.events).toMatchObject([{ kind: 'applied', version: 2n }])
    },
  },
  {
    name: 'is not written when it is off',
    skip: unkept,
    run: async (kit) => {
      const driver = await kit.prepared({ ledger: false })
      expect((await driver.prepare()).ledger).toBe('off')
      await driver.appendEvent(kit.entry('observed'))
      await kit.end(driver)
      const migrator = await kit.migrator(files(kit), { ledger: false })
      await migrator.up()
      await migrator.down({ steps: 1, missingDown: 'skip' })
      await migrator.force(2n)
      const names = await kit.options.objects()
      expect(names.filter((name) => name.includes('history'))).toEqual([])
      expect(await read(kit)).toEqual([])
    },
  },
])
