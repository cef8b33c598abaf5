import { isMigrateError, type DoctorResult, type MigrateError, type Migrator } from '@mig/core'
import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { empty, run } from './admin.ts'
import { migratorOn } from './attempt.ts'

const files = {
  '1_a.up.sql': 'CREATE TABLE public.a (i int)',
  '1_a.down.sql': 'DROP TABLE public.a',
  '2_b.up.sql': 'CREATE TABLE public.b (i int)',
  '2_b.down.sql': 'DROP TABLE public.b',
}

describeDatabase(['postgres', 'postgres-old'], 'tables of somebody else', (kind) => {
  let database: TestDatabase
  let stranger = ''
  let strangerUrl = ''
  beforeAll(async () => {
    database = await testDatabase(kind)
    stranger = `mig_${randomBytes(4).toString('hex')}`
    await run(database.url, `CREATE ROLE ${stranger} LOGIN PASSWORD 'stranger'`)
    const url = new URL(database.url)
    url.username = stranger
    url.password = 'stranger'
    strangerUrl = url.href
  })
  afterAll(async () => {
    await run(database.url, `DROP OWNED BY ${stranger} CASCADE; DROP ROLE ${stranger}`)
    await database.drop()
  })
  beforeEach(async () => {
    await empty(database.url)
    // What any role may do that may create in the schema; a sequence counts what a rollback takes back.
    await run(database.url, 'GRANT ALL ON SCHEMA public TO PUBLIC')
    await run(
      strangerUrl,
      `CREATE SEQUENCE trace; GRANT ALL ON trace TO PUBLIC;
       CREATE FUNCTION traced() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN PERFORM nextval(''public.trace''); RETURN NEW; END';
       CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT nextval(''public.trace'')'`,
    )
  })

  const traces = async (): Promise<unknown> =>
    (await run(database.url, 'SELECT is_called FROM trace'))[0]?.['is_called']

  const withMigrator = async <T>(
    action: (migrator: Migrator) => Promise<T>,
    parameters = '',
  ): Promise<T> => {
    await using migrator = await migratorOn(database.url + parameters, files, {
      lockTimeoutMs: 2000,
    })
    return await action(migrator)
  }

  const failureOf = (action: (migrator: Migrator) => Promise<unknown>): Promise<MigrateError> =>
    withMigrator(action).then(
      () => expect.fail('it worked'),
      (error: unknown) => (isMigrateError(error) ? error : expect.fail(String(error))),
    )

  const doctor = (parameters = ''): Promise<DoctorResult> =>
    withMigrator((migrator) => migrator.doctor(), parameters)

  const findingsOf = ({ findings }: DoctorResult): readonly string[] =>
    findings.map(({ code, command }) => `${code} ${command ?? ''}`)

  const everyCommand: Readonly<Record<string, (migrator: Migrator) => Promise<unknown>>> = {
    up: (migrator) => migrator.up(),
    down: (migrator) => migrator.down(),
    goto: (migrator) => migrator.goto(2n),
    redo: (migrator) => migrator.redo(),
    force: (migrator) => migrator.force(1n),
    baseline: (migrator) => migrator.baseline(1n, { force: true }),
    repair: (migrator) => migrator.repair(),
    version: (migrator) => migrator.version(),
    status: (migrator) => migrator.status(),
    history: (migrator) => migrator.history(),
    verify: (migrator) => migrator.verify(),
    plan: (migrator) => migrator.plan(),
  }

  const gmTable =
    'CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)'

  /** What may stand in the place of the version table, who made it, and what repairs it. */
  const bad: Readonly<
    Record<
      string,
      readonly [by: 'stranger' | 'owner', sql: string, reason: RegExp, command?: string]
    >
  > = {
    'a view': [
      'stranger',
      'CREATE VIEW schema_migrations AS SELECT counted() AS version, false AS dirty',
      /is a view, owned by mig_/,
    ],
    'a table of a stranger': [
      'stranger',
      `${gmTable}; CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON schema_migrations FOR EACH ROW EXECUTE FUNCTION traced()`,
      /belongs to mig_/,
      'ALTER TABLE "public"."schema_migrations" OWNER TO "postgres"',
    ],
    'a table with a trigger': [
      'owner',
      `${gmTable}; CREATE TRIGGER t BEFORE INSERT ON schema_migrations FOR EACH ROW EXECUTE FUNCTION traced()`,
      /has triggers: t/,
      'DROP TRIGGER "t" ON "public"."schema_migrations"',
    ],
    'a table with a rule': [
      'owner',
      `${gmTable}; CREATE RULE r AS ON INSERT TO schema_migrations DO ALSO SELECT counted()`,
      /has rules: r/,
      'DROP RULE "r" ON "public"."schema_migrations"',
    ],
    'a table that others inherit from': [
      'owner',
      `${gmTable}; CREATE TABLE child () INHERITS (schema_migrations)`,
      /inherit from .*: child/,
      'ALTER TABLE child NO INHERIT "public"."schema_migrations"',
    ],
    'a version of another type': [
      'owner',
      'CREATE TABLE schema_migrations (version text, dirty boolean)',
      /column version .* has the type text, and not bigint/,
      'ALTER TABLE "public"."schema_migrations" ALTER COLUMN version TYPE bigint USING version::bigint',
    ],
    'a dirty mark of another type': [
      'owner',
      'CREATE TABLE schema_migrations (version bigint, dirty int)',
      /column dirty .* has the type integer, and not boolean/,
      'ALTER TABLE "public"."schema_migrations" ALTER COLUMN dirty TYPE boolean USING dirty::boolean',
    ],
    'a table without a dirty mark': [
      'owner',
      'CREATE TABLE schema_migrations (version bigint)',
      /it has no column dirty/,
    ],
    'a row without a version': [
      'owner',
      'CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (NULL, false)',
      /has a row with NULL/,
      'DELETE FROM "public"."schema_migrations" WHERE version IS NULL OR dirty IS NULL',
    ],
    'a row without a dirty mark': [
      'owner',
      'CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (1, NULL)',
      /has a row with NULL/,
      'DELETE FROM "public"."schema_migrations" WHERE version IS NULL OR dirty IS NULL',
    ],
    'a row of NULL only': [
      'owner',
      'CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (NULL, NULL)',
      /has a row with NULL/,
      'DELETE FROM "public"."schema_migrations" WHERE version IS NULL OR dirty IS NULL',
    ],
  }

  describe.each(Object.entries(bad))(
    '%s in the place of the version table',
    (_, [by, sql, reason, command]) => {
      test('is neither read nor written, and doctor says what repairs it', async () => {
        await run(by === 'stranger' ? strangerUrl : database.url, sql)
        for (const [name, action] of Object.entries(everyCommand)) {
          const error = await failureOf(action)
          expect(error.code, `${name}: ${error.message}`).toBe('VERSION_TABLE_UNTRUSTED')
          expect(error.message).toMatch(reason)
          if (command !== undefined) expect(error.hint).toContain(command)
        }
        const found = await doctor()
        expect(found.healthy).toBe(false)
        const [first] = found.findings.filter(({ code }) => code === 'UNTRUSTED_TABLE')
        expect(first?.title).toMatch(reason)
        expect(first?.command).toBe(command)
        expect(await traces()).toBe(false)
        if (command === undefined) return
        await run(database.url, command)
        if (by === 'stranger') return
        await withMigrator((migrator) => migrator.up())
        expect(await withMigrator((migrator) => migrator.version())).toMatchObject({ version: 2n })
      })
    },
  )

  const badLedgers: Readonly<Record<string, string>> = {
    'a view': `ALTER TABLE schema_migrations_history RENAME TO kept;
      CREATE VIEW schema_migrations_history AS SELECT kept.*, counted() AS more FROM kept`,
    'a table with a trigger': `CREATE TRIGGER t BEFORE INSERT ON schema_migrations_history
      FOR EACH ROW EXECUTE FUNCTION traced()`,
    'a table of a stranger': 'ALTER TABLE schema_migrations_history OWNER TO stranger_role',
  }

  test.each(Object.entries(badLedgers))(
    '%s in the place of the ledger is neither read nor written',
    async (_, sql) => {
      await withMigrator((migrator) => migrator.up({ steps: 1 }))
      await run(database.url, sql.replace('stranger_role', stranger))
      const warnings: string[] = []
      await using migrator = await migratorOn(database.url, files, {
        onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
      })
      await migrator.status()
      await migrator.up()
      await migrator.down()
      expect((await migrator.history()).events).toEqual([])
      expect(warnings.join('\n')).toMatch(
        /schema_migrations_history" (?:is a view|has triggers|belongs to)/,
      )
      const { findings } = await doctor()
      expect(findings.map(({ code }) => code)).toContain('UNTRUSTED_TABLE')
      expect(await traces()).toBe(false)
    },
  )

  test('a ledger that a stranger made beside the table of golang-migrate is not used', async () => {
    await run(database.url, `${gmTable}; INSERT INTO schema_migrations VALUES (1, false)`)
    await run(strangerUrl, 'CREATE VIEW schema_migrations_history AS SELECT counted() AS id')
    await withMigrator((migrator) => migrator.up())
    await withMigrator((migrator) => migrator.status())
    expect(await traces()).toBe(false)
    expect(findingsOf(await doctor())).toContainEqual(expect.stringMatching(/^UNTRUSTED_TABLE/))
  })

  test('a lock table that a stranger made is not used', async () => {
    await run(
      strangerUrl,
      `CREATE TABLE schema_lock (lock_id bigint primary key);
       CREATE TRIGGER t BEFORE INSERT ON schema_lock FOR EACH ROW EXECUTE FUNCTION traced()`,
    )
    const table = '?x-lock-strategy=table'
    const actions: readonly ((migrator: Migrator) => Promise<unknown>)[] = [
      (migrator) => migrator.up(),
      (migrator) => migrator.unlock(),
    ]
    for (const action of actions) {
      await expect(withMigrator(action, table)).rejects.toMatchObject({
        code: 'VERSION_TABLE_UNTRUSTED',
        message: expect.stringMatching(/^The lock table is not used as it is: .* belongs to/),
      })
    }
    expect(findingsOf(await doctor(table))).toContainEqual(
      expect.stringMatching(/^UNTRUSTED_TABLE/),
    )
    expect(await traces()).toBe(false)
  })

  test('triggers, and nothing else, are accepted with x-trust-version-table', async () => {
    const trust = '?x-trust-version-table=true'
    await run(
      database.url,
      `${gmTable}; CREATE TRIGGER t BEFORE INSERT OR UPDATE ON schema_migrations
         FOR EACH ROW EXECUTE FUNCTION traced()`,
    )
    await withMigrator((migrator) => migrator.up(), trust)
    expect(await traces()).toBe(true)
    expect((await doctor(trust)).healthy).toBe(true)
    await run(database.url, 'CREATE RULE r AS ON DELETE TO schema_migrations DO INSTEAD NOTHING')
    await expect(withMigrator((migrator) => migrator.up(), trust)).rejects.toMatchObject({
      code: 'VERSION_TABLE_UNTRUSTED',
    })
  })

  test('row security on the version table is named, and where it changes nothing it is no matter', async () => {
    const role = `${stranger}_rls`
    await run(
      database.url,
      `${gmTable}; INSERT INTO schema_migrations VALUES (1, false);
       ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY;
       CREATE ROLE ${role} LOGIN PASSWORD 'rls'; GRANT ALL ON schema_migrations TO ${role}`,
    )
    try {
      const url = new URL(database.url)
      url.username = role
      url.password = 'rls'
      const as = async <T>(action: (migrator: Migrator) => Promise<T>): Promise<T> => {
        await using migrator = await migratorOn(url.href, files)
        return await action(migrator)
      }
      for (const action of Object.values(everyCommand)) {
        await expect(as(action)).rejects.toMatchObject({
          code: 'VERSION_TABLE_UNTRUSTED',
          message: expect.stringMatching(
            /^The version table is not used as it is: row security decides/,
          ),
        })
      }
      const { findings } = await as((migrator) => migrator.doctor())
      expect(findings[0]).toMatchObject({
        code: 'UNTRUSTED_TABLE',
        command: 'ALTER TABLE "public"."schema_migrations" DISABLE ROW LEVEL SECURITY',
      })
      expect(await withMigrator((migrator) => migrator.version())).toMatchObject({ version: 1n })
    } finally {
      await run(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  })

  test('rows that do not count are removed by the next write, and doctor says by which statement too', async () => {
    await run(
      database.url,
      `${gmTable}; INSERT INTO schema_migrations VALUES (1, false), (0, false)`,
    )
    expect(findingsOf(await doctor())).toContainEqual(
      'EXTRA_ROWS DELETE FROM "public"."schema_migrations" WHERE version <> 1',
    )
    await run(database.url, 'CREATE TABLE a (i int)')
    await withMigrator((migrator) => migrator.up())
    expect(await run(database.url, 'SELECT version::text FROM schema_migrations')).toEqual([
      { version: '2' },
    ])
  })

  test('what is planted while a migrator is open is not used', async () => {
    await using migrator = await migratorOn(database.url, files)
    expect(await migrator.version()).toMatchObject({ version: null })
    await run(
      strangerUrl,
      'CREATE VIEW schema_migrations AS SELECT counted() AS version, false AS dirty',
    )
    for (const action of Object.values(everyCommand)) {
      await expect(action(migrator)).rejects.toMatchObject({ code: 'VERSION_TABLE_UNTRUSTED' })
    }
    expect(await traces()).toBe(false)
  })
})
