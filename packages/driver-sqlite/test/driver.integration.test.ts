import { existsSync } from 'node:fs'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createMigrator, memorySource } from '@mig/core'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { blankEntry, column, versionTable, migratorOn, rejection, stepOf, up } from './harness.ts'

const filesBeside = async (file: string): Promise<readonly string[]> => readdir(dirname(file))

describeDatabase('sqlite', 'a database file', () => {
  test('is made by the first run that writes, and by nothing else', async () => {
    await using database = await testDatabase('sqlite')
    const driver = await sqliteDriver(database.url).open({ ledger: true })
    expect(driver.database).toMatchObject({
      name: 'db.sqlite',
      location: database.name,
      migrationsTable: 'main.schema_migrations',
    })
    expect(driver.database.server).toMatch(/^SQLite 3\.\d+\.\d+$/)
    expect(await driver.readState()).toEqual({ version: null, dirty: false })
    expect(await driver.readLedger?.({})).toEqual({
      state: { version: null, dirty: false },
      events: [],
    })
    expect(await driver.tryLock()).toEqual({ held: true })
    expect(await driver.clearLock()).toEqual({ cleared: false })
    expect(await driver.drop()).toEqual({ dropped: [] })
    expect(await filesBeside(database.name)).toEqual([])
    await driver.prepare()
    expect(await filesBeside(database.name)).toEqual(['db.sqlite'])
    await driver.close()
  })

  test('that another process makes meanwhile is found', async () => {
    await using database = await testDatabase('sqlite')
    await using reader = await migratorOn(database.url, ['create table a(i)'])
    expect(await reader.version()).toEqual({ version: null, dirty: false })
    await up(database.url, ['create table a(i)'])
    expect(await reader.version()).toEqual({ version: 1n, dirty: false })
  })

  test('of no byte is a database, and so is one in memory', async () => {
    await using database = await testDatabase('sqlite')
    await writeFile(database.name, '')
    await up(database.name, ['create table a(i)'])
    expect(versionTable(database.name)).toBe('1/0')
    await using migrator = await migratorOn('sqlite::memory:', ['create table a(i)'])
    await migrator.up()
    expect(await migrator.version()).toEqual({ version: 1n, dirty: false })
    expect(existsSync(':memory:')).toBe(false)
  })

  describe('that cannot be opened', () => {
    test.each([
      ['no folder for it', (folder: string) => `${folder}/no/db.sqlite`, /There is no folder for/],
      ['a folder', (folder: string) => folder, /is a folder, no database file/],
      ['no database', (folder: string) => `${folder}/text`, /file is not a database/],
    ])('%s', async (_, pathIn, message) => {
      await using database = await testDatabase('sqlite')
      const folder = dirname(database.name)
      await writeFile(join(folder, 'text'), 'this is not a database\n'.repeat(100))
      const factory = sqliteDriver(`sqlite://${pathIn(folder)}`)
      const error = await rejection(factory.open({ ledger: true }))
      expect(error).toMatchObject({ code: 'CONNECTION_FAILED', details: { retryable: false } })
      expect(error.message).toMatch(message)
      expect(error.hint).toMatch(/./)
    })

    test('a file that mode=rw does not make', async () => {
      await using database = await testDatabase('sqlite')
      await using migrator = await migratorOn(`${database.url}?mode=rw`, ['create table a(i)'])
      expect(await migrator.version()).toEqual({ version: null, dirty: false })
      expect(await rejection(migrator.up())).toMatchObject({ code: 'CONNECTION_FAILED' })
      expect(await filesBeside(database.name)).toEqual([])
    })

    test('a client that is closed, or in a transaction', async () => {
      const client = new Database(':memory:')
      client.exec('BEGIN')
      await using migrator = await migratorOn({ client }, ['create table a(i)'])
      expect(await rejection(migrator.up())).toMatchObject({ code: 'INVALID_OPTION' })
      expect(client.inTransaction).toBe(true)
      client.close()
      expect(await rejection(migrator.version())).toMatchObject({ code: 'CONNECTION_LOST' })
      const factory = sqliteDriver({ client })
      expect(await rejection(factory.open({ ledger: true }))).toMatchObject({
        code: 'CONNECTION_FAILED',
      })
    })
  })

  describe('that is read-only', () => {
    const readOnly = (file: string): string => `sqlite://${file}?mode=ro`

    test('is read', async () => {
      await using database = await testDatabase('sqlite')
      await up(database.url, ['create table a(i)'])
      await using migrator = await migratorOn(readOnly(database.name), ['create table a(i)'])
      expect(await migrator.version()).toEqual({ version: 1n, dirty: false })
      expect((await migrator.status()).state.version).toBe(1n)
      expect((await migrator.up()).steps, 'nothing to do').toEqual([])
    })

    test('is not migrated, and not changed', async () => {
      await using database = await testDatabase('sqlite')
      await up(database.url, ['create table a(i)'])
      const scripts = ['create table a(i)', 'create table b(i)']
      await using migrator = await migratorOn(readOnly(database.name), scripts)
      expect(await rejection(migrator.up())).toMatchObject({
        code: 'DATABASE_FAILED',
        details: { serverCode: 'SQLITE_READONLY' },
      })
      expect(await rejection(migrator.force(7n))).toMatchObject({ code: 'DATABASE_FAILED' })
      expect(versionTable(database.name)).toBe('1/0')
    })

    test('has no ledger if it had none', async () => {
      await using database = await testDatabase('sqlite')
      await using first = await migratorOn(database.url, ['create table a(i)'], { ledger: false })
      await first.up()
      const warnings: string[] = []
      await using migrator = await migratorOn(readOnly(database.name), ['create table a(i)'], {
        onEvent: (event) => event.type === 'warning' && warnings.push(event.code),
      })
      expect((await migrator.up()).steps).toEqual([])
      expect(warnings).toEqual(['ledger-unavailable'])
    })

    test.skipIf(process.getuid?.() === 0)('by its rights, is read and not migrated', async () => {
      await using database = await testDatabase('sqlite')
      await up(database.url, ['create table a(i)'])
      await chmod(database.name, 0o444)
      await using migrator = await migratorOn(database.url, ['create table a(i)', 'select 1'])
      expect(await migrator.version()).toEqual({ version: 1n, dirty: false })
      expect(await rejection(migrator.up())).toMatchObject({ code: 'DATABASE_FAILED' })
      expect(versionTable(database.name)).toBe('1/0')
    })
  })

  test('that is full keeps what it has, and says so', async () => {
    await using database = await testDatabase('sqlite')
    const client = new Database(database.name)
    await up({ client }, ['create table a(t text)'])
    client.pragma(`max_page_count = ${client.pragma('page_count', { simple: true }) as number}`)
    const fill = `insert into a values (hex(randomblob(100000)))`
    await using migrator = await migratorOn({ client }, ['create table a(t text)', fill])
    const error = await rejection(migrator.up())
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: { failed: { serverCode: 'SQLITE_FULL' }, state: { version: 1n, dirty: false } },
    })
    expect(error.hint).toContain('room on the disk')
    expect(client.prepare('SELECT count(*) FROM a').pluck().get()).toBe(0)
    client.close()
  })

  test('with a damaged page is reported as such', async () => {
    await using database = await testDatabase('sqlite')
    await up(database.url, ['create table a(t text)', 'create index x on a (t)'])
    const client = new Database(database.name)
    client.unsafeMode(true)
    client.exec(
      `PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'a'`,
    )
    client.close()
    const error = await rejection(migratorOn(database.url, ['select 1']))
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', details: { retryable: false } })
    expect(error.hint).toContain('integrity_check')
  })
})

