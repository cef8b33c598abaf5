import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  createMigrator,
  MigrateError,
  memoryDatabase,
  memoryDriver,
  memorySource,
  type MemoryDatabase,
  type Migrator,
  type MigratorEvent,
  type MigratorOptions,
} from '../../src/index.ts'
import type {
  Driver,
  DriverFactory,
  NonTransactionalRun,
  NonTransactionalStart,
  NonTransactionalStep,
  Observation,
} from '../../src/driver-api.ts'

const pair = (version: number): Record<string, string> => ({
  [`${version}_t.up.sql`]: `create t${version};`,
  [`${version}_t.down.sql`]: `drop t${version};`,
})

const files = { ...pair(1), ...pair(2), ...pair(3), ...pair(4) }

const open = async (
  database: MemoryDatabase,
  options: Partial<MigratorOptions> = {},
): Promise<Migrator> =>
  createMigrator({ source: memorySource(files), driver: memoryDriver(database), ...options })

/** A driver that begins a non-transactional step with the write that ends the one before, and whose connection then breaks. */
const breakingAfterJoin = (database: MemoryDatabase): DriverFactory => ({
  name: 'memory',
  open: async (settings) => {
    const driver = await memoryDriver(database).open(settings)
    const breakAfter = async (next: NonTransactionalStep): Promise<never> => {
      await driver.beginNonTransactional(next)
      throw new MigrateError('CONNECTION_LOST', 'The connection broke')
    }
    const join = async (
      run: NonTransactionalRun,
      next: NonTransactionalStep,
    ): Promise<NonTransactionalStart> => {
      await run.finish()
      return breakAfter(next)
    }
    const beginNonTransactional = async (
      step: NonTransactionalStep,
    ): Promise<NonTransactionalStart> => {
      const start = await driver.beginNonTransactional(step)
      if (start.kind !== 'started') return start
      const { run } = start
      return { kind: 'started', run: { ...run, finishAndBegin: (next) => join(run, next) } }
    }
    const runTransactional: Driver['runTransactional'] = async (steps, signal, progress) => {
      // As long as a server takes, in which files are read.
      await setImmediate()
      const outcome = await driver.runTransactional(steps, signal, progress)
      const next = progress?.following?.()
      return next === undefined ? outcome : breakAfter(next)
    }
    const capabilities = { ...driver.capabilities, beginsWithCommit: true }
    return { ...driver, capabilities, beginNonTransactional, runTransactional }
  },
})

