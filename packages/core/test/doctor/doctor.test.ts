import { describe, expect, test } from 'vitest'
import {
  createMigrator,
  memoryDatabase,
  memoryDriver,
  memorySource,
  type DoctorResult,
  type LedgerEntry,
  type MemoryDatabase,
  type Migrator,
  type Source,
} from '../../src/index.ts'

const down = 'drop c; drop b; drop a;'
const files = {
  '1_a.up.sql': 'outside; create a; create b; sleep 0; create c;',
  '1_a.down.sql': down,
  '2_d.up.sql': 'create d;',
}

const open = (
  database: MemoryDatabase,
  names: Readonly<Record<string, string>> = files,
): Promise<Migrator> =>
  createMigrator({ source: memorySource(names), driver: memoryDriver(database) })

/** A database as a killed run leaves it: so many statements recorded, and these objects there. */
const killed = async (recorded: number, objects: readonly string[]): Promise<MemoryDatabase> => {
  const database = memoryDatabase()
  await (await open(database)).up({ steps: 1 })
  database.state = { version: 1n, dirty: true }
  database.objects = new Set(objects)
  const last = database.events.findLastIndex(({ kind }) => kind === 'applied')
  database.events = database.events.slice(0, Math.min(last, 1 + recorded))
  return database
}

const codesOf = ({ findings }: DoctorResult): string[] => findings.map(({ code }) => code)

test('nothing is wrong with a database at its newest version', async () => {
  const migrator = await open(memoryDatabase())
  await migrator.up()
  expect(await migrator.doctor()).toEqual({
    state: { version: 2n, dirty: false },
    healthy: true,
    findings: [],
  })
})

test('nothing is wrong with an empty database either', async () => {
  expect(await (await open(memoryDatabase())).doctor()).toMatchObject({ healthy: true })
})

