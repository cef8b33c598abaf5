import { describe, expect, test } from 'vitest'
import {
  createMigrator,
  memoryDatabase,
  memoryDriver,
  memorySource,
  type MemoryDatabase,
  type Migrator,
  type MigratorEvent,
} from '../../src/index.ts'

type Files = Readonly<Record<string, string>>

const one = { '1_a.up.sql': 'create a;', '1_a.down.sql': 'drop a;' }
const two = { '2_b.up.sql': 'create b;', '2_b.down.sql': 'drop b;' }
const three = { '3_c.up.sql': 'create c;', '3_c.down.sql': 'drop c;' }

const open = (
  database: MemoryDatabase,
  files: Files,
  events: MigratorEvent[] = [],
  ledger = true,
): Promise<Migrator> =>
  createMigrator({
    source: memorySource(files),
    driver: memoryDriver(database),
    ledger,
    onEvent: (event) => events.push(event),
  })

const migrated = async (files: Files): Promise<MemoryDatabase> => {
  const database = memoryDatabase()
  await (await open(database, files)).up()
  return database
}

describe('a changed file', () => {
  const changed = { ...one, '1_a.up.sql': 'create a; create a2;' }

  test('stops up, goto and redo, and not down', async () => {
    const database = await migrated({ ...one, ...two })
    const migrator = await open(database, { ...changed, ...two, ...three })
    const refused = { code: 'CHANGED_FILE', details: { versions: [1n], files: ['1_a.up.sql'] } }
    await expect(migrator.up()).rejects.toMatchObject(refused)
    await expect(migrator.goto(3n)).rejects.toMatchObject(refused)
    await expect(migrator.redo()).rejects.toMatchObject(refused)
    expect([...database.objects]).toEqual(['a', 'b'])
    expect((await migrator.down()).to.version).toBe(1n)
  })

  test('is shown by status and verify', async () => {
    const migrator = await open(await migrated(one), changed)
    expect(await migrator.status()).toMatchObject({ changed: 1, entries: [{ changed: true }] })
    expect(await migrator.status({ checksums: false })).toMatchObject({ changed: 0 })
    expect((await migrator.verify()).changed).toMatchObject([{ version: 1n, file: '1_a.up.sql' }])
  })

  test('can be accepted, on record', async () => {
    const database = await migrated(one)
    const migrator = await open(database, { ...changed, ...two })
    await migrator.accept(1n, 'a2 was always there')
    expect(database.events.at(-1)).toMatchObject({
      kind: 'accepted',
      version: 1n,
      message: 'a2 was always there',
    })
    expect((await migrator.verify()).changed).toEqual([])
    expect((await migrator.up()).to.version).toBe(2n)
    await expect(migrator.accept(9n, 'x')).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' })
  })

  test('is not noticed for its line ends', async () => {
    const database = await migrated({ '1_a.up.sql': 'create a;\ncreate b;' })
    const migrator = await open(database, { '1_a.up.sql': 'create a;\r\ncreate b;' })
    expect((await migrator.verify()).changed).toEqual([])
  })
})

describe('a file that comes late', () => {
  const all = { ...one, ...two, ...three }

  test('is an error, also when nothing else is pending', async () => {
    const migrator = await open(await migrated({ ...one, ...three }), all)
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'OUT_OF_ORDER',
      details: { versions: [2n] },
    })
    expect(await migrator.status()).toMatchObject({ outOfOrder: 1, pending: 0 })
    expect(await migrator.verify()).toMatchObject({ outOfOrder: [2n] })
  })

  test('is left out with a warning', async () => {
    const database = await migrated({ ...one, ...three })
    const events: MigratorEvent[] = []
    const migrator = await open(database, { ...all, '4_d.up.sql': 'create d;' }, events)
    expect((await migrator.up({ outOfOrder: 'warn' })).steps).toMatchObject([{ version: 4n }])
    expect(events).toContainEqual(expect.objectContaining({ code: 'out-of-order' }))
    expect(database.objects.has('b')).toBe(false)
  })

  test('is applied before the others, and the version row ends where it would', async () => {
    const database = await migrated({ ...one, ...three })
    const migrator = await open(database, { ...all, '4_d.up.sql': 'create d;' })
    const { steps, to } = await migrator.up({ outOfOrder: 'apply' })
    expect(steps.map(({ version }) => version)).toEqual([2n, 4n])
    expect(to.version).toBe(4n)
    expect(await migrator.verify()).toMatchObject({ outOfOrder: [] })
  })

  test('a failure leaves the version row and says that it was not applied', async () => {
    const database = await migrated({ ...one, ...three })
    const migrator = await open(database, { ...all, '2_b.up.sql': 'create a;' })
    await expect(migrator.up({ outOfOrder: 'apply' })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      details: { applied: [], state: { version: 3n, dirty: false } },
    })
    expect((await migrator.status()).entries[1]).toMatchObject({ status: 'out-of-order' })
  })

  test('going down passes over it, for it was never there', async () => {
    const database = await migrated({ ...one, ...three })
    const migrator = await open(database, all)
    expect((await migrator.down()).to.version).toBe(1n)
    expect((await migrator.up()).steps.map(({ version }) => version)).toEqual([2n, 3n])
  })

  test('is pending again for a database without a ledger', async () => {
    const database = memoryDatabase()
    await (await open(database, { ...one, ...three }, [], false)).up()
    expect((await (await open(database, all, [], false)).up()).steps).toEqual([])
  })
})