describe('targets', () => {
  test('up N with fewer left does what there is', async () => {
    const migrator = await open(memoryDatabase())
    expect((await migrator.up({ steps: 3 })).to.version).toBe(3n)
    expect((await migrator.up({ steps: 3 })).steps).toHaveLength(1)
    expect((await migrator.up({ steps: 3 })).steps).toEqual([])
  })

  test('up to a version below the version row is nothing to do', async () => {
    const migrator = await open(memoryDatabase())
    await migrator.up()
    expect(await migrator.up({ to: 2n })).toMatchObject({ steps: [], to: { version: 4n } })
  })

  test('goto goes either way, and to nothing', async () => {
    const migrator = await open(memoryDatabase())
    expect((await migrator.goto(3n)).to.version).toBe(3n)
    expect((await migrator.goto(1n)).steps.map(({ direction }) => direction)).toEqual([
      'down',
      'down',
    ])
    expect((await migrator.goto(null)).to.version).toBeNull()
  })

  test('counts the steps of all its ways, from the first one on', async () => {
    const database = memoryDatabase()
    const counted: string[] = []
    const onEvent = (event: MigratorEvent): void => {
      if (event.type !== 'step-started') return
      counted.push(`${event.step}/${event.steps} ${event.direction} ${event.version}`)
    }
    await (await open(database)).goto(3n)
    const migrator = await open(database, { onEvent })
    await migrator.redo({ steps: 2 })
    expect(counted.splice(0)).toEqual(['1/4 down 3', '2/4 down 2', '3/4 up 2', '4/4 up 3'])
    await migrator.up()
    const outOfOrderMigrations = { ...files, ...pair(5), '0_late.up.sql': 'create t0;' }
    const further = await open(database, { onEvent, source: memorySource(outOfOrderMigrations) })
    await further.up({ outOfOrder: 'apply' })
    expect(counted).toEqual(['1/1 up 4', '1/2 up 0', '2/2 up 5'])
  })

  test.each([-1, 1.5, Number.NaN])('%s is not a number of steps', async (steps) => {
    const migrator = await open(memoryDatabase())
    await expect(migrator.up({ steps })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  test('a source without a migration is an error', async () => {
    const migrator = await open(memoryDatabase(), { source: memorySource({ 'V1__a.sql': '' }) })
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'NO_MIGRATIONS',
      details: { files: ['V1__a.sql'] },
    })
  })
})

describe('the step that a run begins with', () => {
  /** A driver with something to do before it prepares. */
  const preparing = (database: MemoryDatabase, before: () => Promise<void>): DriverFactory => ({
    name: 'memory',
    open: async (settings) => {
      const driver = await memoryDriver(database).open(settings)
      const prepare: Driver['prepare'] = async (purpose) => {
        await before()
        return driver.prepare(purpose)
      }
      return { ...driver, prepare }
    },
  })

  test('is another one where somebody moves the version row meanwhile', async () => {
    const database = memoryDatabase()
    const driver = preparing(database, async () => {
      database.state = { version: 2n, dirty: false }
    })
    const migrator = await open(database, { driver })
    expect((await migrator.up()).steps.map(({ version }) => version)).toEqual([3n, 4n])
  })

  test('fails the run where its script cannot be read, and leaves no lock', async () => {
    const database = memoryDatabase()
    const failure = new MigrateError('SOURCE_FAILED', 'The disk is gone')
    const source = { ...memorySource(files), read: () => Promise.reject(failure) }
    await expect((await open(database, { source })).up()).rejects.toBe(failure)
    expect(database.lockedBy).toBeUndefined()
    expect((await (await open(database)).up()).steps).toHaveLength(4)
  })
})

describe('missing files', () => {
  const source = memorySource({
    ...pair(1),
    '2_t.up.sql': 'create t2;',
    '3_t.down.sql': 'drop t3;',
    '4_t.up.sql': 'create t4;',
  })

  test('a missing down stops before anything runs and names every version', async () => {
    const database = memoryDatabase()
    const migrator = await open(database, { source })
    await migrator.up()
    await expect(migrator.down({ steps: 'all' })).rejects.toMatchObject({
      code: 'MISSING_DOWN',
      details: { versions: [4n, 2n] },
    })
    expect(database.state.version).toBe(4n)
  })

  test('skipping moves the version row and says so for each', async () => {
    const database = memoryDatabase()
    const events: MigratorEvent[] = []
    const migrator = await open(database, { source, onEvent: (event) => events.push(event) })
    await migrator.up()
    await migrator.down({ missingDown: 'skip' })
    expect(database.state.version).toBe(3n)
    expect([...database.objects]).toEqual(['t1', 't2', 't4'])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'down-skipped' }),
    )
  })

  test('a missing up is passed over and reported as empty', async () => {
    const migrator = await open(memoryDatabase(), { source })
    expect((await migrator.up()).steps[2]).toMatchObject({ version: 3n, kind: 'empty' })
  })
})