describeDatabase('sqlite', 'settings', () => {
  test('foreign keys are off unless the URL, the options or the client say otherwise', async () => {
    await using database = await testDatabase('sqlite')
    const probe = {
      '1_p.up.sql':
        'create table p(i integer primary key); create table c(i references p); insert into c values (1);',
    }
    await up(database.url, probe)
    for (const on of [
      `${database.url}2?_fk=1`,
      { database: `${database.name}3`, foreignKeys: true },
    ]) {
      await using migrator = await migratorOn(on, probe)
      expect(await rejection(migrator.up())).toMatchObject({
        details: { failed: { serverCode: 'SQLITE_CONSTRAINT_FOREIGNKEY', statement: 3 } },
      })
    }
    const client = new Database(`${database.name}4`)
    await using migrator = await migratorOn({ client }, probe)
    expect(await rejection(migrator.up())).toMatchObject({ code: 'MIGRATION_FAILED' })
    await up({ client, foreignKeys: false }, probe)
    expect(client.pragma('foreign_keys', { simple: true }), 'set back').toBe(1)
    client.close()
  })

  test('what a program changes on its client between two runs stays', async () => {
    await using database = await testDatabase('sqlite')
    const client = new Database(database.name)
    const cacheSize = () => client.pragma('cache_size', { simple: true })
    client.pragma('cache_size = 11')
    const scripts = [
      'pragma cache_size=22; create table a(i)',
      'pragma cache_size=33; create table b(i)',
    ]
    await using migrator = await migratorOn({ client }, scripts)
    await migrator.up({ steps: 1 })
    expect(cacheSize(), 'set back').toBe(11)
    client.pragma('cache_size = 44')
    await migrator.up({ steps: 1 })
    expect(cacheSize()).toBe(44)
    client.close()
  })

  test('the journal mode of the URL is set by the first run that writes', async () => {
    await using database = await testDatabase('sqlite')
    await up(database.url, ['create table a(i)'])
    const scripts = ['create table a(i)', 'create table b(i)']
    await using migrator = await migratorOn(`${database.url}?_journal_mode=WAL`, scripts)
    await migrator.version()
    expect(column(database.name, 'PRAGMA journal_mode')).toEqual(['delete'])
    await migrator.up()
    expect(column(database.name, 'PRAGMA journal_mode')).toEqual(['wal'])
  })

  test('a client that could not roll back is refused', async () => {
    await using database = await testDatabase('sqlite')
    const client = new Database(database.name)
    client.unsafeMode(true)
    client.pragma('journal_mode = OFF')
    await using migrator = await migratorOn({ client }, ['create table a(i)'])
    expect(await rejection(migrator.up())).toMatchObject({ code: 'INVALID_OPTION' })
    client.close()
  })

  test('two version tables in one file, one of them with a name that needs quotes', async () => {
    await using database = await testDatabase('sqlite')
    for (const table of ['schema_migrations', 'order', 'my "moves"', 'Größe']) {
      await using migrator = await migratorOn({ database: database.name, migrationsTable: table }, [
        `create table "for ${table.replaceAll('"', '')}"(i)`,
      ])
      await migrator.up()
      expect(versionTable(database.name, table.replaceAll('"', '""'))).toBe('1/0')
      const reader = await sqliteDriver({ database: database.name, migrationsTable: table }).open({
        ledger: true,
      })
      expect((await reader.readLedger?.({}))?.events).toHaveLength(1)
      await reader.close()
    }
  })

  test('several rows in the version table read as golang-migrate reads them', async () => {
    await using database = await testDatabase('sqlite')
    const client = new Database(database.name)
    client.exec(`CREATE TABLE schema_migrations (version uint64,dirty bool);
      INSERT INTO schema_migrations VALUES (1, 0), (2, 0)`)
    await up({ client }, ['create table a(i)', 'create table b(i)'])
    expect(versionTable(database.name)).toBe('2/0')
    client.close()
  })

  test('a version that is not an integer is an error, not a guess', async () => {
    await using database = await testDatabase('sqlite')
    const client = new Database(database.name)
    client.exec(`CREATE TABLE schema_migrations (version uint64,dirty bool);
      INSERT INTO schema_migrations VALUES ('abc', 0)`)
    await using migrator = await migratorOn({ client }, ['create table a(i)'])
    expect(await rejection(migrator.version())).toMatchObject({ code: 'VERSION_TABLE_UNTRUSTED' })
    client.close()
  })
})