describe('a database ahead of its files', () => {
  test('stops with an explanation, or is nothing to do', async () => {
    const migrator = await open(await migrated({ ...one, ...two }), one)
    await expect(migrator.up()).rejects.toMatchObject({
      code: 'MISSING_FILE',
      details: { version: 2n },
    })
    expect(await migrator.up({ allowAhead: true })).toMatchObject({ steps: [] })
    expect(await migrator.verify()).toMatchObject({ ahead: true, missing: [2n] })
    expect(await migrator.status()).toMatchObject({ missing: 1, entries: [{}, { missing: true }] })
  })

  test('in the middle of the files is never nothing to do', async () => {
    const migrator = await open(await migrated({ ...one, ...two }), { ...one, ...three })
    await expect(migrator.up({ allowAhead: true })).rejects.toMatchObject({ code: 'MISSING_FILE' })
  })
})

describe('baseline', () => {
  test('adopts a database and runs nothing', async () => {
    const database = memoryDatabase()
    database.objects = new Set(['a', 'b'])
    const migrator = await open(database, { ...one, ...two, ...three })
    expect((await migrator.baseline(2n)).versions).toEqual([1n, 2n])
    expect((await migrator.up()).steps.map(({ version }) => version)).toEqual([3n])
    expect((await migrator.status()).entries[0]).toMatchObject({ record: { how: 'set' } })
  })

  test.each([
    [
      'what a file makes is not there',
      ['a'],
      2n,
      '2_b.up.sql makes object b, which is not there',
      'It looks like version 1.',
    ],
    [
      'what a later file makes is there',
      ['a', 'b'],
      1n,
      '2_b.up.sql is to make object b, which is there',
      'It looks like version 2.',
    ],
    [
      'nothing is there',
      [],
      3n,
      '1_a.up.sql makes object a, which is not there; 2_b.up.sql makes object b, which is not there; 3_c.up.sql makes object c, which is not there',
      'Nothing of what the files make is there: "mig up" makes it.',
    ],
  ] as const)('is refused where %s, but for --force', async (_, objects, version, reason, hint) => {
    const database = memoryDatabase()
    database.objects = new Set(objects)
    const events: MigratorEvent[] = []
    const migrator = await open(database, { ...one, ...two, ...three }, events)
    await expect(migrator.baseline(version)).rejects.toMatchObject({
      code: 'CANNOT_BASELINE',
      message: `The database does not look like version ${version}: ${reason}`,
      hint: `${hint} To adopt it as it is, pass --force.`,
    })
    expect(database.state.version).toBe(null)
    expect(database.events).toEqual([])
    expect((await migrator.baseline(version, { force: true })).to.version).toBe(version)
    expect(database.events.map(({ kind, message }) => [kind, message])).toEqual([
      ['baselined', `although ${reason}`],
    ])
    expect(events).toContainEqual({
      type: 'warning',
      code: 'baseline-misfit',
      message: `The database does not look like version ${version}: ${reason}`,
    })
  })

  test('is not refused for what went with a later file up to the version', async () => {
    const database = memoryDatabase()
    database.objects = new Set(['c'])
    const files = { ...one, '2_b.up.sql': 'drop a; create c;', '3_d.up.sql': 'create d;' }
    const migrator = await open(database, files)
    expect((await migrator.baseline(2n)).versions).toEqual([1n, 2n])
  })

  test('makes the record of what golang-migrate left', async () => {
    const database = memoryDatabase()
    database.state = { version: 2n, dirty: false }
    const migrator = await open(database, { ...one, ...two, ...three })
    expect((await migrator.baseline('golang-migrate')).to.version).toBe(2n)
    expect(database.events.map(({ kind }) => kind)).toEqual(['baselined'])
    expect((await migrator.verify()).outOfOrder).toEqual([])
  })

  test.each([
    ['a version without a file', 9n, null, 'VERSION_NOT_FOUND'],
    ['a database at another version', 1n, 2n, 'INVALID_OPTION'],
    ['no version to go by', 'golang-migrate', null, 'INVALID_OPTION'],
  ] as const)('refuses %s', async (_, wanted, versionTable, code) => {
    const database = memoryDatabase()
    database.state = { version: versionTable, dirty: false }
    const migrator = await open(database, { ...one, ...two })
    await expect(migrator.baseline(wanted)).rejects.toMatchObject({ code })
    expect(database.state.version).toBe(versionTable)
  })
})

test('history is what happened, in order', async () => {
  const database = await migrated({ ...one, ...two })
  const migrator = await open(database, { ...one, ...two })
  await migrator.down()
  expect((await migrator.history()).events.map(({ kind }) => kind)).toEqual([
    'applied',
    'applied',
    'reverted',
  ])
  expect((await migrator.history({ version: 2n, limit: 1 })).events).toMatchObject([
    { kind: 'reverted', version: 2n },
  ])
})
