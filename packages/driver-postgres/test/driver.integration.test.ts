import { isMigrateError } from '@mig/core'
import { ledgerColumns, ledgerTableOf } from '../src/tables/ledger.ts'
import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fromUrl, postgresDriver } from '../src/index.ts'
import { run, tablesOf } from './admin.ts'
import { attempt, migratorOn } from './attempt.ts'

describeDatabase(['postgres', 'postgres-old'], 'postgres', (kind) => {
  let database: TestDatabase
  let url: string
  const withQuery = (query: string): string => `${url}${url.includes('?') ? '&' : '?'}${query}`
  beforeEach(async () => {
    database = await testDatabase(kind)
    ;({ url } = database)
  })
  afterEach(async () => database.drop())

  describe('version table', () => {
    test('is the one golang-migrate makes', async () => {
      await attempt(url, { '1_a.up.sql': '' })
      expect(
        await run(
          url,
          `SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
            WHERE table_name = 'schema_migrations' ORDER BY ordinal_position`,
        ),
      ).toEqual([
        { column_name: 'version', data_type: 'bigint', is_nullable: 'NO', column_default: null },
        { column_name: 'dirty', data_type: 'boolean', is_nullable: 'NO', column_default: null },
      ])
      expect(
        await run(
          url,
          "SELECT conname, contype::text FROM pg_constraint WHERE conrelid = 'schema_migrations'::regclass AND contype = 'p'",
        ),
      ).toEqual([{ conname: 'schema_migrations_pkey', contype: 'p' }])
    })

    test('lives where the search path leads, or where its quoted name says', async () => {
      await run(url, 'CREATE SCHEMA one; CREATE SCHEMA "Two"')
      const files = { '1_a.up.sql': 'create table a(i int)' }
      await attempt(withQuery('search_path=one'), files)
      const quoted = encodeURIComponent('"Two"."Versions"')
      const done = await attempt(
        withQuery(`x-migrations-table=${quoted}&x-migrations-table-quoted=true`),
        files,
      )
      expect(done.error).toBeUndefined()
      expect(
        await run(
          url,
          `SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('one', 'Two') ORDER BY 1, 2`,
        ),
      ).toEqual(
        expect.arrayContaining([
          { schemaname: 'one', tablename: 'schema_migrations' },
          { schemaname: 'Two', tablename: 'Versions' },
        ]),
      )
    })

    test('with rows that should not be there is read as golang-migrate does, and left with one', async () => {
      await run(
        url,
        'CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null); INSERT INTO schema_migrations VALUES (2, false), (1, false)',
      )
      const files = { '1_a.up.sql': '', '2_b.up.sql': '', '3_c.up.sql': 'create table c(i int)' }
      const done = await attempt(url, files)
      expect(done.error).toBeUndefined()
      expect(done.state).toEqual({ version: 3n, dirty: false })
      expect(await run(url, 'SELECT version::int FROM schema_migrations')).toEqual([{ version: 3 }])
    })

    test('with a clean -1 is one with nothing applied', async () => {
      await run(
        url,
        'CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null); INSERT INTO schema_migrations VALUES (-1, false)',
      )
      const done = await attempt(url, { '1_a.up.sql': '' })
      expect(done.error).toBeUndefined()
      expect(await run(url, 'SELECT version::int FROM schema_migrations')).toEqual([{ version: 1 }])
    })

    test('of another tool is refused with advice', async () => {
      await run(url, 'CREATE TABLE schema_migrations (version varchar not null primary key)')
      const migrator = await migratorOn(url, {})
      await expect(migrator.version()).rejects.toMatchObject({
        code: 'VERSION_TABLE_UNTRUSTED',
        hint: expect.stringContaining('x-migrations-table') as string,
      })
      await migrator.close()
    })

    test('in a search path without a schema that exists is refused', async () => {
      await expect(
        postgresDriver(withQuery('search_path=nowhere')).open({ ledger: true }),
      ).rejects.toMatchObject({ code: 'INVALID_OPTION', details: { option: 'search_path' } })
    })
  })

  describe('rights', () => {
    let role: string
    const asRole = (): string => {
      const changed = new URL(url)
      changed.username = role
      changed.password = 'pw'
      return changed.href
    }
    beforeEach(async () => {
      role = `r_${database.name}`.slice(0, 60)
      await run(
        url,
        `CREATE ROLE "${role}" LOGIN PASSWORD 'pw'; REVOKE ALL ON SCHEMA public FROM public; GRANT USAGE ON SCHEMA public TO "${role}"`,
      )
    })
    afterEach(() => run(url, `DROP OWNED BY "${role}"; DROP ROLE "${role}"`))

    test('to read are enough to read', async () => {
      const migrator = await migratorOn(asRole(), {})
      expect(await migrator.version()).toEqual({ version: null, dirty: false })
      await run(
        url,
        `CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null); INSERT INTO schema_migrations VALUES (5, true); GRANT SELECT ON schema_migrations TO "${role}"`,
      )
      expect(await migrator.version()).toEqual({ version: 5n, dirty: true })
      await migrator.close()
    })

    test('to create missing: the version table cannot be made, and says so', async () => {
      const done = await attempt(asRole(), { '1_a.up.sql': '' })
      expect(done.error).toMatchObject({
        code: 'DATABASE_FAILED',
        details: { serverCode: '42501' },
      })
    })

    test('to create missing: no ledger, and that is no error', async () => {
      await run(
        url,
        `CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null); GRANT SELECT, INSERT, UPDATE, DELETE ON schema_migrations TO "${role}"`,
      )
      const done = await attempt(asRole(), { '1_a.up.sql': 'select 1', '2_b.up.sql': 'vacuum' })
      expect(done.error).toBeUndefined()
      expect(done.state).toEqual({ version: 2n, dirty: false })
      expect(done.events).toContainEqual(
        expect.objectContaining({ type: 'warning', code: 'ledger-unavailable' }),
      )
    })

    test('of golang-migrate only: TRUNCATE and INSERT', async () => {
      await run(
        url,
        `CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null); GRANT SELECT, INSERT, TRUNCATE ON schema_migrations TO "${role}"`,
      )
      const files = { '1_a.up.sql': 'select 1', '1_a.down.sql': 'select 2', '2_b.up.sql': 'vacuum' }
      const done = await attempt(asRole(), files)
      expect(done.error).toBeUndefined()
      expect(done.result?.durability).toEqual({ confirmed: true })
      expect(done.state).toEqual({ version: 2n, dirty: false })
      const migrator = await migratorOn(asRole(), files)
      await migrator.goto(null, { missingDown: 'skip' })
      expect(await run(url, 'SELECT * FROM schema_migrations')).toEqual([])
      await migrator.close()
    })
  })

  describe('ledger', () => {
    test('of a table with a long name gets a name of its own', async () => {
      const name = `${'ä'.repeat(20)}_${'x'.repeat(20)}`
      const { name: ledger } = ledgerTableOf({ schema: 'public', name })
      expect(Buffer.byteLength(ledger)).toBeLessThanOrEqual(63)
      await attempt(url, { '1_a.up.sql': '' }, { migrationsTable: name })
      expect(await tablesOf(url)).toEqual([name, ledger].toSorted())
    })

    test.each([
      ['over 63 bytes', 'v'.repeat(70)],
      ['with a NUL', 'schema_migrations\0, cut'],
    ])('is found at once where the name of the version table is cut: %s', async (_, name) => {
      const migrationsTable = name
      await attempt(url, { '1_a.up.sql': '' }, { migrationsTable })
      const driver = await postgresDriver(url).open({ ledger: true, migrationsTable })
      expect(await driver.readLedger?.({ summary: true })).toMatchObject({
        state: { version: 1n, dirty: false },
      })
      await driver.close()
    })

    test('of steps upwards is told in short', async () => {
      await attempt(url, { '1_a.up.sql': 'create table a(i int)', '2_b.up.sql': 'vacuum' })
      const driver = await postgresDriver(url).open({ ledger: true })
      expect(await driver.readLedger?.({ summary: true })).toMatchObject({
        events: [],
        linear: { versions: '1\n2', recorded: { version: 2n, dirty: false } },
      })
      await driver.close()
    })

    test('that is not a ledger is left alone', async () => {
      await run(url, 'CREATE TABLE schema_migrations_history (id int)')
      const done = await attempt(url, { '1_a.up.sql': 'create table a(i int)' })
      expect(done.error).toBeUndefined()
      expect(done.events).toContainEqual(
        expect.objectContaining({
          code: 'ledger-unavailable',
          message: expect.stringContaining('no column') as string,
        }),
      )
      expect(ledgerColumns).toContain('run_id')
    })
  })

  describe('connection', () => {
    test('shows host and process, and keeps its settings after a step', async () => {
      const done = await attempt(url, {
        '1_a.up.sql': 'create table a(i int)',
        '2_b.up.sql': `create table b as select current_setting('application_name') as name,
          current_setting('client_connection_check_interval') as check, current_setting('idle_session_timeout') as idle`,
      })
      expect(done.error).toBeUndefined()
      const [row] = await run(url, 'SELECT name, "check", idle FROM b')
      expect(row).toMatchObject({ check: '2s', idle: '0' })
      expect(row?.['name']).toMatch(new RegExp(`^mig \\S+ ${process.pid}$`))
    })

    test('takes run-time parameters, options and names from the URL', async () => {
      const query = `search_path=${encodeURIComponent('nowhere, public')}&options=${encodeURIComponent('-c work_mem=5MB')}&application_name=me%20too&lock_timeout=7s`
      const done = await attempt(withQuery(query), {
        '1_a.up.sql': `create table public.a as select current_setting('search_path') as path,
          current_setting('work_mem') as mem, current_setting('application_name') as name, current_setting('lock_timeout') as timeout`,
      })
      expect(done.error).toBeUndefined()
      expect(await run(url, 'SELECT * FROM a')).toEqual([
        { path: 'nowhere, public', mem: '5MB', name: 'me too', timeout: '7s' },
      ])
    })

    test('names what is wrong with a parameter of the session', async () => {
      await expect(
        postgresDriver(withQuery('no_such_parameter=1')).open({ ledger: true }),
      ).rejects.toMatchObject({
        code: 'CONNECTION_FAILED',
        message: expect.stringContaining('no_such_parameter') as string,
        details: { retryable: false },
      })
    })

    test('works with TLS as far as the server has it', async () => {
      const [row] = await run(url, "SELECT current_setting('ssl') AS ssl")
      const plain = await postgresDriver(withQuery('sslmode=disable')).open({ ledger: true })
      await plain.close()
      const modes = ['allow', 'prefer']
      for (const mode of modes) {
        const driver = await postgresDriver(withQuery(`sslmode=${mode}`)).open({ ledger: true })
        await driver.close()
      }
      const verified = postgresDriver(withQuery('sslmode=verify-full')).open({ ledger: true })
      await expect(verified).rejects.toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { retryable: false },
      })
      const required = await postgresDriver(withQuery('sslmode=require'))
        .open({ ledger: true })
        .then((driver) => driver.close())
        .catch((error: unknown) => (isMigrateError(error) ? error.code : error))
      expect(required).toBe(row?.['ssl'] === 'on' ? undefined : 'CONNECTION_FAILED')
    })

    test('fills what the URL leaves out from the environment that it is given', async () => {
      const { hostname, port, username, password, pathname } = new URL(url)
      const driver = await fromUrl('postgres://', {
        environment: {
          PGHOST: hostname,
          PGPORT: port,
          PGUSER: username,
          PGPASSWORD: decodeURIComponent(password),
          PGDATABASE: pathname.slice(1),
        },
      }).open({ ledger: true })
      expect(driver.database).toMatchObject({ name: database.name })
      await driver.close()
    })

    test('says who it could not connect as, and never the password', async () => {
      const wrong = new URL(url)
      wrong.password = 'wr%40ng'
      const error: unknown = await postgresDriver(wrong.href)
        .open({ ledger: true })
        .catch((reason: unknown) => reason)
      if (!isMigrateError(error)) throw error
      expect(error).toMatchObject({ code: 'CONNECTION_FAILED', details: { retryable: false } })
      expect(error.message).toContain(`"${database.name}"`)
      expect(`${error.message} ${error.hint}`).not.toMatch(/wr(%40|@)ng/)
    })

    test('x-multi-statement runs every script statement by statement', async () => {
      const done = await attempt(withQuery('x-multi-statement=true'), {
        '1_a.up.sql': 'create table a(i int); create index concurrently ai on a(i)',
        '2_b.up.sql': 'create table b(i int); select nonsense',
      })
      expect(done.error?.details.failed).toMatchObject({ version: 2n, statement: 2 })
      expect(done.state).toEqual({ version: 2n, dirty: true })
      expect(await tablesOf(url)).toContain('b')
    })
  })
})
