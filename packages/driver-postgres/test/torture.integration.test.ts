import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMigrator, memorySource } from '@mig/core'
import type { Driver } from '@mig/core/driver'
import { postgresDriver } from '../src/index.ts'
import { run, tablesOf } from './admin.ts'
import { attempt, kindsOf } from './attempt.ts'

const clean = (version: bigint | null): object => ({ version, dirty: false })

describeDatabase(['postgres', 'postgres-old'], 'torture', (kind) => {
  let database: TestDatabase
  let url: string
  beforeEach(async () => {
    database = await testDatabase(kind)
    ;({ url } = database)
  })
  afterEach(async () => database.drop())

  const things = async (): Promise<readonly string[]> =>
    (await tablesOf(url)).filter((name) => !name.startsWith('schema_migrations'))

  const ledger = (): Promise<readonly Record<string, unknown>[]> =>
    run(url, 'SELECT kind, version::text, dirty FROM schema_migrations_history ORDER BY id')

  test('1 comment-tail: a script may end in a comment', async () => {
    const done = await attempt(url, { '1_a.up.sql': 'create table a(i int) -- bye' })
    expect(done.error).toBeUndefined()
    expect(done.state).toEqual(clean(1n))
    expect(await things()).toEqual(['a'])
  })

  test('2 begin-commit: marker and ledger are written inside the block of the body', async () => {
    const script = [
      '-- c',
      'BEGIN;',
      'create table seen as select version, dirty from schema_migrations; -- the first write',
      'COMMIT; -- d',
    ].join('\n')
    const done = await attempt(url, { '1_a.up.sql': script })
    expect(done.error).toBeUndefined()
    expect(kindsOf(done)).toEqual(['transactional'])
    expect(done.state).toEqual(clean(1n))
    expect(await run(url, 'select version::text, dirty from seen')).toEqual([
      { version: '1', dirty: true },
    ])
    const [row] = await run(
      url,
      `SELECT (SELECT xmin FROM schema_migrations_history)
        = (SELECT xmin FROM pg_class WHERE relname = 'seen') AS same`,
    )
    expect(row).toEqual({ same: true })
  })

  test('3 begin-isolation: nothing stands before the BEGIN of the second step', async () => {
    const done = await attempt(url, {
      '1_a.up.sql': 'create table a(i int)',
      '2_b.up.sql':
        "BEGIN ISOLATION LEVEL SERIALIZABLE; create table b as select current_setting('transaction_isolation') as level; COMMIT;",
    })
    expect(done.error).toBeUndefined()
    expect(done.state).toEqual(clean(2n))
    expect(await run(url, 'select level from b')).toEqual([{ level: 'serializable' }])
  })

  test('4 set-transaction: stays the first statement of its transaction', async () => {
    const level = "current_setting('transaction_isolation') as level"
    const done = await attempt(url, {
      '1_a.up.sql': `SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; create table a as select ${level}`,
      '2_b.up.sql': `BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; create table b as select ${level}; COMMIT`,
    })
    expect(done.error).toBeUndefined()
    expect(done.state).toEqual(clean(2n))
    expect(await run(url, 'select level from a union all select level from b')).toEqual([
      { level: 'serializable' },
      { level: 'serializable' },
    ])
  })

  test.each([
    ['5 block-rollback', 'BEGIN;\ncreate table a(i int);\nROLLBACK;', 3],
    ['6 commit-and-chain', 'BEGIN;\ncreate table a(i int);\nCOMMIT AND CHAIN;', 3],
    ['7 prepare-transaction', "create table a(i int);\nPREPARE TRANSACTION 'x';", 2],
  ])('%s: refused with its line, and nothing is changed', async (_, script, line) => {
    const done = await attempt(url, { '1_a.up.sql': script })
    expect(done.error?.code).toBe('INVALID_BODY')
    expect(done.error?.details.line).toBe(line)
    expect(done.state).toEqual(clean(null))
    expect(await things()).toEqual([])
    expect(await run(url, 'select * from pg_prepared_xacts')).toEqual([])
  })

  test.each([
    ['an error after it', 'create table a(i int); COMMIT; create table a(i int)'],
    ['more after it', 'create table a(i int); COMMIT; create table b(i int)'],
    ['another transaction', 'create table a(i int); COMMIT; BEGIN; create table b(i int)'],
  ])('8 lexer-blind commit with %s: dirty, never clean', async (_, script) => {
    const blind = await blindMigrator(url, script)
    await expect(blind.up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
    expect(await blind.version()).toEqual({ version: 1n, dirty: true })
    await blind.close()
    expect(await things()).toEqual(['a'])
  })

  test('8 lexer-blind rollback: nothing happened', async () => {
    const blind = await blindMigrator(url, 'create table a(i int); ROLLBACK; create table b(i int)')
    await expect(blind.up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
    expect(await blind.version()).toEqual(clean(null))
    await blind.close()
    expect(await things()).toEqual([])
  })

  test('8 lexer-blind rollback in a script of several messages: nothing happened', async () => {
    const rows = Array.from(
      { length: 4000 },
      (_, i) => `insert into big values (${i}, '${'x'.repeat(200)}')`,
    )
    const blind = await blindMigrator(
      url,
      [
        'create table big(i int, t text)',
        'ROLLBACK',
        'create table big(i int, t text)',
        ...rows,
      ].join(';\n'),
    )
    await expect(blind.up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
    expect(await blind.version()).toEqual(clean(null))
    await blind.close()
  })

  test('9 post-commit error: applied and recorded, and the error is reported', async () => {
    const done = await attempt(url, {
      '1_a.up.sql': 'BEGIN;\ncreate table a(i int);\nCOMMIT;\nSET nosuch = 1;',
    })
    expect(done.error?.code).toBe('MIGRATION_FAILED')
    expect(done.error?.details.failed).toMatchObject({ statement: 4, line: 4 })
    expect(done.error?.details.applied).toMatchObject([{ version: 1n }])
    expect(done.state).toEqual(clean(1n))
    expect(await things()).toEqual(['a'])
    expect(await ledger()).toMatchObject([{ kind: 'applied', version: '1' }])
  })

  test('10 do-commit: non-transactional alone, and an error with a hint among others', async () => {
    const block = 'DO $$begin create table a(i int); commit; create table b(i int); end$$'
    const alone = await attempt(url, { '1_a.up.sql': `${block};` })
    expect(alone.error).toBeUndefined()
    expect(kindsOf(alone)).toEqual(['non-transactional'])
    expect(alone.state).toEqual(clean(1n))

    const others = await attempt(url, {
      '1_a.up.sql': `${block};`,
      '2_b.up.sql': `create table c(i int); ${block.replaceAll('table ', 'table z')}`,
    })
    expect(others.error?.details.failed).toMatchObject({ serverCode: '2D000', statement: 2 })
    expect(others.error?.hint).toContain('-- mig: transaction=none')
    expect(others.state).toEqual(clean(1n))
    expect(await things()).toEqual(['a', 'b'])
  })

  test('10 a statement that no lexer knows to be outside: 25001, clean, hint', async () => {
    const partitioned = await attempt(url, {
      '1_a.up.sql':
        'create table p(i int) partition by range (i); create table p1 partition of p for values from (1) to (2); create index pi on p(i)',
      '2_b.up.sql': 'REINDEX TABLE p',
    })
    expect(partitioned.error?.details.failed).toMatchObject({ serverCode: '25001' })
    expect(partitioned.error?.hint).toContain('-- mig: transaction=none')
    expect(partitioned.state).toEqual(clean(1n))
  })

  test('11 scs-off: a backslash ends no string where the database says so', async () => {
    await run(
      url,
      `DO $$begin execute format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database()); end$$`,
    )
    const done = await attempt(url, {
      '1_a.up.sql': "create table a(t text); insert into a values('x\\'); COMMIT; -- y')",
    })
    expect(done.error).toBeUndefined()
    expect(done.state).toEqual(clean(1n))
    expect(await run(url, 'select t from a')).toEqual([{ t: "x'); COMMIT; -- y" }])
  })

  test.each([
    ['in its transaction', (role: string) => `SET LOCAL ROLE ${role}; create table a(i int)`],
    [
      'around its block',
      (role: string) => `SET ROLE ${role}; BEGIN; create table a(i int); COMMIT; RESET ROLE;`,
    ],
    ['for good', (role: string) => `SET SESSION AUTHORIZATION ${role}; create table a(i int)`],
  ])('12 role-drop: a body that gives rights away %s', async (_, script) => {
    const role = `low_${database.name}`.slice(0, 60)
    await run(url, `CREATE ROLE "${role}"; GRANT ALL ON SCHEMA public TO "${role}"`)
    try {
      const done = await attempt(url, {
        '1_a.up.sql': script(`"${role}"`),
        '2_b.up.sql': 'create table b as select current_user::text as who',
      })
      expect(done.error).toBeUndefined()
      expect(done.state).toEqual(clean(2n))
      const [owner] = await run(url, "select tableowner from pg_tables where tablename = 'a'")
      expect(owner).toEqual({ tableowner: role })
      const [who] = await run(url, 'select who, current_user::text as me from b')
      expect(who?.['who']).toBe(who?.['me'])
    } finally {
      await run(url, `DROP OWNED BY "${role}"; DROP ROLE "${role}"`)
    }
  })

  const dumpHeader = [
    'SET statement_timeout = 0;',
    'SET lock_timeout = 0;',
    "SET client_encoding = 'UTF8';",
    'SET standard_conforming_strings = on;',
    "SELECT pg_catalog.set_config('search_path', '', false);",
    'SET check_function_bodies = false;',
    'SET client_min_messages = warning;',
    'CREATE TABLE public.a (i integer);',
  ].join('\n')

  test('13 dump-header: the search path of a dump does not reach the next step', async () => {
    const files = { '1_dump.up.sql': dumpHeader, '2_b.up.sql': 'create table b(i int)' }
    const done = await attempt(url, files)
    expect(done.error).toBeUndefined()
    expect(done.state).toEqual(clean(2n))
    expect(await things()).toEqual(['a', 'b'])

    const restricted = await attempt(url, {
      ...files,
      '3_dump.up.sql': `--\n-- PostgreSQL database dump\n\\restrict abc\n${dumpHeader}`,
    })
    expect(restricted.error?.code).toBe('INVALID_BODY')
    expect(restricted.error?.details.line).toBe(3)
    expect(restricted.state).toEqual(clean(2n))
  })

  test.each([
    ['drops its schema', 'DROP SCHEMA public CASCADE; CREATE SCHEMA public;'],
    ['renames the table', 'ALTER TABLE schema_migrations RENAME TO elsewhere'],
    ['changes the row', 'UPDATE schema_migrations SET version = 99'],
    ['empties it', 'TRUNCATE schema_migrations'],
  ])('14 drop-own-marker: a body that %s fails, and nothing is changed', async (_, script) => {
    const files = { '1_a.up.sql': 'create table a(i int)' }
    await attempt(url, files)
    const done = await attempt(url, { ...files, '2_b.up.sql': script })
    expect(done.error?.code).toBe('MIGRATION_FAILED')
    expect(done.error?.hint).toContain('x-migrations-table')
    expect(done.state).toEqual(clean(1n))
    expect(await things()).toEqual(['a'])
  })

  test('15 deferred-fk: the COMMIT names the step, and those before it are kept', async () => {
    const done = await attempt(url, {
      '1_a.up.sql': 'create table a(i int primary key)',
      '2_b.up.sql': 'create table b(i int references a DEFERRABLE INITIALLY DEFERRED)',
      '3_c.up.sql': 'insert into b values (7); insert into b values (8)',
      '4_d.up.sql': 'create table d(i int)',
    })
    expect(done.error?.details.failed).toMatchObject({ version: 3n, serverCode: '23503' })
    expect(done.error?.details.failed?.statement).toBeUndefined()
    expect(done.error?.details.applied).toHaveLength(2)
    expect(done.state).toEqual(clean(2n))
  })

  test('17 cic-mixed: a failed build leaves a dirty mark, and its INVALID index is named', async () => {
    const done = await attempt(url, {
      '1_a.up.sql': 'create table a(i int); insert into a values (1), (1)',
      '2_b.up.sql': 'create table b(i int); create unique index concurrently ai on a(i)',
    })
    expect(done.error?.details.failed).toMatchObject({
      version: 2n,
      statement: 2,
      serverCode: '23505',
    })
    expect(done.error?.hint).toContain('"public"."ai"')
    expect(done.state).toEqual({ version: 2n, dirty: true })
    expect(await things()).toEqual(['a', 'b'])
    expect(await ledger()).toMatchObject([
      { kind: 'applied' },
      { kind: 'started', version: '2' },
      { kind: 'statement', version: '2' },
      { kind: 'failed', version: '2', dirty: true },
    ])
  })

  test('a non-transactional script that leaves a transaction open is told so', async () => {
    const done = await attempt(url, {
      '1_a.up.sql': '-- mig: transaction=none\nBEGIN;\ncreate table a(i int)',
    })
    expect(done.error?.details.failed?.serverMessage).toContain('leaves a transaction open')
    expect(done.state).toEqual({ version: 1n, dirty: true })
    expect(await things()).toEqual([])
    expect((await ledger()).filter(({ kind: event }) => event === 'statement')).toEqual([])
  })

  test('a block inside a non-transactional script is recorded at its end', async () => {
    const done = await attempt(url, {
      '1_a.up.sql': '-- mig: transaction=none\nBEGIN; create table a(i int); COMMIT; vacuum',
    })
    expect(done.error).toBeUndefined()
    const rows = await run(
      url,
      "SELECT statement FROM schema_migrations_history WHERE kind = 'statement' ORDER BY id",
    )
    expect(rows).toEqual([{ statement: 3 }, { statement: 4 }])
  })
})

/** A migrator whose lexer takes every statement for a plain one. */
const blindMigrator = (url: string, script: string): ReturnType<typeof createMigrator> => {
  const factory = postgresDriver(url)
  return createMigrator({
    source: memorySource({ '1_a.up.sql': script }),
    driver: {
      name: factory.name,
      open: async (settings) => {
        const driver: Driver = await factory.open(settings)
        return {
          ...driver,
          split: (text) => ({
            statements: [...driver.split(text).statements].map((statement) => ({
              ...statement,
              role: 'plain' as const,
            })),
          }),
        }
      },
    },
  })
}
