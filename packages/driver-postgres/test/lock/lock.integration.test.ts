import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresDriver } from '../../src/index.ts'
import { run, tablesOf } from '../admin.ts'
import { attempt } from '../attempt.ts'
import {
  golangMigrate,
  golangMigrateLibrary,
  startGolangMigrate,
  startGolangMigrateLibrary,
} from '../golang-migrate.ts'
import { waitUntil } from '../wait-until.ts'

describeDatabase(['postgres', 'postgres-old'], 'locks', (kind) => {
  let database: TestDatabase
  let url: string
  beforeEach(async () => {
    database = await testDatabase(kind)
    ;({ url } = database)
  })
  afterEach(async () => database.drop())

  const plain = (): string => `${url}${url.includes('?') ? '&' : '?'}sslmode=disable`

  const waiters = async (): Promise<number> => {
    const [row] = await run(
      url,
      `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    return Number(row?.['n'])
  }

  const sleeping = async (): Promise<boolean> => {
    const rows = await run(
      url,
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND query LIKE '%pg_sleep%' AND state = 'active' AND wait_event = 'PgSleep'`,
    )
    return rows.length > 0
  }

  test('18 unlock-all: every step runs exactly once, with a second run waiting', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [
        `${i + 1}_a.up.sql`,
        `create table t${i + 1}(i int); select pg_advisory_unlock_all(); select pg_sleep(0.02)`,
      ]),
    )
    const attempts = await Promise.all([attempt(url, files), attempt(url, files)])
    for (const { error } of attempts) expect([undefined, 'LOCK_LOST']).toContain(error?.code)
    const [row] = await run(
      url,
      `SELECT count(*)::int AS rows, count(DISTINCT version)::int AS versions
        FROM schema_migrations_history WHERE kind = 'applied'`,
    )
    expect(row).toEqual({ rows: 12, versions: 12 })
    expect(attempts[0]?.state).toEqual({ version: 12n, dirty: false })
  })

  test('18 unlock-all in a non-transactional step: the lock is taken again', async () => {
    const done = await attempt(url, {
      '1_a.up.sql':
        '-- mig: transaction=none\nselect pg_advisory_unlock_all(); create table a(i int)',
      '2_b.up.sql': 'create table b(i int)',
    })
    expect(done.error).toBeUndefined()
    expect(done.state).toEqual({ version: 2n, dirty: false })
  })

  test('tells that the lock is lost where somebody else has it by now', async () => {
    const driver = await postgresDriver(url).open({ ledger: true })
    const other = await postgresDriver(url).open({ ledger: true })
    await driver.tryLock()
    await run(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    await waitUntil('the lock is free', async () => (await other.tryLock()).held)
    await expect(driver.unlock()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await other.unlock()
    await Promise.all([driver.close(), other.close()])
  })

  test('names the holder by host and process', async () => {
    const driver = await postgresDriver(url).open({ ledger: true })
    const other = await postgresDriver(url).open({ ledger: true })
    await driver.tryLock()
    const attempted = await other.tryLock()
    expect(attempted).toMatchObject({ held: false })
    expect(attempted.held ? '' : attempted.holder).toMatch(
      new RegExp(
        `^mig on \\S+, process ${process.pid}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC$`,
      ),
    )
    await Promise.all([driver.close(), other.close()])
  })

  test('refuses a non-transactional step under the lock strategy transaction', async () => {
    const done = await attempt(url, { '1_a.up.sql': 'vacuum' }, { lock: 'transaction' })
    expect(done.error).toMatchObject({ code: 'INVALID_OPTION', details: { option: 'lock' } })
    expect(done.state).toEqual({ version: null, dirty: false })
  })

  test('a step under the lock strategy transaction waits for a session that holds the lock', async () => {
    const holder = await postgresDriver(url).open({ ledger: true })
    await holder.tryLock()
    const waiting = await attempt(
      url,
      { '1_a.up.sql': 'create table a(i int)' },
      { lock: 'transaction', lockTimeoutMs: 300 },
    )
    expect(waiting.error).toMatchObject({ code: 'LOCK_TIMEOUT' })
    expect(waiting.error?.details.holder).toContain('mig on')
    await holder.unlock()
    const done = await attempt(
      url,
      { '1_a.up.sql': 'create table a(i int)' },
      { lock: 'transaction' },
    )
    expect(done.error).toBeUndefined()
    await holder.close()
  })

  test('the lock table is that of golang-migrate, and a stale row is removed by clearLock', async () => {
    const driver = await postgresDriver(`${plain()}&x-lock-strategy=table&x-lock-table=l`).open({
      ledger: false,
    })
    expect(await driver.tryLock()).toEqual({ held: true })
    const [column] = await run(
      url,
      `SELECT data_type, is_nullable, column_name FROM information_schema.columns WHERE table_name = 'l'`,
    )
    expect(column).toEqual({ data_type: 'bigint', is_nullable: 'NO', column_name: 'lock_id' })
    const other = await postgresDriver(url).open({ ledger: false, lock: 'table' })
    expect(await other.tryLock()).toEqual({ held: true })
    await other.close()
    const third = await postgresDriver(`${plain()}&x-lock-strategy=table&x-lock-table=l`).open({
      ledger: false,
    })
    expect(await third.tryLock()).toMatchObject({ held: false })
    expect(await third.clearLock()).toEqual({ cleared: true })
    expect(await third.tryLock()).toEqual({ held: true })
    await third.close()
    await expect(driver.close()).rejects.toMatchObject({ code: 'LOCK_LOST' })
  })

  describe.skipIf(golangMigrate === undefined)('with golang-migrate', () => {
    test.each([
      ['with its path', (name: string) => `/${name}`, ''],
      ['without a path', () => '', (name: string) => `&dbname=${name}`],
      ['with a bare slash', () => '/', (name: string) => `&dbname=${name}`],
    ])('28 two-forms: a run of the URL %s keeps mig out', async (_, path, more) => {
      const other = new URL(plain())
      other.pathname = path(database.name)
      const holder = startGolangMigrate(
        `${other.href}${typeof more === 'string' ? more : more(database.name)}`,
        { '1_a.up.sql': 'create table a(i int); select pg_sleep(1.5)' },
      )
      await waitUntil('golang-migrate runs its script', sleeping)
      const driver = await postgresDriver(url).open({ ledger: true })
      expect(await driver.tryLock()).toMatchObject({ held: false })
      await driver.close()
      const files = { '1_a.up.sql': 'create table a(i int)', '2_b.up.sql': 'create table b(i int)' }
      const done = await attempt(url, files)
      expect(await holder.ended).toMatchObject({ code: 0 })
      expect(done.error).toBeUndefined()
      expect(done.result?.steps.map(({ version }) => version)).toEqual([2n])
      expect(await run(url, 'select kind from schema_migrations_history order by id')).toEqual([
        { kind: 'observed' },
        { kind: 'applied' },
      ])
    })

    test.skipIf(golangMigrateLibrary === undefined)(
      '28 two-forms: a run of the library keeps mig out (skipped without MIG_GOLANG_MIGRATE_LIBRARY)',
      async () => {
        const holder = startGolangMigrateLibrary(plain(), {
          '1_a.up.sql': 'create table a(i int); select pg_sleep(1.5)',
        })
        await waitUntil('the library runs its script', sleeping)
        const driver = await postgresDriver(url).open({ ledger: true })
        expect(await driver.tryLock()).toMatchObject({ held: false })
        await driver.close()
        const done = await attempt(url, { '1_a.up.sql': '', '2_b.up.sql': '' })
        expect(await holder.ended).toEqual({ code: 0, output: '' })
        expect(done.error).toBeUndefined()
        expect(done.result?.steps.map(({ version }) => version)).toEqual([2n])
      },
    )

    test.skipIf(golangMigrateLibrary === undefined)(
      '28 two-forms: the library waits for mig (skipped without MIG_GOLANG_MIGRATE_LIBRARY)',
      async () => {
        const driver = await postgresDriver(url).open({ ledger: true })
        expect(await driver.tryLock()).toEqual({ held: true })
        const other = startGolangMigrateLibrary(plain(), { '1_a.up.sql': 'create table a(i int)' })
        await waitUntil('the library waits for the lock', async () => (await waiters()) > 0)
        expect(await tablesOf(url)).not.toContain('a')
        await driver.close()
        expect(await other.ended).toEqual({ code: 0, output: '' })
        expect(await tablesOf(url)).toContain('a')
      },
    )

    test('28 two-forms: the strategy transaction is kept out by it too', async () => {
      const holder = startGolangMigrate(plain(), { '1_a.up.sql': 'select pg_sleep(1)' })
      await waitUntil('golang-migrate runs its script', sleeping)
      const done = await attempt(
        url,
        { '1_a.up.sql': '', '2_b.up.sql': '' },
        { lock: 'transaction' },
      )
      expect(await holder.ended).toMatchObject({ code: 0 })
      expect(done.state).toEqual({ version: 2n, dirty: false })
    })

    const concurrent = {
      '1_a.up.sql': 'create table a(i int); insert into a select generate_series(1, 1000)',
      '2_b.up.sql': 'create index concurrently ai on a(i)',
    }

    test.each([['alive'], ['killed']])('16 cic-waiter: %s', async (fate) => {
      await attempt(url, { '1_a.up.sql': concurrent['1_a.up.sql'] })
      // Holds the lock until golang-migrate waits inside pg_advisory_lock.
      const holder = await postgresDriver(url).open({ ledger: true })
      await holder.tryLock()
      const mig = attempt(url, concurrent)
      const other = startGolangMigrate(plain(), concurrent)
      await waitUntil('golang-migrate waits for the lock', async () => (await waiters()) > 0)
      if (fate === 'killed') other.kill()
      await holder.close()
      const done = await mig
      const ended = await other.ended
      expect(ended.code).toBe(fate === 'alive' ? 0 : null)
      expect(done.error).toBeUndefined()
      expect(done.state).toEqual({ version: 2n, dirty: false })
      expect(
        await run(url, "select indisvalid from pg_index where indexrelid = 'ai'::regclass"),
      ).toEqual([{ indisvalid: true }])
    })

    test('16 cic-waiter: one that comes while the index is built', async () => {
      await attempt(url, { '1_a.up.sql': concurrent['1_a.up.sql'] })
      // An open snapshot keeps the build waiting until golang-migrate waits as well.
      const snapshot = attempt(url, {}, {}).catch(() => undefined)
      await snapshot
      const blocker = run(
        url,
        'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM a; SELECT pg_sleep(2); COMMIT',
      )
      await waitUntil('the snapshot is open', sleeping)
      const mig = attempt(url, concurrent)
      await waitUntil('the index is being built', async () => {
        const rows = await run(
          url,
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'create index concurrently%' AND wait_event_type = 'Lock'",
        )
        return rows.length > 0
      })
      const other = startGolangMigrate(plain(), concurrent)
      await waitUntil('golang-migrate waits for the lock', async () => (await waiters()) > 0)
      await blocker
      const done = await mig
      expect(done.error).toBeUndefined()
      expect(await other.ended).toMatchObject({ code: 0 })
      expect(done.state).toEqual({ version: 2n, dirty: false })
      expect(await tablesOf(url)).toContain('a')
      expect(
        await run(url, "select indisvalid from pg_index where indexrelid = 'ai'::regclass"),
      ).toEqual([{ indisvalid: true }])
    })
  })
})
