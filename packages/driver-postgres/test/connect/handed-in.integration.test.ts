import { createMigrator, memorySource, type RunResult } from '@mig/core'
import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresDriver, type PostgresDriverOptions } from '../../src/index.ts'
import { run } from '../admin.ts'

const files = {
  '1_a.up.sql': "SET search_path = ''; SET statement_timeout = '1h'; create table public.a(i int)",
  '2_b.up.sql':
    "create table b as select current_setting('search_path') as path, current_setting('TimeZone') as zone",
  '3_c.up.sql': 'create index concurrently ai on a(i)',
}

/** A pool whose clients may be cut off by the end of their database, which comes before that of their sockets. */
const quietPool = (url: string, max: number): pg.Pool => {
  const pool = new pg.Pool({ connectionString: url, max })
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

describeDatabase(['postgres', 'postgres-old'], 'handed in', (kind) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await testDatabase(kind)
  })
  afterEach(async () => database.drop())

  const up = async (options: PostgresDriverOptions): Promise<RunResult> => {
    const migrator = await createMigrator({
      source: memorySource(files),
      driver: postgresDriver(options),
    })
    try {
      return await migrator.up()
    } finally {
      await migrator.close()
    }
  }

  describe('a client', () => {
    let client: pg.Client
    beforeEach(async () => {
      client = new pg.Client({ connectionString: database.url })
      await client.connect()
    })
    afterEach(async () => client.end())

    test('is migrated on, stays open, and keeps its settings', async () => {
      await client.query(
        "SET TimeZone = 'Asia/Tokyo'; SET application_name = 'mine'; PREPARE mine AS SELECT 1",
      )
      const settings = (): Promise<unknown> =>
        client
          .query('SELECT name, setting FROM pg_settings ORDER BY name')
          .then(({ rows }) => rows as unknown)
      const before = await settings()
      const { steps } = await up({ client })
      expect(steps.map((step) => step.kind)).toEqual([
        'transactional',
        'transactional',
        'non-transactional',
      ])
      expect(await settings()).toEqual(before)
      expect((await client.query('EXECUTE mine')).rows).toHaveLength(1)
      expect(
        (
          await client.query(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
          )
        ).rows,
      ).toEqual([])
      expect((await client.query('SELECT path, zone FROM b')).rows).toEqual([
        { path: '"$user", public', zone: 'Asia/Tokyo' },
      ])
      expect(client.listenerCount('error')).toBe(0)
      expect(client.listenerCount('notice')).toBe(0)
    })

    test('keeps its role', async () => {
      const role = `own_${database.name}`.slice(0, 60)
      await client.query(
        `CREATE ROLE "${role}"; GRANT ALL ON SCHEMA public TO "${role}"; SET ROLE "${role}"`,
      )
      await up({ client })
      expect((await client.query('SELECT current_user AS me')).rows).toEqual([{ me: role }])
      await client.query(`RESET ROLE; DROP OWNED BY "${role}"; DROP ROLE "${role}"`)
    })

    test('is refused with a transaction open', async () => {
      await client.query('BEGIN')
      await expect(up({ client })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      await client.query('COMMIT')
    })

    test('is refused in pipeline mode', async () => {
      const pipelined = new pg.Client({ connectionString: database.url, pipeline: true })
      await pipelined.connect()
      await expect(up({ client: pipelined })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      await pipelined.end()
    })
  })

  test('a pool gives clients and gets them back', async () => {
    const pool = quietPool(database.url, 3)
    await up({ pool })
    expect(pool.idleCount).toBe(pool.totalCount)
    expect(pool.waitingCount).toBe(0)
    const rows = await run(
      database.url,
      "SELECT kind FROM schema_migrations_history WHERE kind IN ('started', 'statement')",
    )
    expect(rows).toHaveLength(2)
    await pool.end()
  })

  test('a pool of one client works without a journal', async () => {
    const pool = quietPool(database.url, 1)
    expect((await up({ pool })).to).toEqual({ version: 3n, dirty: false })
    await pool.end()
  })
})
