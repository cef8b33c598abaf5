import { setTimeout as sleep } from 'node:timers/promises'
import { createMigrator, memorySource, type Migrator } from '@mig/core'
import { lockKey } from '@mig/core/driver'
import type { TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { createConnection as createPlainConnection } from 'mysql2'
import { createConnection, createPool, type Connection } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { mysqlDriver } from '../src/index.ts'
import { idOf, versionOf, rowsOf, run, tablesOf, withConnection, type Cell } from './admin.ts'
import { failureOf, up, upFails, withMigrator } from './migrate.ts'
import { oneDatabase } from './one-database.ts'

describeDatabase(['mysql', 'mariadb'], 'the driver', (kind) => {
  let database: TestDatabase
  let url = ''
  oneDatabase(kind, (opened) => {
    database = opened
    url = opened.url
  })

  const asUser = async <T>(grants: string, action: (url: string) => Promise<T>): Promise<T> => {
    const user = `u_${database.name.slice(-12)}`
    await run(
      url,
      `CREATE USER '${user}'@'%' IDENTIFIED BY 'p%40ss'; GRANT ${grants} ON \`${database.name}\`.* TO '${user}'@'%'`,
    )
    try {
      const own = new URL(url)
      own.username = user
      own.password = 'p%2540ss'
      return await action(own.href)
    } finally {
      await run(url, `DROP USER '${user}'@'%'`)
    }
  }

  const withParameters = (parameters: string): string => `${url}?${parameters}`

  describe('version table', () => {
    test('is made although another name looks like it', async () => {
      await run(url, 'CREATE TABLE schemaXmigrations (i int)')
      await up(url, { 1: 'create table a (i int)' })
      expect(await versionOf(url)).toEqual([['1', 0]])
    })

    test('is left with one row where there were several', async () => {
      const scripts = { 3: 'create table a (i int)', 4: 'create table b (i int)' }
      await withMigrator(url, scripts, (migrator) => migrator.up({ steps: 1 }))
      await run(url, 'INSERT INTO schema_migrations VALUES (7, 0), (9, 1)')
      await up(url, scripts)
      expect(await versionOf(url)).toEqual([['4', 0]])
      await run(url, 'INSERT INTO schema_migrations VALUES (7, 0)')
      await up(url, { ...scripts, 5: 'insert into a values (1)' })
      expect(await versionOf(url)).toEqual([['5', 0]])
    })

    test('may have a name with a dot, a backtick or all the characters there are', async () => {
      for (const table of ['a.b', 'a`b', 'm'.repeat(64), 'Öß']) {
        await up(url, { 1: 'set @x = 1' }, { migrationsTable: table })
        expect(await rowsOf(url, `SELECT * FROM \`${table.replace('`', '``')}\``)).toEqual([
          ['1', 0],
        ])
      }
      const histories = (await tablesOf(url)).filter((name) => name.endsWith('_history'))
      expect(histories).toHaveLength(4)
    })

    test('is an error where the table is something else', async () => {
      await run(url, 'CREATE TABLE schema_migrations (id int)')
      expect(await upFails(url, { 1: 'create table a (i int)' })).toMatchObject({
        code: 'VERSION_TABLE_UNTRUSTED',
        message: expect.stringMatching(/has no column version and no column dirty/),
      })
    })
  })

  describe('ledger', () => {
    test('is unavailable without the right to make it, and the run goes on', async () => {
      await up(url, { 1: 'create table a (i int)' }, { ledger: false })
      const warnings: string[] = []
      await asUser('SELECT, INSERT, UPDATE, DELETE', (own) =>
        up(
          own,
          { 1: 'create table a (i int)', 2: 'insert into a values (1)' },
          { onEvent: (event) => event.type === 'warning' && warnings.push(event.message) },
        ),
      )
      expect(warnings.join()).toMatch(/right to make, read or write .* is missing/)
      expect(await versionOf(url)).toEqual([['2', 0]])
    })

    test('names the right that is missing for the version table', async () => {
      const error = await asUser('SELECT', (own) => upFails(own, { 1: 'create table a (i int)' }))
      expect(error).toMatchObject({
        code: 'DATABASE_FAILED',
        hint: expect.stringMatching(/privilege/),
        details: { serverCode: '1142' },
      })
      expect(error.message + String(error.cause)).not.toMatch(/p%40ss|p%2540ss/)
    })

    test('is left alone where the table is not ours, or newer', async () => {
      await run(url, 'CREATE TABLE schema_migrations_history (id int)')
      const warnings: string[] = []
      const onEvent = (event: { type: string; message?: string }): void => {
        if (event.type === 'warning') warnings.push(event.message ?? '')
      }
      const scripts = { 1: 'create table a (i int)', 2: 'create table b (i int)' }
      await withMigrator(url, scripts, (migrator) => migrator.up({ steps: 1 }), { onEvent })
      expect(warnings.join()).toMatch(/is not a ledger/)
      await run(url, 'DROP TABLE schema_migrations_history')
      await up(url, scripts)
      await run(url, 'UPDATE schema_migrations_history SET format = 2')
      await up(url, { ...scripts, 3: 'create table c (i int)' }, { onEvent })
      expect(warnings.join()).toMatch(/newer release \(format 2\)/)
    })
  })

  describe('lock', () => {
    test('has the name that golang-migrate gives it, and tells who holds it', async () => {
      const name = lockKey(`${database.name}:schema_migrations`).toString()
      await withConnection(url, async (connection) => {
        await connection.query(`SELECT GET_LOCK('${name}', 0)`)
        const error = await upFails(url, { 1: 'create table a (i int)' }, { lockTimeoutMs: 300 })
        expect(error).toMatchObject({
          code: 'LOCK_TIMEOUT',
          details: { holder: expect.stringContaining(`connection ${connection.threadId} of `) },
        })
      })
    })

    test.runIf(kind === 'mysql')('names host and process of another mig', async () => {
      let started: () => void = () => undefined
      const hasStarted = new Promise<void>((resolve) => (started = resolve))
      const scripts = { 1: 'select * from (select sleep(1.5)) x; create table a (i int)' }
      const running = up(url, scripts, {
        onEvent: ({ type }) => type === 'step-started' && started(),
      })
      await hasStarted
      const error = await upFails(url, scripts, { lockTimeoutMs: 300 })
      expect(error.details.holder).toMatch(new RegExp(`^mig on .*, process ${process.pid} \\(`))
      await running
    })

    test('is not taken with x-no-lock', async () => {
      const name = lockKey(`${database.name}:schema_migrations`).toString()
      await withConnection(url, async (connection) => {
        await connection.query(`SELECT GET_LOCK('${name}', 0)`)
        await up(withParameters('x-no-lock=true'), { 1: 'create table a (i int)' })
      })
      expect(await versionOf(url)).toEqual([['1', 0]])
    })
  })

  describe('URL', () => {
    test('takes the form of golang-migrate', async () => {
      const { username, password, host } = new URL(url)
      const dsn = `mysql://${username}:${password}@tcp(${host})/${database.name}?x-migrations-table=m`
      await up(dsn, { 1: 'create table a (i int)' })
      expect(await versionOf(url, 'm')).toEqual([['1', 0]])
    })

    test('sets session variables, for the lexer and for every step', async () => {
      const own = withParameters('sql_mode=%27ANSI_QUOTES,NO_BACKSLASH_ESCAPES%27')
      await up(own, {
        1: `create table "a;b" ("c" varchar(20)); insert into "a;b" values ('x\\');`,
        2: `insert into "a;b" values ('y\\'); select 1`,
        3: `create table "d;" (i int)`,
      })
      expect(await rowsOf(url, 'SELECT c FROM `a;b` ORDER BY c')).toEqual([['x\\'], ['y\\']])
    })

    test('refuses a variable that the server does not know', async () => {
      const error = await upFails(withParameters('no_such_thing=1'), { 1: '' })
      expect(error).toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('no_such_thing'),
      })
    })

    test('cancels what runs for longer than x-statement-timeout', async () => {
      const slow = 'select * from (select sleep(20)) x'
      const own = withParameters('x-statement-timeout=300')
      expect(await upFails(own, { 1: slow })).toMatchObject({
        code: 'MIGRATION_FAILED',
        message: expect.stringContaining('statement timeout of 300 ms'),
        details: { state: { version: null, dirty: false } },
      })
      expect(await upFails(own, { 1: `create table a (i int); ${slow}` })).toMatchObject({
        message: expect.stringContaining('statement timeout of 300 ms'),
        details: { failed: { statement: 2 }, state: { version: 1n, dirty: true } },
      })
    })

    test('encrypts', async () => {
      const kinds = await up(withParameters('tls=preferred'), { 1: 'create table a (i int)' })
      expect(kinds).toEqual(['non-transactional'])
    })
  })

  describe('tables without transactions', () => {
    test('make a script non-transactional, also when reached through a trigger', async () => {
      await run(url, 'CREATE TABLE plain (i int) ENGINE=MyISAM; CREATE TABLE t (i int)')
      const scripts = { 1: 'insert into t values (1)', 2: 'insert into `plain` values (1)' }
      expect(await up(url, scripts)).toEqual(['transactional', 'non-transactional'])
      await run(
        url,
        'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.i = (SELECT count(*) FROM plain)',
      )
      expect(await up(url, { ...scripts, 3: 'insert into t values (1)' })).toEqual([
        'non-transactional',
      ])
    })

    test('are found wherever a step of the same run makes them', async () => {
      const kinds = await up(url, {
        1: 'create table t (i int)',
        2: 'insert into t values (1)',
        3: 'create table plain (i int) engine=MyISAM',
        4: 'insert into t values (2)',
        5: 'insert into plain values (1)',
        6: 'create table alike like plain',
        7: 'insert into alike values (1)',
        8: 'alter table t engine=MyISAM',
        9: 'insert into t values (3)',
      })
      expect(kinds.map((kind) => kind === 'transactional')).toEqual(
        Array.from({ length: 9 }, (_, index) => index === 1 || index === 3),
      )
    })

    test('are told of when a statement fails half-way', async () => {
      await run(url, 'CREATE TABLE plain (i int PRIMARY KEY) ENGINE=MyISAM')
      const error = await upFails(url, { 1: 'insert into plain values (1), (2), (1)' })
      expect(error).toMatchObject({
        details: {
          failed: {
            effect: {
              certain: 0,
              failed: 'perhaps-in-part',
              reason: expect.stringContaining('plain is MyISAM'),
            },
          },
          state: { version: 1n, dirty: true },
        },
      })
      expect(await rowsOf(url, 'SELECT * FROM plain')).toHaveLength(2)
    })

    test('make everything guarded when the version table is one', async () => {
      await run(
        url,
        'CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null) ENGINE=MyISAM;' +
          'CREATE TABLE t (i int)',
      )
      expect(await up(url, { 1: 'insert into t values (1)' })).toEqual(['non-transactional'])
    })
  })

  describe('a client of the program', () => {
    const scripts = {
      1: 'create table a (i int); set sql_mode = ""; use mysql',
      2: 'insert into a values (1); insert into a values (2)',
      3: 'set @x = 1; create temporary table schema_migrations (i int)',
      4: 'insert into a values (3)',
    }
    const apply = async (client: Parameters<typeof mysqlDriver>[0]): Promise<void> => {
      const migrator = await createMigrator({
        source: memorySource(
          Object.fromEntries(
            Object.entries(scripts).map(([v, script]) => [`${v}_x.up.sql`, script]),
          ),
        ),
        driver: mysqlDriver(client),
      })
      try {
        expect((await migrator.up()).steps).toHaveLength(4)
      } finally {
        await migrator.close()
      }
      expect(await versionOf(url)).toEqual([['4', 0]])
      expect(await rowsOf(url, 'SELECT * FROM a')).toHaveLength(3)
    }

    test('a connection with promises is used, set back and left open', async () => {
      const connection = await createConnection(url)
      try {
        await connection.query("SET sql_mode = 'ANSI', time_zone = '+03:00', @mine = 7")
        await apply(connection)
        const [rows] = await connection.query({
          sql: "SELECT DATABASE(), @@sql_mode LIKE '%ANSI%', @@time_zone, @mine",
          rowsAsArray: true,
        })
        expect(rows).toEqual([[database.name, 1, '+03:00', 7]])
      } finally {
        await connection.end()
      }
    })

    test('a connection with callbacks that takes several statements', async () => {
      const connection = createPlainConnection({ uri: url, multipleStatements: true })
      try {
        await apply(connection)
      } finally {
        connection.destroy()
      }
    })

    test('a pool of one connection', async () => {
      const pool = createPool({ uri: url, connectionLimit: 1 })
      try {
        await apply(pool)
        expect((await pool.query('SELECT 1'))[0]).toHaveLength(1)
      } finally {
        await pool.end()
      }
    })

    test('a failed step is rolled back on it', async () => {
      const connection = await createConnection(url)
      try {
        await connection.query('CREATE TABLE a (i int PRIMARY KEY)')
        const migrator = await createMigrator({
          source: memorySource({
            '1_x.up.sql': 'insert into a values (1); insert into a values (1)',
          }),
          driver: mysqlDriver({ client: connection }),
        })
        await expect(migrator.up()).rejects.toMatchObject({
          code: 'MIGRATION_FAILED',
          details: { failed: { statement: 2 }, state: { version: null, dirty: false } },
        })
        await migrator.close()
        expect((await connection.query('SELECT * FROM a'))[0]).toEqual([])
      } finally {
        await connection.end()
      }
    })

    test('something else is refused', async () => {
      const client = { query: () => undefined }
      await expect(mysqlDriver(client).open({ ledger: true })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      })
    })
  })

  describe('a lost connection', () => {
    test('in a transactional step leaves nothing, and the migrator goes on', async () => {
      await run(url, 'CREATE TABLE t (i int)')
      await withMigrator(
        url,
        { 1: 'insert into t values (1); insert into t select 2 from (select sleep(1.5)) x' },
        async (migrator) => {
          const running = failureOf(migrator.up())
          await run(url, `KILL ${await idOf(url, 'insert into t select%')}`)
          expect(await running).toMatchObject({
            details: { state: { version: null, dirty: false } },
          })
          expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
          expect((await migrator.up()).steps).toHaveLength(1)
        },
      )
      expect(await versionOf(url)).toEqual([['1', 0]])
    })

    describe('of the session for scripts, between two steps,', () => {
      const sessionsOf = (username: string): string =>
        `FROM information_schema.processlist WHERE user = '${username}' AND command = 'Sleep' ` +
        `AND id <> IS_USED_LOCK('${lockKey(`${database.name}:schema_migrations`).toString()}')`

      /** Kills it as soon as the first step has run, and waits until the server has forgotten it. */
      const killScriptSession = async (username: string, versionTable: string): Promise<void> => {
        let ids: Cell[][] = []
        while (ids.length === 0 || (await versionOf(url)).join() !== versionTable) {
          ids = await rowsOf(url, `SELECT id ${sessionsOf(username)}`)
          await sleep(20)
        }
        for (const [id] of ids) await run(url, `KILL ${String(id)}`)
        while ((await rowsOf(url, `SELECT id ${sessionsOf(username)}`)).length > 0) await sleep(20)
      }

      /** A migrator that does something before it reads the second script, which the first step waits for. */
      const migratorThat = (
        own: string,
        scripts: readonly [string, string],
        beforeSecond: () => Promise<void>,
      ): Promise<Migrator> => {
        const source = memorySource({ '1_x.up.sql': scripts[0], '2_x.up.sql': scripts[1] })
        return createMigrator({
          driver: mysqlDriver(own),
          source: {
            location: source.location,
            list: () => source.list(),
            read: async (version, direction) => {
              if (version === 2n) await beforeSecond()
              return source.read(version, direction)
            },
          },
        })
      }

      test('leaves no mark where no other can be opened', async () => {
        await run(url, 'CREATE TABLE t (i int)')
        await asUser('ALL', async (own) => {
          const { username } = new URL(own)
          await run(url, `ALTER USER '${username}'@'%' WITH MAX_USER_CONNECTIONS 2`)
          const occupied: Connection[] = []
          // The session is set back after the first step, beside the mark of the second.
          const scripts = [
            'set @a = 1; insert into t values (1)',
            'create table b (i int)',
          ] as const
          const migrator = await migratorThat(own, scripts, async () => {
            await killScriptSession(username, '1,0')
            occupied.push(await createConnection(own))
          })
          try {
            expect(await failureOf(migrator.up())).toMatchObject({
              code: 'CONNECTION_FAILED',
              details: { applied: [{ version: 1n }], state: { version: 1n, dirty: false } },
            })
            expect(await versionOf(url)).toEqual([['1', 0]])
            const { events } = await migrator.history()
            expect(events.map(({ kind, version }) => `${kind} ${version}`)).toEqual([
              'applied 1',
              'started 2',
              'failed 2',
            ])
          } finally {
            for (const connection of occupied) await connection.end()
            await migrator.close()
          }
        })
      })

      test('goes unnoticed where another one can', async () => {
        await asUser('ALL', async (own) => {
          const { username } = new URL(own)
          const scripts = ['create table a (i int)', 'create table b (i int)'] as const
          const migrator = await migratorThat(own, scripts, () =>
            killScriptSession(username, '1,1'),
          )
          try {
            expect((await migrator.up()).steps.map(({ kind }) => kind)).toEqual([
              'non-transactional',
              'non-transactional',
            ])
            expect(await versionOf(url)).toEqual([['2', 0]])
          } finally {
            await migrator.close()
          }
        })
      })
    })

    test('of the session that holds the lock is found out, and the lock taken again', async () => {
      await withMigrator(
        url,
        { 1: 'create table a (i int); select * from (select sleep(1)) x; create table b (i int)' },
        async (migrator) => {
          const running = failureOf(migrator.up())
          await idOf(url, 'select * from (select sleep%')
          const name = lockKey(`${database.name}:schema_migrations`).toString()
          const [[holder] = []] = await rowsOf(url, `SELECT IS_USED_LOCK('${name}')`)
          await run(url, `KILL ${String(holder)}`)
          expect(await running).toMatchObject({
            code: 'CONNECTION_LOST',
            details: { state: { version: 1n, dirty: true } },
          })
        },
      )
    })
  })

  test('drop empties the database, foreign keys notwithstanding, and leaves views', async () => {
    await up(url, {
      1: 'create table a (i int primary key); create table b (i int, foreign key (i) references a (i)); create view v as select 1 as one',
    })
    const { dropped } = await withMigrator(url, { 1: '' }, (migrator) => migrator.drop())
    expect(dropped).toEqual(['a', 'b', 'schema_migrations', 'schema_migrations_history'])
    expect(await tablesOf(url)).toEqual([])
    expect(await rowsOf(url, 'SELECT * FROM v')).toEqual([[1]])
  })
})