describeDatabase('sqlite', 'waiting', () => {
  test('a run waits for a transaction of another connection, and ends by its timeout', async () => {
    await using database = await testDatabase('sqlite')
    await up(database.url, ['create table a(i)'])
    const other = new Database(database.name)
    other.exec('BEGIN IMMEDIATE')
    const scripts = ['create table a(i)', 'create table b(i)']
    const events: string[] = []
    await using migrator = await migratorOn(database.url, scripts, {
      lockTimeoutMs: 300,
      onEvent: ({ type }) => events.push(type),
    })
    expect(await migrator.version(), 'reading does not wait').toMatchObject({ version: 1n })
    expect(await rejection(migrator.up())).toMatchObject({ code: 'LOCK_TIMEOUT' })
    expect(events).toContain('lock-waiting')
    setTimeout(() => other.exec('COMMIT'), 100)
    await expect(migrator.up()).resolves.toMatchObject({ to: { version: 2n } })
    other.close()
  })

  test('a step whose lock is taken says so at once, and begins nothing', async () => {
    await using database = await testDatabase('sqlite')
    await up(database.url, ['create table a(i)'])
    const driver = await sqliteDriver(`${database.url}?_busy_timeout=60000`).open({ ledger: true })
    await driver.prepare()
    const other = new Database(database.name)
    other.exec('BEGIN IMMEDIATE')
    const startedAt = performance.now()
    const scripts = [
      'create table b(i)',
      'PRAGMA foreign_keys=ON; BEGIN; create table b(i); COMMIT;',
    ]
    for (const script of scripts) {
      const step = stepOf(driver, script, 1n, 2n)
      expect(await driver.runTransactional([{ ...step, ...blockOf(script) }])).toEqual({
        kind: 'busy',
      })
      expect(await driver.beginNonTransactional({ ...step, reason: 'test' })).toEqual({
        kind: 'busy',
      })
    }
    // A single one that waited would have waited for the 60 s of the URL.
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    other.exec('COMMIT')
    other.close()
    await driver.close()
    expect(versionTable(database.name)).toBe('1/0')
  })

  test('the settings of a URL wait for a file that another has for itself, and a script sees them', async () => {
    await using database = await testDatabase('sqlite')
    const first = 'create table a(i)'
    await up(database.url, [first])
    const other = new Database(database.name)
    other.exec('BEGIN EXCLUSIVE')
    setTimeout(() => other.exec('COMMIT'), 200)
    await up(`${database.url}?_busy_timeout=1234&_cache_size=-1500`, [
      first,
      `create table seen as select
        (select timeout from pragma_busy_timeout) as timeout,
        (select cache_size from pragma_cache_size) as cache_size`,
    ])
    expect(column(database.name, 'SELECT timeout FROM seen')).toEqual([1234])
    expect(column(database.name, 'SELECT cache_size FROM seen')).toEqual([-1500])
    other.close()
  })

  test('a commit waits for a reader', async () => {
    await using database = await testDatabase('sqlite')
    const first = 'create table a(i); insert into a values (1)'
    await up(database.url, [first])
    const reader = new Database(database.name)
    reader.exec('BEGIN; SELECT * FROM a')
    setTimeout(() => reader.exec('COMMIT'), 300)
    await up(database.url, [first, 'create table b(i)', 'create table c(i)'])
    expect(versionTable(database.name)).toBe('3/0')
    reader.close()
  })

  test('a commit does not wait for a reader that stays much longer than the lock timeout', async () => {
    await using database = await testDatabase('sqlite')
    const first = 'create table a(i); insert into a values (1)'
    await up(database.url, [first])
    const reader = new Database(database.name)
    reader.exec('BEGIN; SELECT * FROM a')
    await using migrator = await migratorOn(database.url, [first, 'create table b(i)'], {
      lockTimeoutMs: 300,
    })
    const began = performance.now()
    expect(await rejection(migrator.up())).toMatchObject({ code: 'LOCK_TIMEOUT' })
    // 10 s over the lock timeout; without it the wait was a minute.
    expect(performance.now() - began).toBeLessThan(40_000)
    reader.exec('COMMIT')
    expect(versionTable(database.name)).toBe('1/0')
    reader.close()
  })
})

