import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DoctorResult } from '@mig/core'
import { describeDatabase } from '@mig/testing/vitest'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { column, versionTable, migratorOn, rejection, up } from './harness.ts'

describeDatabase('sqlite', 'tables that are not as mig makes them', () => {
  let folder = ''
  let file = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mig-own-tables-'))
    file = join(folder, 'db.sqlite')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const first = ['create table a (i int)']
  const both = [...first, 'create table b (i int)']

  const run = (sql: string): void => {
    const client = new Database(file)
    try {
      client.exec(sql)
    } finally {
      client.close()
    }
  }

  const doctor = async (): Promise<DoctorResult> => {
    await using migrator = await migratorOn(file, both)
    return await migrator.doctor()
  }

  const untrusted = (reason: RegExp): object => ({
    code: 'VERSION_TABLE_UNTRUSTED',
    message: expect.stringMatching(reason),
  })

  test.each([
    ['view', 'CREATE VIEW schema_migrations AS SELECT 1 AS version, 0 AS dirty', /is a view/],
    [
      'virtual table',
      'CREATE VIRTUAL TABLE schema_migrations USING fts5(version, dirty)',
      /is a virtual table/,
    ],
  ])(
    'a %s in the place of the version table is neither written nor read',
    async (_, sql, reason) => {
      run(sql)
      expect(await rejection(up(file, first))).toMatchObject(untrusted(reason))
      await using migrator = await migratorOn(file, first)
      expect(await rejection(migrator.status())).toMatchObject(untrusted(reason))
      expect(await doctor()).toMatchObject({
        healthy: false,
        findings: [{ code: 'UNTRUSTED_TABLE', title: expect.stringMatching(reason) }],
      })
      expect(column(file, "SELECT name FROM sqlite_schema WHERE name = 'a'")).toEqual([])
    },
  )

  test('a view calls nothing of the program', async () => {
    const client = new Database(file)
    try {
      let calls = 0
      client.function('traced', () => ++calls)
      client.exec('CREATE VIEW schema_migrations AS SELECT traced() AS version, 0 AS dirty')
      await using migrator = await migratorOn({ client }, first)
      expect(await rejection(migrator.up())).toMatchObject(untrusted(/is a view/))
      expect(await rejection(migrator.version())).toMatchObject(untrusted(/is a view/))
      expect(calls).toBe(0)
    } finally {
      client.close()
    }
  })

  test('a view in the place of the ledger is not used', async () => {
    await up(file, first)
    run(
      'ALTER TABLE schema_migrations_history RENAME TO kept; CREATE VIEW schema_migrations_history AS SELECT * FROM kept',
    )
    const warnings: string[] = []
    await up(file, both, (event) => event.type === 'warning' && warnings.push(event.message))
    expect(warnings.join()).toMatch(/"schema_migrations_history" is a view/)
    expect((await doctor()).findings).toContainEqual(
      expect.objectContaining({ code: 'UNTRUSTED_TABLE' }),
    )
  })

  describe('triggers', () => {
    const swallow = (event: string): string =>
      `CREATE TRIGGER swallow BEFORE ${event} ON schema_migrations BEGIN SELECT RAISE(IGNORE); END`

    test('are refused, with the statement that removes them', async () => {
      await up(file, first)
      run(swallow('UPDATE'))
      expect(await rejection(up(file, both))).toMatchObject({
        ...untrusted(/has the trigger "swallow"/),
        hint: expect.stringContaining('DROP TRIGGER "swallow"'),
      })
      expect((await doctor()).findings).toContainEqual(
        expect.objectContaining({ code: 'UNTRUSTED_TABLE', command: 'DROP TRIGGER "swallow"' }),
      )
      run('DROP TRIGGER "swallow"')
      await up(file, both)
      expect(versionTable(file)).toBe('2/0')
    })

    test('are used with x-trust-version-table, as a history of the version needs them', async () => {
      await up(file, first)
      run(
        'CREATE TABLE versions (v); CREATE TRIGGER kept AFTER UPDATE ON schema_migrations BEGIN INSERT INTO versions VALUES (NEW.version); END',
      )
      await up(`sqlite://${file}?x-trust-version-table=true`, both)
      expect(versionTable(file)).toBe('2/0')
      expect(column(file, 'SELECT DISTINCT v FROM versions')).toEqual([2])
    })

    test.each(['step', 'non-transactional step'])(
      'that undo the write end the run of a %s, and are named',
      async (kind) => {
        await up(file, first)
        run(`${swallow('UPDATE')}; ${swallow('INSERT').replace('swallow', 'eat')}`)
        const script = kind === 'step' ? 'create table b (i int)' : 'VACUUM'
        const startedAt = performance.now()
        const error = await rejection(
          up(`sqlite://${file}?x-trust-version-table=1`, [...first, script]),
        )
        expect(error).toMatchObject({
          code: 'STATE_CHANGED',
          message: expect.stringMatching(/stays at 1: 4 attempts/),
        })
        expect(performance.now() - startedAt).toBeLessThan(5000)
        expect(versionTable(file)).toBe('1/0')
      },
    )
  })

  describe('columns and rows', () => {
    test.each([
      ['(NULL, 0)', /no integer as its version/],
      ['(1, NULL)', /no integer as its dirty/],
    ])('a row %s is refused, and doctor says what to do', async (row, reason) => {
      run(
        `CREATE TABLE schema_migrations (version uint64, dirty bool); INSERT INTO schema_migrations VALUES ${row}`,
      )
      expect(await rejection(up(file, both))).toMatchObject(untrusted(reason))
      const found = (await doctor()).findings.find(({ code }) => code === 'UNTRUSTED_TABLE')
      expect(found?.title).toMatch(reason)
      run((found?.command ?? '').replace('VERSION', '1'))
      await up(file, both)
      expect(versionTable(file)).toBe('2/0')
    })

    test.each([
      ['version text, dirty bool', /the column version .* TEXT/],
      ['version varchar(255) primary key', /has no column dirty/],
    ])('a table (%s) is refused', async (columns, reason) => {
      run(`CREATE TABLE schema_migrations (${columns})`)
      expect(await rejection(up(file, both))).toMatchObject(untrusted(reason))
      expect((await doctor()).findings).toContainEqual(
        expect.objectContaining({ code: 'UNTRUSTED_TABLE', title: expect.stringMatching(reason) }),
      )
    })
  })

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '_pragma'])(
    'the URL parameter %s is an unknown one',
    (name) => {
      expect(() => sqliteDriver(`sqlite://${file}?${name}=1`)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(/does not know the URL parameter|cannot be set/),
        }),
      )
      expect(() => sqliteDriver(`sqlite://${file}?_pragma=constructor(1)`)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
      expect(existsSync(file)).toBe(false)
    },
  )
})
