import { setImmediate as nextTurn } from 'node:timers/promises'
import { memorySource, type LockStrategy, type RunResult, type Source } from '@mig/core'
import type { Version } from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { gapFiles, mixedFiles } from '../fixtures.ts'
import { rejectionOf } from '../outcomes.ts'
import { defineGroup, type DriverTestGroup } from '../test-group.ts'

const stepsOf = ({ steps }: RunResult): readonly string[] =>
  steps.map(
    ({ version, direction, kind }) => `${version} ${kind === 'empty' ? 'empty' : direction}`,
  )

const things = (...versions: readonly number[]): readonly string[] =>
  versions.map((version) => `kit_${version}`)

interface Move {
  readonly to: Version | null
  /** What ran, or the code of the error. */
  readonly steps: readonly string[] | 'VERSION_NOT_FOUND'
  readonly things: readonly string[]
}

/** The way that golang-migrate's own tests take through the same gaps. */
const moves: readonly Move[] = [
  { to: 0n, steps: 'VERSION_NOT_FOUND', things: [] },
  { to: 1n, steps: ['1 up'], things: things(1) },
  { to: 2n, steps: 'VERSION_NOT_FOUND', things: things(1) },
  { to: 3n, steps: ['3 up'], things: things(1, 3) },
  { to: 4n, steps: ['4 up'], things: things(1, 3, 4) },
  { to: 5n, steps: ['5 empty'], things: things(1, 3, 4) },
  { to: 6n, steps: 'VERSION_NOT_FOUND', things: things(1, 3, 4) },
  { to: 7n, steps: ['7 up'], things: things(1, 3, 4, 7) },
  { to: 8n, steps: 'VERSION_NOT_FOUND', things: things(1, 3, 4, 7) },
  { to: 6n, steps: 'VERSION_NOT_FOUND', things: things(1, 3, 4, 7) },
  { to: 5n, steps: ['7 down'], things: things(1, 3, 4) },
  { to: 4n, steps: ['5 down'], things: things(1, 4) },
  { to: 3n, steps: ['4 down'], things: things(1) },
  { to: 2n, steps: 'VERSION_NOT_FOUND', things: things(1) },
  { to: 1n, steps: ['3 empty'], things: things(1) },
  { to: 0n, steps: 'VERSION_NOT_FOUND', things: things(1) },
  { to: 7n, steps: ['3 up', '4 up', '5 empty', '7 up'], things: things(1, 3, 4, 7) },
  { to: 1n, steps: ['7 down', '5 down', '4 down', '3 empty'], things: things(1) },
  { to: 1n, steps: [], things: things(1) },
  { to: null, steps: ['1 down'], things: [] },
  { to: null, steps: [], things: [] },
]

/**
 * A source whose files come a turn of the event loop later, so that runs take turns also on a driver that waits for
 * nothing.
 */
const takingTurns = (source: Source): Source => ({
  ...source,
  read: async (version, direction) => {
    await nextTurn()
    return source.read(version, direction)
  },
})

const race = async (
  kit: DriverTestKit,
  files: Readonly<Record<string, string>>,
  lock?: LockStrategy,
): Promise<readonly RunResult[]> => {
  const racers = await Promise.all(
    Array.from({ length: 5 }, () =>
      kit.migrator(files, {
        source: takingTurns(memorySource(files)),
        ...(lock === undefined ? {} : { lock }),
      }),
    ),
  )
  const results = await Promise.allSettled(racers.map((racer) => racer.up()))
  return results.map((result, index) =>
    result.status === 'fulfilled'
      ? result.value
      : expect.fail(`racer ${index + 1} failed: ${String(result.reason)}`),
  )
}