const blockOf = (script: string): { block?: { begin: number; end: number } } =>
  script.includes('BEGIN') ? { block: { begin: 1, end: 3 } } : {}

describeDatabase('sqlite', 'non-transactional steps', () => {
  test('are journalled, without getting between a body and its last insert', async () => {
    await using database = await testDatabase('sqlite')
    const script = `-- mig: transaction=none
      create table a(id integer primary key, n integer);
      insert into a values (41, 0);
      select 1;
      insert into a (n) values (last_insert_rowid());
      VACUUM;`
    await up(database.url, [script])
    expect(column(database.name, 'SELECT n FROM a ORDER BY id')).toEqual([0, 41])
    expect(
      column(
        database.name,
        `SELECT kind || coalesce(' ' || statement, '') FROM schema_migrations_history ORDER BY id`,
      ),
    ).toEqual([
      'started',
      ...[1, 2, 3, 4, 5].map((statement) => `statement ${statement}`),
      'applied',
    ])
  })

  test('record statements of their own transaction at its end', async () => {
    await using database = await testDatabase('sqlite')
    const script = `-- mig: transaction=none
      create table a(i);
      BEGIN;
      insert into a values (1);
      insert into nowhere values (2);
      COMMIT;`
    await using migrator = await migratorOn(database.url, [script])
    const error = await rejection(migrator.up())
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: { failed: { statement: 4, line: 5 }, state: { version: 1n, dirty: true } },
    })
    expect(column(database.name, 'SELECT i FROM a')).toEqual([])
    expect(
      column(
        database.name,
        "SELECT statement FROM schema_migrations_history WHERE kind = 'statement'",
      ),
    ).toEqual([1])
    expect(versionTable(database.name)).toBe('1/1')
    expect(await rejection(migrator.up())).toMatchObject({ code: 'DIRTY_DATABASE' })
  })

  test('that leave a transaction open are an error', async () => {
    await using database = await testDatabase('sqlite')
    const script = '-- mig: transaction=none\nBEGIN; create table a(i);'
    await using migrator = await migratorOn(database.url, [script])
    const error = await rejection(migrator.up())
    expect(error.message).toContain('left a transaction open')
    expect(versionTable(database.name)).toBe('1/1')
    await migrator.force(null)
    expect(await migrator.version()).toEqual({ version: null, dirty: false })
  })

  test('write their marks although the script forbids writing', async () => {
    await using database = await testDatabase('sqlite')
    const script = '-- mig: transaction=none\nPRAGMA query_only=ON; select 1;'
    await up(database.url, [script, 'create table b(i)'])
    expect(versionTable(database.name)).toBe('2/0')
  })
})

