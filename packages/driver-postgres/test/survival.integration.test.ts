import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startServer, testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase, describeOwnServer } from '@mig/testing/vitest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run, tablesOf } from './admin.ts'
import { attempt, migratorOn } from './attempt.ts'
import { waitUntil } from './wait-until.ts'

/** A process of its own that runs one script and says when the statement with pg_sleep is under way. */
const startProcess = (url: string, script: string): ReturnType<typeof spawn> =>
  spawn(
    process.execPath,
    [
      '--conditions=@mig/source',
      fileURLToPath(new URL('./run-one-script.ts', import.meta.url)),
      script,
    ],
    { env: { ...process.env, MIG_TEST_DATABASE: url }, stdio: 'inherit' },
  )

/** Whether the script of a migration sleeps on that database. */
const sleepingOn = async (url: string): Promise<boolean> => {
  const rows = await run(
    url,
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND state = 'active' AND wait_event = 'PgSleep'`,
  )
  return rows.length > 0
}

describeDatabase(['postgres', 'postgres-old'], 'survival', (kind) => {
  let database: TestDatabase
  let url: string
  beforeEach(async () => {
    database = await testDatabase(kind)
    ;({ url } = database)
  })
  afterEach(async () => database.drop())

  const sleeping = (): Promise<boolean> => sleepingOn(url)

  test.each([
    ['transactional', 'create table a(i int); select pg_sleep(60)', undefined, ['b']],
    [
      'non-transactional',
      '-- mig: transaction=none\ncreate table a(i int); select pg_sleep(60)',
      'DIRTY_DATABASE',
      ['a'],
    ],
  ])('26 kill-client-late in a step that is %s', async (_, script, code, things) => {
    const child = startProcess(url, script)
    await waitUntil('the script sleeps', sleeping)
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended

    const startedAt = performance.now()
    const next = await attempt(url, { '1_a.up.sql': 'create table b(i int)' })
    // Half of what the script of the killed process would have taken to let go of the lock.
    expect(performance.now() - startedAt).toBeLessThan(30_000)
    const waits = next.events.flatMap((event) =>
      event.type === 'lock-waiting' ? [event.holder] : [],
    )
    expect(waits[0]).toMatch(
      new RegExp(`^mig on \\S+, process ${child.pid}, which has ended, since `),
    )
    expect(next.error?.code).toBe(code)
    expect(next.state).toEqual({ version: 1n, dirty: code !== undefined })
    const left = (await tablesOf(url)).filter((name) => !name.startsWith('schema_migrations'))
    expect(left).toEqual(things)
  })

  test.each([
    ['transactional', 'select pg_sleep(20)', { version: 1n, dirty: false }],
    [
      'non-transactional',
      '-- mig: transaction=none\nselect pg_sleep(20)',
      { version: 2n, dirty: true },
    ],
  ])('a lost connection in a step that is %s is settled', async (_, script, state) => {
    const migrator = await migratorOn(url, {
      '1_a.up.sql': 'create table a(i int)',
      '2_b.up.sql': script,
    })
    const running = migrator.up()
    const settled = running.catch(() => undefined)
    await waitUntil('the script sleeps', sleeping)
    await run(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'PgSleep'`,
    )
    await settled
    await expect(running).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      details: { state, applied: [{ version: 1n }] },
    })
    expect(await migrator.version()).toEqual(state)
    await migrator.close()
  })

  test('a statement that runs for longer than x-statement-timeout is cancelled', async () => {
    const limited = `${url}${url.includes('?') ? '&' : '?'}x-statement-timeout=200`
    const done = await attempt(limited, {
      '1_a.up.sql': 'create table a(i int); select pg_sleep(20)',
    })
    expect(done.error?.code).toBe('MIGRATION_FAILED')
    expect(done.error?.hint).toContain('x-statement-timeout')
    expect(done.state).toEqual({ version: null, dirty: false })
  })
})

describeOwnServer('postgres', 'survival of the server', (kind) => {
  test('27 kill-server-tail: nothing that was reported is lost', async () => {
    await using server = await startServer(kind)
    const database = await server.createDatabase()
    const tails = ['', 'drop table a', 'ALTER SYSTEM SET work_mem = 4096']
    const files: Record<string, string> = {}
    for (const [round, tail] of tails.entries()) {
      const last = round * 20 + 20
      for (let version = last - 19; version < last; version++) {
        files[`${version}_t.up.sql`] = `create table t${version}(i int)`
      }
      files[`${last}_tail.up.sql`] = tail === 'drop table a' ? `drop table t${last - 1}` : tail
      const done = await attempt(database.url, files)
      await server.kill()
      expect(done.error).toBeUndefined()
      expect(done.result?.durability).toEqual({ confirmed: true })
      await server.start()
      const migrator = await migratorOn(database.url, {}, { waitMs: 20_000 })
      expect(await migrator.version()).toEqual({ version: BigInt(last), dirty: false })
      await migrator.close()
      const tables = await tablesOf(database.url)
      expect(tables).toContain(`t${last - 2}`)
      expect(tables.includes(`t${last - 1}`)).toBe(tail !== 'drop table a')
    }
  })

  test('a server that is killed in the middle of a step and comes back', async () => {
    await using server = await startServer(kind)
    const database = await server.createDatabase()
    const migrator = await migratorOn(database.url, {
      '1_a.up.sql': 'create table a(i int)',
      '2_b.up.sql': 'create table b(i int); select pg_sleep(20)',
    })
    const running = migrator.up()
    const settled = running.catch(() => undefined)
    await waitUntil('the script sleeps', () => sleepingOn(database.url))
    await server.kill()
    await server.start()
    await settled
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await migrator.close()
    const next = await attempt(database.url, {
      '1_a.up.sql': 'create table a(i int)',
      '2_b.up.sql': 'create table b(i int)',
    })
    expect(next.error).toBeUndefined()
    expect(next.state).toEqual({ version: 2n, dirty: false })
  })
})