const expectEachOnce = (results: readonly RunResult[], versions: readonly Version[]): void => {
  const applied = results.flatMap(({ steps }) => steps.map(({ version }) => version))
  expect(applied.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(versions)
}

/** The whole, through the engine. */
export const testEngine: DriverTestGroup = defineGroup('engine', [
  {
    name: 'goes up, down and up again over gaps',
    run: async (kit) => {
      const migrator = await kit.migrator(gapFiles(kit))
      const up = await migrator.up()
      expect(stepsOf(up)).toEqual(['1 up', '3 up', '4 up', '5 empty', '7 up'])
      expect(up.to).toEqual({ version: 7n, dirty: false })
      expect(up.durability).toEqual({ confirmed: true })
      expect(await kit.things()).toEqual(things(1, 3, 4, 7))
      expect(stepsOf(await migrator.up()), 'nothing to do').toEqual([])
      const down = await migrator.down({ steps: 'all', missingDown: 'skip' })
      expect(stepsOf(down)).toEqual(['7 down', '5 down', '4 down', '3 empty', '1 down'])
      expect(down.to).toEqual({ version: null, dirty: false })
      expect(await kit.things()).toEqual([])
      expect(stepsOf(await migrator.down()), 'nothing to do').toEqual([])
      expect((await migrator.up()).to).toEqual({ version: 7n, dirty: false })
      expect(await kit.things()).toEqual(things(1, 3, 4, 7))
    },
  },
  {
    name: 'goes to every version, from below and from above',
    run: async (kit) => {
      const migrator = await kit.migrator(gapFiles(kit))
      for (const [index, move] of moves.entries()) {
        const label = `move ${index + 1}, to ${String(move.to)}`
        const run = migrator.goto(move.to, { missingDown: 'skip' })
        if (typeof move.steps === 'string') await rejectionOf(run, move.steps)
        else expect(stepsOf(await run), label).toEqual(move.steps)
        expect(await kit.things(), label).toEqual(move.things)
      }
    },
  },
  {
    name: 'counts steps up and down',
    run: async (kit) => {
      const migrator = await kit.migrator(gapFiles(kit))
      const versions: unknown[] = []
      for (let time = 0; time < 6; time++)
        versions.push((await migrator.up({ steps: 1 })).to.version)
      expect(versions).toEqual([1n, 3n, 4n, 5n, 7n, 7n])
      expect((await migrator.down({ steps: 3 })).to.version).toBe(3n)
      expect((await migrator.up({ steps: 2 })).to.version).toBe(5n)
    },
  },
  {
    name: 'refuses a way down over a version without a down script before anything runs',
    run: async (kit) => {
      const migrator = await kit.migrator(gapFiles(kit))
      await migrator.up()
      const error = await rejectionOf(migrator.down({ steps: 'all' }), 'MISSING_DOWN')
      expect(error.details.versions).toEqual([3n])
      expect(await migrator.version()).toEqual({ version: 7n, dirty: false })
      expect(await kit.things()).toEqual(things(1, 3, 4, 7))
    },
  },
  {
    name: 'undoes and does again',
    run: async (kit) => {
      const migrator = await kit.migrator(mixedFiles(kit, 4))
      await migrator.up()
      expect(stepsOf(await migrator.redo())).toEqual(['4 down', '4 up'])
      expect(stepsOf(await migrator.redo({ steps: 3 }))).toEqual([
        '4 down',
        '3 down',
        '2 down',
        '2 up',
        '3 up',
        '4 up',
      ])
      expect(await kit.things()).toEqual(things(1, 2, 3, 4))
    },
  },
  {
    name: 'mixes steps of both kinds',
    run: async (kit) => {
      const migrator = await kit.migrator(mixedFiles(kit, 6))
      const up = await migrator.up()
      expect(up.steps.map(({ kind }) => kind)).toEqual([
        'transactional',
        'non-transactional',
        'transactional',
        'non-transactional',
        'transactional',
        'non-transactional',
      ])
      expect(await kit.things()).toEqual(things(1, 2, 3, 4, 5, 6))
      expect((await migrator.down({ steps: 'all' })).to.version).toBeNull()
      expect(await kit.things()).toEqual([])
    },
  },
  {
    name: 'says where the database stands after a failure, and goes on from there',
    run: async (kit) => {
      const files = {
        '1_a.up.sql': kit.script(kit.create('kit_1')),
        '2_b.up.sql': kit.script(kit.create('kit_2'), kit.sql.fail),
      }
      const migrator = await kit.migrator(files)
      const error = await rejectionOf(migrator.up(), 'MIGRATION_FAILED')
      expect(error.details.state).toEqual({ version: 1n, dirty: false })
      expect(error.details.applied).toHaveLength(1)
      const repaired = await kit.migrator({
        ...files,
        '2_b.up.sql': kit.script(kit.create('kit_mended')),
      })
      expect(stepsOf(await repaired.up())).toEqual(['2 up'])
    },
  },
  {
    name: 'sets and clears the version by hand, and runs from there',
    run: async (kit) => {
      const migrator = await kit.migrator(gapFiles(kit))
      expect(await migrator.force(4n)).toMatchObject({
        from: { version: null, dirty: false },
        to: { version: 4n, dirty: false },
      })
      expect(stepsOf(await migrator.up())).toEqual(['5 empty', '7 up'])
      await migrator.force(null)
      expect(await migrator.version()).toEqual({ version: null, dirty: false })
      expect(await kit.things()).toEqual(things(7))
    },
  },
  {
    name: 'applies each step once when five start together',
    run: async (kit) => {
      const results = await race(kit, gapFiles(kit))
      expectEachOnce(results, [1n, 3n, 4n, 5n, 7n])
      for (const { to } of results) expect(to).toEqual({ version: 7n, dirty: false })
      expect(await kit.things()).toEqual(things(1, 3, 4, 7))
    },
  },
  {
    name: 'applies non-transactional steps once when five start together',
    skip: ({ driver }) =>
      driver.capabilities.sessionLock
        ? undefined
        : 'a non-transactional step of another run shows as dirty (sessionLock is false)',
    run: async (kit) => {
      const results = await race(kit, mixedFiles(kit, 6))
      expectEachOnce(results, [1n, 2n, 3n, 4n, 5n, 6n])
      expect(await kit.things()).toEqual(things(1, 2, 3, 4, 5, 6))
    },
  },
  {
    name: 'applies each transactional step once when five start together, with every lock strategy',
    run: async (kit) => {
      const { lockStrategies } = (await kit.open()).capabilities
      for (const lock of lockStrategies) {
        await kit.reset()
        await kit.prepared({ lock }).then((driver) => kit.end(driver))
        const files = Object.fromEntries(
          things(1, 2, 3, 4, 5, 6, 7, 8).map((name, index) => [
            `${index + 1}_a.up.sql`,
            kit.script(kit.create(name)),
          ]),
        )
        const results = await race(kit, files, lock)
        expectEachOnce(results, [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n])
        expect(await kit.things(), lock).toEqual(things(1, 2, 3, 4, 5, 6, 7, 8))
      }
    },
  },
  {
    name: 'adopts a database at the version it looks like, and at no other, where it can say so',
    run: async (kit) => {
      const driver = await kit.prepared()
      const second = kit.script(kit.create('kit_2'))
      const { statements } = driver.split(second)
      const [script = []] = (await driver.inspect?.({ scripts: [statements] }))?.scripts ?? []
      const visible = script.some(({ objects }) => objects.some(({ shown }) => shown === false))
      // Made by other means, as far as the version row knows.
      await kit.apply(driver, { script: kit.script(kit.create('kit_1')) })
      await driver.writeState({ to: { version: null, dirty: false }, entry: kit.entry('forced') })
      await driver.unlock()
      const migrator = await kit.migrator({
        '1_a.up.sql': kit.script(kit.create('kit_1')),
        '2_b.up.sql': second,
      })
      if (visible) {
        const error = await rejectionOf(migrator.baseline(2n), 'CANNOT_BASELINE')
        expect(error.details.files).toEqual(['2_b.up.sql'])
        expect(await migrator.version()).toEqual({ version: null, dirty: false })
      }
      expect((await migrator.baseline(1n)).versions).toEqual([1n])
      expect(await migrator.version()).toEqual({ version: 1n, dirty: false })
      expect(await kit.things()).toEqual(things(1))
    },
  },
  {
    name: 'shows plan and status of an empty database without creating anything',
    run: async (kit) => {
      const migrator = await kit.migrator(gapFiles(kit))
      const plan = await migrator.plan()
      expect(plan.steps.map(({ version }) => version)).toEqual([1n, 3n, 4n, 5n, 7n])
      expect((await migrator.status()).pending).toBe(5)
      expect(await kit.options.objects()).toEqual([])
    },
  },
])