describeDatabase('sqlite', 'the end of a run', () => {
  test('is a commit that writes, under a setting that syncs everything', async () => {
    for (const [journal, synchronous] of [
      ['DELETE', 3],
      ['WAL', 2],
    ]) {
      await using database = await testDatabase('sqlite')
      const statements: unknown[] = []
      const client = new Database(database.name, { verbose: (sql) => statements.push(sql) })
      client.pragma(`journal_mode = ${journal}`)
      client.pragma('synchronous = OFF')
      const driver = await sqliteDriver({ client }).open({ ledger: true })
      await driver.prepare()
      await driver.runTransactional([stepOf(driver, 'create table a(i)', null, 1n)])
      const other = new Database(database.name)
      const before = other.pragma('data_version', { simple: true })
      statements.length = 0
      expect(await driver.makeDurable()).toEqual({ confirmed: true })
      const sync = statements.indexOf(`PRAGMA synchronous=${synchronous}`)
      expect(sync).toBeGreaterThanOrEqual(0)
      expect(sync).toBeLessThan(statements.indexOf('BEGIN IMMEDIATE'))
      expect(other.pragma('data_version', { simple: true }), 'a page changed').not.toBe(before)
      expect(client.pragma('synchronous', { simple: true })).toBe(0)
      expect(versionTable(database.name)).toBe('1/0')
      await driver.close()
      other.close()
      client.close()
    }
  })

  test('that cannot be closed durably says so', async () => {
    const client = new Database(':memory:')
    const driver = await sqliteDriver({ client }).open({ ledger: true })
    await driver.prepare()
    client.pragma('query_only = ON')
    expect(await driver.makeDurable()).toMatchObject({ confirmed: false })
    client.close()
  })
})

describeDatabase('sqlite', 'batches', () => {
  test('a thousand steps need a handful of commits', async () => {
    await using database = await testDatabase('sqlite')
    const commits: unknown[] = []
    const client = new Database(database.name, {
      verbose: (sql) => sql === 'COMMIT' && commits.push(sql),
    })
    const scripts = Array.from({ length: 1000 }, (_, index) => `create table t${index}(i)`)
    await using migrator = await migratorOn({ client }, scripts)
    const { steps } = await migrator.up()
    expect(steps).toHaveLength(1000)
    expect(commits.length).toBeLessThan(60)
    expect(versionTable(database.name)).toBe('1000/0')
    client.close()
  })

  test('a signal ends a large script between two statements, and nothing of it stays', async () => {
    await using database = await testDatabase('sqlite')
    const script = `create table a(i);${'insert into a values (1);\n'.repeat(200_000)}`
    await using migrator = await migratorOn(database.url, [script])
    const error = await rejection(migrator.up({ signal: AbortSignal.timeout(200) }))
    expect(error).toMatchObject({ code: 'ABORTED', details: { state: { version: null } } })
    expect(column(database.name, "SELECT 1 FROM sqlite_schema WHERE name = 'a'")).toEqual([])
    await expect(migrator.up()).resolves.toMatchObject({ to: { version: 1n } })
  })
})

