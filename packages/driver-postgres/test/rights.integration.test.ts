import { isMigrateError, type MigrateError, type Migrator, type MigratorOptions } from '@mig/core'
import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgresDriver } from '../src/index.ts'
import { empty, run } from './admin.ts'
import { migratorOn } from './attempt.ts'

const files = {
  '1_a.up.sql': 'CREATE TABLE a (i int)',
  '1_a.down.sql': 'DROP TABLE a',
  '2_b.up.sql': 'CREATE INDEX CONCURRENTLY a_i ON a (i)',
  '2_b.down.sql': 'DROP INDEX CONCURRENTLY a_i',
}

describeDatabase(['postgres', 'postgres-old'], 'rights', (kind) => {
  let database: TestDatabase
  const suffix = randomBytes(4).toString('hex')
  const roles = ['migrator', 'observer', 'deployer', 'app_owner', 'poor'].map(
    (name) => `mig_${name}_${suffix}`,
  )
  const [migrator = '', observer = '', deployer = '', appOwner = '', poor = ''] = roles
  beforeAll(async () => {
    database = await testDatabase(kind)
  })
  const dropRoles = async (): Promise<void> => {
    for (const role of roles) {
      await run(
        database.url,
        `DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
           DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}; END IF; END $$`,
      )
    }
  }
  afterAll(async () => {
    await dropRoles()
    await database.drop()
  })
  beforeEach(async () => {
    await empty(database.url)
    await dropRoles()
    await run(
      database.url,
      `REVOKE ALL ON SCHEMA public FROM PUBLIC; REVOKE CONNECT ON DATABASE ${database.name} FROM PUBLIC`,
    )
  })

  const urlOf = (role: string, parameters = ''): string => {
    const url = new URL(database.url)
    url.username = role
    url.password = 'secret'
    return url.href + parameters
  }

  /** The statements of the page, with names of this test. */
  const page = readFileSync(
    new URL('../../../docs/how-to/least-privilege.md', import.meta.url),
    'utf8',
  )
  const section = page.slice(page.indexOf('## PostgreSQL')).split(/\n## (?!PostgreSQL)/)[0] ?? ''
  const blocks = [...section.matchAll(/^```sql\n([^]*?)^```$/gm)].map(([, text = '']) => text)
  const sql = (index: number): string =>
    (blocks[index] ?? expect.fail('no such block'))
      .replaceAll(/\b(migrator|observer|deployer|app_owner)\b/g, `mig_$1_${suffix}`)
      .replaceAll(/\bDATABASE app\b/g, `DATABASE ${database.name}`)
      .replaceAll(/\bLOGIN;/g, "LOGIN PASSWORD 'secret';")

  const on = async <T>(
    url: string,
    action: (migrator: Migrator) => Promise<T>,
    options: Partial<MigratorOptions> = {},
    source: Readonly<Record<string, string>> = files,
  ): Promise<T> => {
    await using opened = await migratorOn(url, source, options)
    return await action(opened)
  }

  const failure = (
    url: string,
    action: (migrator: Migrator) => Promise<unknown> = (opened) => opened.up(),
    source: Readonly<Record<string, string>> = files,
  ): Promise<MigrateError> =>
    on(url, action, {}, source).then(
      () => expect.fail('it worked'),
      (error: unknown) => (isMigrateError(error) ? error : expect.fail(String(error))),
    )

  const reading: readonly ((opened: Migrator) => Promise<unknown>)[] = [
    (opened) => opened.version(),
    (opened) => opened.status(),
    (opened) => opened.history(),
    (opened) => opened.verify(),
    (opened) => opened.plan(),
    (opened) => opened.doctor(),
  ]

  const everything = async (url: string, options: Partial<MigratorOptions> = {}): Promise<void> => {
    const warnings: string[] = []
    const all: readonly ((opened: Migrator) => Promise<unknown>)[] = [
      ...reading,
      (opened) => opened.up(),
      ...reading,
      (opened) => opened.redo(),
      (opened) => opened.down(),
      (opened) => opened.goto(2n),
      (opened) => opened.force(2n),
      (opened) => opened.goto(null),
      (opened) => opened.baseline(1n, { force: true }),
      (opened) => opened.force(null),
      (opened) => opened.up({ steps: 1 }),
      (opened) => opened.unlock(),
      (opened) => opened.drop(),
    ]
    for (const action of all) {
      await on(url, action, {
        ...options,
        onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
      })
    }
    // What was forced is not what the ledger says, and the warning of that is none about rights.
    expect(warnings.filter((text) => /rights|ledger is kept|cannot be read/.test(text))).toEqual([])
  }

  test('that the page lists are enough for every command', { timeout: 120_000 }, async () => {
    await run(database.url, sql(0))
    await everything(urlOf(migrator))
    await on(urlOf(migrator), (opened) => opened.up())
    await run(database.url, sql(1))
    for (const action of reading) await on(urlOf(observer), action)
    expect(await on(urlOf(observer), (opened) => opened.version())).toMatchObject({ version: 2n })
    expect(await on(urlOf(observer), (opened) => opened.status())).toMatchObject({ pending: 0 })
  })

  test('that go far beyond what migrations need are reported by doctor, and no others', async () => {
    const excess = async (url: string): Promise<readonly string[]> => {
      const { findings, healthy } = await on(url, (opened) => opened.doctor())
      expect(healthy).toBe(true)
      return findings.flatMap(({ code, title, severity }) =>
        code === 'EXCESS_RIGHTS' ? [`${severity}: ${title}`] : [],
      )
    }
    await run(database.url, sql(0))
    expect(await excess(urlOf(migrator))).toEqual([])
    expect(await excess(database.url)).toEqual(['info: The user has the rights of a superuser'])
    // Beside it somebody else logs in: with nobody to keep apart, doctor is silent.
    await run(database.url, sql(1).split(';')[0] ?? '')
    await run(database.url, `ALTER ROLE ${migrator} CREATEROLE`)
    expect(await excess(urlOf(migrator))).toEqual([
      'info: The user has the right to create and change other roles (CREATEROLE)',
    ])
    await run(database.url, `ALTER ROLE ${migrator} NOCREATEROLE`)
    await run(database.url, `GRANT ${observer} TO ${migrator} WITH ADMIN OPTION`)
    expect(await excess(urlOf(migrator))).toEqual([
      `info: The user has the right to act as ${observer} and to hand that on`,
    ])
  })

  describe('of a role that is taken on', () => {
    test('end the attempt where there is no such role, and leave no connection', async () => {
      await run(database.url, sql(2))
      const opening = on(urlOf(deployer), (opened) => opened.up(), { role: 'mig_nobody' })
      await expect(opening).rejects.toThrow(/mig_nobody/)
      const left = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = '${deployer}'`
      await expect.poll(() => run(database.url, left), { timeout: 10_000 }).toEqual([{ n: 0 }])
    })

    test('are used by every command, whichever way it is named', { timeout: 180_000 }, async () => {
      await run(database.url, sql(2))
      await everything(urlOf(deployer), { role: appOwner })
      await everything(urlOf(deployer, `?x-role=${appOwner}`))
      await everything(urlOf(deployer, `?x-role=${appOwner}&x-lock-strategy=table`))
      await on(urlOf(deployer), (opened) => opened.up(), { role: appOwner })
      const owners = await run(
        database.url,
        "SELECT DISTINCT tableowner AS owner FROM pg_tables WHERE schemaname = 'public'",
      )
      expect(owners).toEqual([{ owner: appOwner }])
    })

    test('survive what a step sets, and are released on a client of the program', async () => {
      await run(database.url, sql(2))
      const source = {
        '1_a.up.sql': 'RESET ROLE; CREATE TEMP TABLE t (i int);',
        '2_b.up.sql': 'CREATE TABLE mine (i int)',
      }
      await on(urlOf(deployer), (opened) => opened.up(), { role: appOwner }, source)
      const owner = `SELECT tableowner AS owner FROM pg_tables WHERE tablename = 'mine'`
      expect(await run(database.url, owner)).toEqual([{ owner: appOwner }])
      await run(database.url, 'DROP TABLE mine')

      const pool = new pg.Pool({ connectionString: urlOf(deployer), max: 2 })
      try {
        await on(urlOf(deployer), (opened) => opened.up(), {
          driver: postgresDriver({ pool, role: appOwner, migrationsTable: 'other' }),
        })
        const { rows } = await pool.query<{ role: string }>(
          "SELECT current_setting('role') AS role",
        )
        expect(rows).toEqual([{ role: 'none' }])
      } finally {
        await pool.end()
      }
    })

    test('cannot be had by whoever is not a member', async () => {
      await run(
        database.url,
        `${sql(2)}; CREATE ROLE ${poor} LOGIN PASSWORD 'secret'; GRANT CONNECT ON DATABASE ${database.name} TO ${poor}`,
      )
      const error = await failure(urlOf(poor, `?x-role=${appOwner}`))
      expect(error.message).toMatch(/permission denied to set role/)
      expect(error.hint).toContain('--role')
      expect((await failure(urlOf(poor, '?x-role=nobody_there'))).message).toMatch(
        /role "nobody_there" does not exist/,
      )
    })
  })

  describe('that are missing are named with the statement that grants them:', () => {
    beforeEach(() =>
      run(
        database.url,
        `CREATE ROLE ${poor} LOGIN PASSWORD 'secret'; GRANT CONNECT ON DATABASE ${database.name} TO ${poor}`,
      ),
    )
    const gmTable =
      'CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)'

    /** Runs the statement that a hint names, as an administrator would. */
    const grant = async (hint = ''): Promise<void> => {
      const [statement = expect.fail(hint)] =
        /GRANT [^.]*?ON [^.]+(?:\.[^. ]+)? TO \S+?(?=[,.]?(?: |$))/.exec(hint) ?? []
      await run(database.url, statement)
    }

    test('USAGE and CREATE of the schema', async () => {
      const error = await failure(urlOf(poor))
      expect(error).toMatchObject({ message: `The role ${poor} may not use the schema public` })
      await grant(error.hint)
      await on(urlOf(poor), (opened) => opened.up())
    })

    test('CREATE of the schema, for the version table', async () => {
      await run(database.url, `GRANT USAGE ON SCHEMA public TO ${poor}`)
      const error = await failure(urlOf(poor))
      expect(error.hint).toContain(`GRANT CREATE ON SCHEMA public TO ${poor}`)
      await grant(error.hint)
      await on(urlOf(poor), (opened) => opened.up())
    })

    test('CREATE of the schema, for a script', async () => {
      await run(
        database.url,
        `GRANT USAGE ON SCHEMA public TO ${poor}; ${gmTable}; GRANT ALL ON schema_migrations TO ${poor}`,
      )
      const error = await failure(urlOf(poor))
      expect(error.code).toBe('MIGRATION_FAILED')
      expect(error.hint).toBe(
        `The file is fine: the role ${poor} may not create in the schema public. ` +
          `GRANT CREATE ON SCHEMA public TO ${poor}, or connect as the owner.`,
      )
      await grant(error.hint)
      await on(urlOf(poor), (opened) => opened.up())
    })

    test('rights on the version table', async () => {
      await run(database.url, `GRANT USAGE, CREATE ON SCHEMA public TO ${poor}; ${gmTable}`)
      const read = await failure(urlOf(poor), (opened) => opened.version())
      expect(read.hint).toContain(
        `GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."schema_migrations" TO ${poor}`,
      )
      await run(database.url, `GRANT SELECT ON schema_migrations TO ${poor}`)
      const error = await failure(urlOf(poor))
      expect(error.hint).toContain('The file is fine')
      expect(error.hint).not.toContain('removes, renames')
      await grant(error.hint)
      await on(urlOf(poor), (opened) => opened.up())
    })

    test('rights on a table that a script reads or writes', async () => {
      await run(
        database.url,
        `GRANT USAGE, CREATE ON SCHEMA public TO ${poor};
         CREATE TABLE users (id int primary key); CREATE SCHEMA other; CREATE TABLE other.things (i int)`,
      )
      for (const [sql, says] of [
        ['INSERT INTO users VALUES (1)', `GRANT INSERT ON users TO ${poor}`],
        [
          '-- why\nUPDATE public.users SET id = 2',
          `GRANT SELECT, UPDATE ON public.users TO ${poor}`,
        ],
        ['CREATE TABLE pets (owner int REFERENCES users)', `GRANT REFERENCES ON users TO ${poor}`],
        ['SELECT * FROM other.things', `GRANT USAGE, CREATE ON SCHEMA other TO ${poor}`],
        ['CREATE SCHEMA more', `GRANT CREATE ON DATABASE ${database.name} TO ${poor}`],
      ] as const) {
        const source = { '1_x.up.sql': sql }
        const error = await failure(urlOf(poor), undefined, source)
        expect(error.hint).toContain(`The file is fine: `)
        expect(error.hint).toContain(says)
        await grant(error.hint)
      }
    })

    test('a table of somebody else, which only its owner may change', async () => {
      await run(
        database.url,
        `GRANT USAGE, CREATE ON SCHEMA public TO ${poor}; CREATE TABLE users (id int)`,
      )
      for (const head of ['', '-- mig: transaction=none\n']) {
        const error = await failure(urlOf(poor), undefined, {
          '1_x.up.sql': `${head}ALTER TABLE users ADD name text`,
        })
        expect(error.hint).toContain('The file is fine: only its owner, postgres, may change users')
        expect(error.hint).toContain('--role=postgres')
        await on(urlOf(poor), (opened) => opened.force(null))
      }
    })
  })
})