describe('a non-transactional step that was killed', () => {
  test.each<[recorded: number, objects: string[], standing: number[], resumes: boolean]>([
    [1, [], [1], true],
    [1, ['a'], [2], true],
    [2, ['a'], [2], true],
    [2, ['a', 'b'], [3], true],
    // The fourth leaves nothing to look for.
    [3, ['a', 'b'], [3, 4], false],
    [4, ['a', 'b'], [4], true],
    [4, ['a', 'b', 'c'], [5], true],
    // Somebody has removed what the record calls done.
    [2, [], [], false],
  ])('%i recorded, with %j', async (recorded, objects, standing, resumes) => {
    const database = await killed(recorded, objects)
    const migrator = await open(database)
    const { diagnosis, healthy } = await migrator.doctor()
    expect(healthy).toBe(false)
    expect(diagnosis).toMatchObject({
      by: 'mig',
      version: 1n,
      recorded,
      possible: [recorded, recorded + 1],
      standing,
    })
    if (!resumes) {
      await expect(migrator.repair({ action: 'resume' })).rejects.toMatchObject({
        code: 'CANNOT_REPAIR',
        details: { state: { dirty: true } },
      })
      expect(database.state).toEqual({ version: 1n, dirty: true })
      return
    }
    const ran = 5 - (standing[0] ?? 0)
    expect(await migrator.repair()).toMatchObject({ action: 'resume', ran })
    expect(database.state).toEqual({ version: 1n, dirty: false })
    expect([...database.objects].toSorted()).toEqual(['a', 'b', 'c'])
    expect(codesOf(await migrator.doctor())).toEqual([])
    expect((await migrator.up()).to.version).toBe(2n)
  })

  test('goes on where a person says, but for what the record contradicts', async () => {
    const migrator = await open(await killed(3, ['a', 'b']))
    const from = (fromStatement: number): Promise<unknown> =>
      migrator.repair({ action: 'resume', fromStatement })
    await expect(from(3)).rejects.toMatchObject({ code: 'CANNOT_REPAIR' })
    await expect(from(7)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    // With the last statement in effect there would be a "c".
    await expect(from(6)).rejects.toMatchObject({ code: 'CANNOT_REPAIR' })
    expect(await from(5)).toMatchObject({ ran: 1 })
  })

  test('is killed again while it is resumed, and resumed again', async () => {
    const database = await killed(2, ['a'])
    await (await open(database)).repair()
    // As if the second run had been killed right after its first event.
    const started = database.events.findLastIndex(({ kind }) => kind === 'started')
    database.events = database.events.slice(0, started + 1)
    database.state = { version: 1n, dirty: true }
    database.objects = new Set(['a', 'b'])
    const migrator = await open(database)
    expect((await migrator.doctor()).diagnosis).toMatchObject({ recorded: 2, standing: [3] })
    expect(await migrator.repair()).toMatchObject({ ran: 2 })
  })

  test('goes on in a file that was changed after the recorded statements only', async () => {
    const changed = { ...files, '1_a.up.sql': 'outside; create a; create x; create c;' }
    const failing = { ...files, '1_a.up.sql': 'outside; create a; create a; create c;' }
    const database = memoryDatabase()
    await expect((await open(database, failing)).up()).rejects.toMatchObject({})
    const migrator = await open(database, changed)
    expect((await migrator.doctor()).diagnosis).toMatchObject({ standing: [2], changed: true })
    expect(await migrator.repair({ action: 'resume' })).toMatchObject({ ran: 2 })
    expect([...database.objects].toSorted()).toEqual(['a', 'c', 'x'])
  })

  test('does not go on in a file that was changed before that', async () => {
    const failing = { ...files, '1_a.up.sql': 'outside; create a; create a;' }
    const database = memoryDatabase()
    await expect((await open(database, failing)).up()).rejects.toMatchObject({})
    const changed = { ...files, '1_a.up.sql': 'outside; create y; create x;' }
    const migrator = await open(database, changed)
    await expect(migrator.repair({ action: 'resume' })).rejects.toMatchObject({
      code: 'CANNOT_REPAIR',
    })
    await expect(migrator.repair()).rejects.toMatchObject({ code: 'CANNOT_REPAIR' })
  })
})

describe('what a person says', () => {
  test('is put on record, with a reason', async () => {
    const database = await killed(2, [])
    const migrator = await open(database)
    expect(await migrator.repair({ action: 'rolled-back', reason: 'by hand' })).toMatchObject({
      action: 'rolled-back',
      from: { version: 1n, dirty: true },
      to: { version: null, dirty: false },
    })
    const last: Partial<LedgerEntry> | undefined = database.events.at(-1)
    expect(last).toMatchObject({ kind: 'repaired', version: 1n, message: 'by hand', dirty: false })
    expect((await migrator.up()).to.version).toBe(2n)
  })

  test('is refused where the catalog shows otherwise', async () => {
    const migrator = await open(await killed(2, ['a']))
    await expect(migrator.repair({ action: 'rolled-back' })).rejects.toMatchObject({
      code: 'CANNOT_REPAIR',
      message: expect.stringContaining('there is object a'),
    })
    await expect(migrator.repair({ action: 'applied' })).rejects.toMatchObject({
      code: 'CANNOT_REPAIR',
    })
  })

  test('counts as applied, with no version out of order', async () => {
    const database = await killed(3, ['a', 'b', 'c'])
    const migrator = await open(database)
    await migrator.repair({ action: 'applied' })
    expect(await migrator.verify()).toMatchObject({ outOfOrder: [], missing: [], ahead: false })
    expect((await migrator.up()).steps).toHaveLength(1)
  })

  test('is no use on a clean database', async () => {
    const migrator = await open(memoryDatabase())
    await migrator.up()
    expect(await migrator.repair()).toMatchObject({ action: 'none' })
    await expect(migrator.repair({ action: 'applied' })).rejects.toMatchObject({
      code: 'CANNOT_REPAIR',
    })
  })
})

describe('files and ledger', () => {
  test('two files of one version', async () => {
    const names = { '1_a.up.sql': 'create a;', '01_b.up.sql': 'create b;' }
    const source: Source = {
      location: 'here',
      list: async () => memorySource(names).list(),
      read: async () => new Uint8Array(),
    }
    const migrator = await createMigrator({ source, driver: memoryDriver() })
    const result = await migrator.doctor()
    expect(codesOf(result)).toEqual(['DUPLICATE_VERSION'])
    expect(result.healthy).toBe(false)
  })

  test('a database ahead of its files, a changed file, one out of order, one that nearly is one', async () => {
    const database = memoryDatabase()
    await (await open(database)).up()
    const result = await (
      await open(database, {
        '0_late.up.sql': 'create late;',
        '1_a.up.sql': 'create other;',
        '1_a.down.sql': down,
        'V3__x.sql': '',
      })
    ).doctor()
    expect(codesOf(result)).toEqual(['AHEAD_OF_FILES', 'CHANGED_FILE', 'OUT_OF_ORDER', 'NEAR_MISS'])
  })

  test('a ledger of a newer format', async () => {
    const database = memoryDatabase()
    const migrator = await open(database)
    await migrator.up()
    database.events = database.events.map((event) => ({ ...event, format: 2 }))
    expect(codesOf(await migrator.doctor())).toEqual(['LEDGER_NEWER'])
  })

  test('a dirty version that no file has', async () => {
    const database = memoryDatabase()
    database.state = { version: 9n, dirty: true }
    const migrator = await open(database)
    expect(codesOf(await migrator.doctor())).toEqual(['DIRTY_WITHOUT_FILE'])
    await expect(migrator.repair()).rejects.toMatchObject({ code: 'CANNOT_REPAIR' })
  })

  test('a failure that changed nothing is told, and is nothing wrong', async () => {
    const migrator = await open(memoryDatabase(), { '1_a.up.sql': 'create a; create a;' })
    await expect(migrator.up()).rejects.toMatchObject({})
    const result = await migrator.doctor()
    expect(codesOf(result)).toEqual(['LAST_RUN_FAILED'])
    expect(result.healthy).toBe(true)
  })
})