describeDatabase('sqlite', 'drop', () => {
  test('takes everything a file can hold', async () => {
    await using database = await testDatabase('sqlite')
    const script = `
      create table "odd "" name"(id integer primary key autoincrement, t text);
      insert into "odd "" name"(t) values ('a');
      create index i on "odd "" name"(t);
      create trigger tr after insert on "odd "" name" begin select 1; end;
      create view v as select * from "odd "" name";
      create view broken as select * from nowhere;
      create virtual table search using fts5(t);
      create virtual table places using rtree(id, a, b);
      create table parent(i integer primary key);
      create table child(i references parent);
      insert into child values (7);
      analyze;`
    const client = new Database(database.name)
    client.pragma('foreign_keys = OFF')
    await using migrator = await migratorOn({ client }, [script])
    await migrator.up()
    client.pragma('foreign_keys = ON')
    const { dropped } = await migrator.drop()
    expect(dropped).toEqual(
      expect.arrayContaining(['odd " name', 'v', 'broken', 'search', 'places', 'parent', 'child']),
    )
    expect(column(database.name, 'SELECT name FROM sqlite_schema')).toEqual([])
    expect(client.pragma('foreign_keys', { simple: true })).toBe(1)
    client.pragma('foreign_keys = OFF')
    expect((await migrator.up()).steps).toHaveLength(1)
    client.close()
  })
})

describeDatabase('sqlite', 'the ledger', () => {
  test('of steps upwards is told in short', async () => {
    await using database = await testDatabase('sqlite')
    await up(database.url, ['create table a(i)', 'vacuum'])
    const driver = await sqliteDriver(database.url).open({ ledger: true })
    expect(await driver.readLedger?.({ summary: true })).toMatchObject({
      events: [],
      linear: { versions: '1\n2', recorded: { version: 2n, dirty: false } },
    })
    await driver.close()
  })

  test('is not touched where a table of its name is something else, or of a newer release', async () => {
    await using database = await testDatabase('sqlite')
    const client = new Database(database.name)
    client.exec('CREATE TABLE schema_migrations_history (what)')
    const driver = await sqliteDriver({ client }).open({ ledger: true })
    expect(await driver.prepare()).toMatchObject({
      ledger: 'unavailable',
      ledgerReason: expect.stringContaining('has no column id, format') as string,
    })
    await driver.appendEvent(blankEntry)
    client.exec('DROP TABLE schema_migrations_history')
    expect(await driver.prepare()).toMatchObject({ ledger: 'on' })
    await driver.appendEvent(blankEntry)
    client.exec('UPDATE schema_migrations_history SET format = 99')
    expect(await driver.prepare()).toMatchObject({
      ledger: 'unavailable',
      ledgerReason: expect.stringContaining('newer release') as string,
    })
    await driver.close()
    client.close()
  })

  test('has times of the database in UTC, with milliseconds', async () => {
    await using database = await testDatabase('sqlite')
    const before = Date.now() - 1
    await up(database.url, ['create table a(i)'])
    const driver = await sqliteDriver(database.url).open({ ledger: true })
    const [event] = (await driver.readLedger?.({}))?.events ?? []
    expect(event?.at.getTime()).toBeGreaterThanOrEqual(before)
    expect(event?.at.getTime()).toBeLessThanOrEqual(Date.now() + 1)
    expect(column(database.name, 'SELECT at FROM schema_migrations_history')[0]).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    )
    await driver.close()
  })
})

test('ten lines of a program migrate a database', async () => {
  const migrator = await createMigrator({
    source: memorySource({ '1_a.up.sql': 'create table a(i)' }),
    driver: sqliteDriver(':memory:'),
  })
  try {
    expect((await migrator.up()).steps).toHaveLength(1)
  } finally {
    await migrator.close()
  }
})