describe('ends', () => {
  test('a stop request lets the running step finish', async () => {
    const database = memoryDatabase()
    const stop = new AbortController()
    const migrator = await open(database, {
      onEvent: ({ type }) => type === 'step-started' && stop.abort(),
    })
    const result = await migrator.up({ stop: stop.signal })
    expect(result).toMatchObject({ stopped: true, to: { version: 1n, dirty: false } })
    expect(database.lockedBy).toBeUndefined()
  })

  test('an abort cancels the running step, and what was done before stays', async () => {
    const database = memoryDatabase()
    const controller = new AbortController()
    const source = memorySource({ ...pair(1), '2_t.up.sql': 'create t2; sleep 60000;' })
    const migrator = await open(database, {
      source,
      onEvent: (event) =>
        event.type === 'step-started' &&
        event.version === 2n &&
        void setImmediate().then(() => controller.abort()),
    })
    await expect(migrator.up({ signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
      details: { applied: [{ version: 1n }], state: { version: 1n, dirty: false } },
    })
    expect([...database.objects]).toEqual(['t1'])
  })

  test.each([
    { kind: 'non-transactional', head: '-- mig: transaction=none\n' },
    { kind: 'transactional', head: '' },
  ])('the mark of the next step says that the $kind one before it is done', async (first) => {
    const database = memoryDatabase()
    const nonTransactional = '-- mig: transaction=none\n'
    const migrator = await open(database, {
      source: memorySource({
        '1_a.up.sql': 'create a;',
        '2_b.up.sql': `${first.head}create b;`,
        '3_c.up.sql': `${nonTransactional}create c;`,
        '4_d.up.sql': `${nonTransactional}create d;`,
      }),
      driver: breakingAfterJoin(database),
    })
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      details: {
        applied: [
          { version: 1n, kind: 'transactional' },
          { version: 2n, kind: first.kind },
        ],
        failed: { version: 3n },
        state: { version: 3n, dirty: true },
      },
    })
    const recorded = database.events.map(({ kind, version }) => `${kind} ${version}`)
    expect(recorded.at(-1)).toBe('failed 3')
    expect([...database.objects]).toEqual(['a', 'b'])
  })

  test('a question about a step that fails does not fail the one before it', async () => {
    const database = memoryDatabase()
    const migrator = await open(database, {
      source: memorySource({
        '1_a.up.sql': '-- mig: transaction=none\ncreate a;',
        '2_b.up.sql': 'create b;',
      }),
      driver: {
        name: 'memory',
        open: async (settings) => {
          const driver = await breakingAfterJoin(database).open(settings)
          const guardReason = (): Promise<never> =>
            Promise.reject(new MigrateError('DATABASE_FAILED', 'No answer'))
          return { ...driver, guardReason }
        },
      },
    })
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
      details: { applied: [{ version: 1n }], state: { version: 1n, dirty: false } },
    })
  })

  test('no step is joined to one that is not read yet, and none waits for it', async () => {
    const database = memoryDatabase()
    const source = memorySource({
      '1_a.up.sql': 'create a;',
      '2_b.up.sql': '-- mig: transaction=none\ncreate b;',
    })
    let firstIsDone: (() => void) | undefined
    const first = new Promise<void>((resolve) => (firstIsDone = resolve))
    const migrator = await open(database, {
      source: {
        location: source.location,
        list: () => source.list(),
        read: async (version, direction) => {
          if (version === 2n) await first
          return source.read(version, direction)
        },
      },
      driver: breakingAfterJoin(database),
      onEvent: (event) => event.type === 'step-finished' && firstIsDone?.(),
    })
    expect((await migrator.up()).steps.map(({ kind }) => kind)).toEqual([
      'transactional',
      'non-transactional',
    ])
  })

  test('a dirty database is not touched', async () => {
    const database = memoryDatabase()
    database.state = { version: 2n, dirty: true }
    const migrator = await open(database)
    await expect(migrator.up()).rejects.toMatchObject({ code: 'DIRTY_DATABASE' })
    await expect(migrator.down()).rejects.toMatchObject({ code: 'DIRTY_DATABASE' })
    await expect(migrator.goto(1n)).rejects.toMatchObject({ code: 'DIRTY_DATABASE' })
    await expect(migrator.redo()).rejects.toMatchObject({ code: 'DIRTY_DATABASE' })
    expect((await migrator.force(2n)).from.dirty).toBe(true)
    expect((await migrator.up()).steps).toHaveLength(2)
  })

  test('a failure gives the lock back', async () => {
    const database = memoryDatabase()
    const migrator = await open(database, { source: memorySource({ '1_a.up.sql': 'nonsense;' }) })
    await expect(migrator.up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
    expect(database.lockedBy).toBeUndefined()
  })

  test('one call at a time, none after close', async () => {
    const migrator = await open(memoryDatabase())
    const first = migrator.up()
    await expect(migrator.up()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await first
    await migrator.close()
    await migrator.close()
    await expect(migrator.version()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

describe('ledger', () => {
  test('a version row moved by someone else is observed once, with the files there were', async () => {
    const database = memoryDatabase()
    const migrator = await open(database)
    await migrator.up({ steps: 1 })
    database.state = { version: 3n, dirty: false }
    await migrator.up()
    await migrator.down()
    const observed = database.events.filter(({ kind }) => kind === 'observed')
    expect(observed).toMatchObject([{ from: 1n, to: 3n, details: '{"files":["1","2","3","4"]}' }])
  })

  test('says what, from which file, by whom', async () => {
    const database = memoryDatabase()
    const migrator = await open(database, { actor: 'ci@runner', tool: 'mig 1.0.0' })
    await migrator.up({ steps: 1 })
    await migrator.down()
    expect(database.events).toMatchObject([
      { kind: 'applied', version: 1n, direction: 'up', from: null, to: 1n, actor: 'ci@runner' },
      { kind: 'reverted', version: 1n, direction: 'down', from: 1n, to: null, tool: 'mig 1.0.0' },
    ])
    for (const { checksum } of database.events) expect(checksum).toMatch(/^[0-9a-f]{64}$/)
  })

  test('switched off, nothing is written', async () => {
    const database = memoryDatabase()
    const migrator = await open(database, { ledger: false })
    await migrator.up()
    expect(database.events).toEqual([])
  })
})

test('a plan says how each step would run and changes nothing', async () => {
  const database = memoryDatabase()
  const source = memorySource({
    '1_a.up.sql': 'create a;',
    '2_b.up.sql': 'create b; outside;',
    '3_c.down.sql': 'drop c;',
    '4_d.up.sql': '-- mig: nonsense\ncreate d;',
  })
  const migrator = await open(database, { source })
  const { steps, target } = await migrator.plan()
  expect(target).toBe(4n)
  expect(steps.map(({ kind }) => kind)).toEqual([
    'transactional',
    'non-transactional',
    'empty',
    'refused',
  ])
  expect(steps[1]?.statements.map(({ command }) => command)).toEqual(['CREATE', 'OUTSIDE'])
  expect(database).toEqual(memoryDatabase())
})

test('five migrators race: every step runs exactly once, and all of them succeed', async () => {
  const database = memoryDatabase()
  const migrators = await Promise.all(Array.from({ length: 5 }, () => open(database)))
  const results = await Promise.all(migrators.map((migrator) => migrator.up()))
  const versions = results.flatMap(({ steps }) => steps.map(({ version }) => Number(version)))
  expect(versions.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4])
})

describe('a version that does not move', () => {
  /** A driver on which every step finds the version moved. `state` is what it says to have read, after each attempt. */
  const notMoving = (
    database: MemoryDatabase,
    states: (attempt: number) => bigint | null,
    observations: readonly Observation[] = [],
  ): { readonly factory: DriverFactory; readonly attempts: () => number } => {
    let attempts = 0
    return {
      attempts: () => attempts,
      factory: {
        name: 'memory',
        open: async (settings) => {
          const driver = await memoryDriver(database).open(settings)
          return {
            ...driver,
            runTransactional: async () => {
              attempts++
              return Promise.resolve({ kind: 'changed' })
            },
            readState: () =>
              attempts === 0
                ? driver.readState()
                : Promise.resolve({ version: states(attempts), dirty: false }),
            inspect: () => Promise.resolve({ scripts: [], observations, wholeScripts: false }),
          }
        },
      },
    }
  }

  test('ends the run after three new plans, and names what stands in the way', async () => {
    const { factory, attempts } = notMoving(memoryDatabase(), () => null, [
      { kind: 'untrusted-table', reason: 'the table v has a trigger "swallow"' },
    ])
    const migrator = await open(memoryDatabase(), { driver: factory })
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'STATE_CHANGED',
      message: expect.stringMatching(/stays at none: 4 attempts .* the table v has a trigger/),
      hint: expect.stringContaining('trigger'),
    })
    expect(attempts()).toBe(4)
  })

  test('ends the run where something moves the version to and fro', async () => {
    const { factory, attempts } = notMoving(memoryDatabase(), (n) => (n % 2 === 0 ? null : 1n))
    const migrator = await open(memoryDatabase(), { driver: factory })
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'STATE_CHANGED',
      message: expect.stringMatching(
        /Something else moves the version .*seen: 1, none, 1, none, 1/,
      ),
    })
    // The first move brought the run nearer to its target, and so began the count anew.
    expect(attempts()).toBe(5)
  })

  test('goes on for as long as another run takes the version nearer to the target', async () => {
    const versions = 20
    const many = Object.assign({}, ...Array.from({ length: versions }, (_, n) => pair(n + 1)))
    const { factory, attempts } = notMoving(memoryDatabase(), (n) => BigInt(n))
    const migrator = await open(memoryDatabase(), { driver: factory, source: memorySource(many) })
    expect(await migrator.up()).toMatchObject({ steps: [], to: { version: BigInt(versions) } })
    expect(attempts()).toBe(versions)
  })
})
