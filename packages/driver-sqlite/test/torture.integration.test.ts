import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { blankEntry, column, versionTable, migratorOn, rejection, stepOf, up } from './harness.ts'

const parents = `
  CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) ON DELETE CASCADE);
  INSERT INTO parent VALUES (1, 'a'), (2, 'b');
  INSERT INTO child VALUES (1, 1), (2, 1), (3, 2);`

const rebuild = `
  CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  INSERT INTO parent_new SELECT id, name FROM parent;
  DROP TABLE parent;
  ALTER TABLE parent_new RENAME TO parent;`

describeDatabase('sqlite', 'scripts that try to break the protocol', () => {
  test('1 comment-tail: a comment without a newline at the end', async () => {
    await using database = await testDatabase('sqlite')
    await up(database.url, ['create table a(i int) -- bye', 'create table b(i int) -- bye'])
    expect(versionTable(database.name)).toBe('2/0')
    expect(column(database.name, 'SELECT count(*) FROM b')).toEqual([0])
  })

  test("2 begin-commit: marker and ledger are in the body's own transaction", async () => {
    await using database = await testDatabase('sqlite')
    const block = (name: string): string =>
      `-- c\nBEGIN;\ncreate table ${name}(i int unique);\ninsert into ${name} values (1);\nCOMMIT; -- d`
    await up(database.url, [block('a'), block('b')])
    expect(versionTable(database.name)).toBe('2/0')

    const failing = `BEGIN TRANSACTION;\ncreate table c(i int);\ninsert into a values (1);\nEND;`
    await using migrator = await migratorOn(database.url, [block('a'), block('b'), failing])
    const error = await rejection(migrator.up())
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: { failed: { statement: 3, line: 3 }, state: { version: 2n, dirty: false } },
    })
    expect(column(database.name, "SELECT name FROM sqlite_schema WHERE name = 'c'")).toEqual([])
    expect(
      column(
        database.name,
        `SELECT kind || ' ' || version FROM schema_migrations_history ORDER BY id`,
      ),
    ).toEqual(['applied 1', 'applied 2', 'failed 3'])
  })

  test('5, 6: a block that rolls back is refused, and nothing changes', async () => {
    await using database = await testDatabase('sqlite')
    await using migrator = await migratorOn(database.url, ['BEGIN;\ncreate table a(i);\nROLLBACK;'])
    const error = await rejection(migrator.up())
    expect(error).toMatchObject({ code: 'INVALID_BODY', details: { line: 3 } })
    expect(versionTable(database.name)).toBe('')
  })

  test('8 lexer-blind: a COMMIT that went unseen leaves an honest dirty, never a wrong clean', async () => {
    await using database = await testDatabase('sqlite')
    const driver = await sqliteDriver(database.url).open({ ledger: true })
    await using migrator = await migratorOn(database.url, ['create table z(i)'])
    await migrator.up()
    await driver.prepare()
    for (const tail of ['create table a(i)', 'create table b(i)', 'BEGIN; create table c(i)']) {
      await driver.writeState({ to: { version: 1n, dirty: false }, entry: blankEntry })
      const script = `create table if not exists a(i); COMMIT; ${tail};`
      const step = stepOf(driver, script, 1n, 2n)
      await expect(
        driver.runTransactional([step, stepOf(driver, 'create table y(i)', 2n, 3n)]),
      ).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
      expect(await driver.recover()).toEqual({ version: 2n, dirty: true })
      expect(versionTable(database.name)).toBe('2/1')
    }
    await driver.close()
  })

  test('9 post-commit error: what the script committed is applied and recorded, and the error is reported', async () => {
    await using database = await testDatabase('sqlite')
    await using migrator = await migratorOn(database.url, [
      'BEGIN; create table a(i); COMMIT; PRAGMA nonsense(;',
    ])
    const error = await rejection(migrator.up())
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: { applied: [{ version: 1n }], state: { version: 1n, dirty: false } },
    })
    expect(versionTable(database.name)).toBe('1/0')
  })

  test.each([
    ['DROP TABLE schema_migrations;'],
    ['ALTER TABLE schema_migrations RENAME TO x;'],
    ['DELETE FROM schema_migrations;'],
    ['INSERT INTO schema_migrations VALUES (99, 0);'],
    ['UPDATE schema_migrations SET dirty = 0;'],
    ['DROP TABLE schema_migrations_history;'],
  ])('14 drop-own-marker: %s', async (script) => {
    for (const after of [[], ['create table b(i)', 'create table c(i)']]) {
      await using database = await testDatabase('sqlite')
      await using migrator = await migratorOn(database.url, ['create table a(i)', script, ...after])
      const error = await rejection(migrator.up())
      expect(error).toMatchObject({
        code: 'MIGRATION_FAILED',
        details: {
          applied: [{ version: 1n }],
          failed: { version: 2n },
          state: { version: 1n, dirty: false },
        },
      })
      expect(error.message).toContain('changed the version table')
      expect(versionTable(database.name)).toBe('1/0')
    }
  })

  test('15 deferred-fk: a constraint that fails only at COMMIT names its step in a batch of 5', async () => {
    await using database = await testDatabase('sqlite')
    const scripts = [
      'create table p(id integer primary key)',
      'create table c(p integer references p (id) deferrable initially deferred)',
      'insert into c values (7)',
      'create table d(i)',
      'create table e(i)',
    ]
    await using migrator = await migratorOn(`${database.url}?_fk=1`, scripts)
    const error = await rejection(migrator.up())
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: {
        applied: [{ version: 1n }, { version: 2n }],
        failed: {
          version: 3n,
          serverCode: 'SQLITE_CONSTRAINT_FOREIGNKEY',
          serverDetail: '"c" has rows that refer to no row of "p"',
        },
        state: { version: 2n, dirty: false },
      },
    })
    expect(versionTable(database.name)).toBe('2/0')
    expect(column(database.name, 'SELECT count(*) FROM c')).toEqual([0])
  })

  describe('19 sqlite-rebuild: child rows are kept', () => {
    const forms = {
      plain: rebuild,
      'with its own block': `PRAGMA foreign_keys=OFF;\nBEGIN;${rebuild}\nCOMMIT;\nPRAGMA foreign_keys=ON;`,
      'with the PRAGMA alone': `PRAGMA foreign_keys=OFF;${rebuild}`,
    }
    for (const [name, script] of Object.entries(forms)) {
      test(`${name}, on a connection of mig's`, async () => {
        await using database = await testDatabase('sqlite')
        await up(database.url, [parents, script, 'create table z(i)'])
        expect(column(database.name, 'SELECT count(*) FROM child')).toEqual([3])
        expect(versionTable(database.name)).toBe('3/0')
      })

      test(`${name}, in the middle of a batch`, async () => {
        await using database = await testDatabase('sqlite')
        const plain = ['create table a(i)', parents, 'create table b(i)']
        await up(database.url, [...plain, script, 'create table c(i)', 'create table d(i)'])
        expect(column(database.name, 'SELECT count(*) FROM child')).toEqual([3])
        expect(versionTable(database.name)).toBe('6/0')
      })
    }

    test.each([['with its own block'], ['with the PRAGMA alone']] as const)(
      '%s, on a client with foreign keys on',
      async (form) => {
        await using database = await testDatabase('sqlite')
        const client = new Database(database.name)
        await up({ client }, [parents, forms[form], 'insert into child values (4, 2)'])
        expect(column(database.name, 'SELECT count(*) FROM child')).toEqual([4])
        expect(client.pragma('foreign_keys', { simple: true })).toBe(1)
        client.close()
      },
    )

    test('a PRAGMA that comes too late to work is an error where it would cost rows', async () => {
      await using database = await testDatabase('sqlite')
      const client = new Database(database.name)
      const outOfOrderMigrations = `create table x(i);\nPRAGMA foreign_keys = OFF;${rebuild}`
      await using migrator = await migratorOn({ client }, [parents, outOfOrderMigrations])
      const error = await rejection(migrator.up())
      expect(error).toMatchObject({
        code: 'MIGRATION_FAILED',
        details: { failed: { line: 2 }, state: { version: 1n, dirty: false } },
      })
      expect(column(database.name, 'SELECT count(*) FROM child')).toEqual([3])
      client.close()
    })
  })

  describe('20 sqlite-or-rollback: a script that rolls back by itself, as step 3 of 5', () => {
    test.each([
      ['INSERT OR ROLLBACK INTO u VALUES (1);', 'SQLITE_CONSTRAINT_UNIQUE'],
      ['INSERT INTO u VALUES (2);', 'SQLITE_CONSTRAINT_TRIGGER'],
      ['ROLLBACK TO s;', 'SQLITE_ERROR'],
      [
        'SAVEPOINT s; INSERT INTO u VALUES (3); ROLLBACK TO s; RELEASE s; RELEASE s;',
        'SQLITE_ERROR',
      ],
    ])('%s', async (script, serverCode) => {
      await using database = await testDatabase('sqlite')
      const trigger = `create trigger t before insert on u when new.i = 2
        begin select raise(rollback, 'no two'); end;`
      await using migrator = await migratorOn(database.url, [
        'create table u(i unique); insert into u values (1);',
        trigger,
        script,
        'create table d(i)',
        'create table e(i)',
      ])
      const error = await rejection(migrator.up())
      expect(error).toMatchObject({
        code: 'MIGRATION_FAILED',
        details: {
          applied: [{ version: 1n }, { version: 2n }],
          failed: { version: 3n, serverCode },
          state: { version: 2n, dirty: false },
        },
      })
      expect(versionTable(database.name)).toBe('2/0')
      expect(column(database.name, 'SELECT i FROM u')).toEqual([1])
    })

    test('a savepoint of the script that it closes itself is fine', async () => {
      await using database = await testDatabase('sqlite')
      const script = 'SAVEPOINT s; insert into u values (3); ROLLBACK TO s; RELEASE s;'
      await up(database.url, ['create table u(i)', script, 'create table d(i)'])
      expect(versionTable(database.name)).toBe('3/0')
      expect(column(database.name, 'SELECT i FROM u')).toEqual([])
    })
  })

  describe('21 sqlite-pragma-mix: nothing leaks into the next step', () => {
    const scripts = [
      'create table a(i)',
      'VACUUM;',
      'PRAGMA journal_mode=WAL;',
      'PRAGMA query_only=ON;',
      'insert into a values (1);',
      "ATTACH ':memory:' AS other; CREATE TABLE other.a(i); INSERT INTO other.a VALUES (2);",
      'create temp table schema_migrations(version, dirty); create temp table a(i); insert into a values (9);',
      'insert into a values (3);',
      'PRAGMA locking_mode=EXCLUSIVE; insert into a values (4);',
      'PRAGMA case_sensitive_like=ON; PRAGMA recursive_triggers=ON; PRAGMA synchronous=OFF;',
      "insert into a select 5 where 'a' like 'A';",
      'create temp view w as select 1; create temp trigger x after insert on main.a begin select 1; end;',
      'create table b(i)',
    ]

    test('all of it in one run', async () => {
      await using database = await testDatabase('sqlite')
      await up(database.url, scripts)
      expect(versionTable(database.name)).toBe(`${scripts.length}/0`)
      expect(column(database.name, 'SELECT i FROM a ORDER BY i')).toEqual([1, 3, 4, 5])
      expect(column(database.name, 'PRAGMA journal_mode')).toEqual(['wal'])
    })

    test('on a client of the program, which is as it was', async () => {
      await using database = await testDatabase('sqlite')
      const client = new Database(database.name)
      client.exec("CREATE TEMP TABLE mine(i); ATTACH ':memory:' AS mine_too")
      const names = ['foreign_keys', 'query_only', 'synchronous', 'busy_timeout', 'locking_mode']
      const settings = (): unknown[] => names.map((name) => client.pragma(name, { simple: true }))
      const before = settings()
      await up({ client }, scripts)
      // A reopened WAL database would have another default; this connection keeps its own.
      expect(settings()).toEqual(before)
      expect(
        client.prepare("SELECT name FROM temp.sqlite_master WHERE type <> 'index'").pluck().all(),
      ).toEqual(['mine'])
      expect(
        client.prepare('SELECT name FROM pragma_database_list ORDER BY 1').pluck().all(),
      ).toEqual(['main', 'mine_too', 'temp'])
      client.close()
    })

    test('also after a script that fails', async () => {
      await using database = await testDatabase('sqlite')
      const client = new Database(database.name)
      const script =
        'PRAGMA synchronous=OFF; PRAGMA recursive_triggers=ON; create temp table t(i); select * from nowhere;'
      await using migrator = await migratorOn({ client }, [script])
      const before = ['synchronous', 'recursive_triggers'].map((name) => client.pragma(name))
      await rejection(migrator.up())
      expect(['synchronous', 'recursive_triggers'].map((name) => client.pragma(name))).toEqual(
        before,
      )
      expect(client.prepare('SELECT name FROM temp.sqlite_master').all()).toEqual([])
      client.close()
    })
  })

  test('a table called temp.schema_migrations of the program is left alone', async () => {
    await using database = await testDatabase('sqlite')
    const client = new Database(database.name)
    client.exec(
      'CREATE TEMP TABLE schema_migrations(version, dirty); INSERT INTO temp.schema_migrations VALUES (77, 1)',
    )
    await up({ client }, ['create table a(i)'])
    expect(versionTable(database.name)).toBe('1/0')
    expect(client.prepare('SELECT version FROM temp.schema_migrations').pluck().all()).toEqual([77])
    client.close()
  })

  test('a file with a NUL in it is refused, since SQLite would run half a statement', async () => {
    await using database = await testDatabase('sqlite')
    await using migrator = await migratorOn(database.url, [
      'create table a(i);\ncreate table b(i)\0, c',
    ])
    const error = await rejection(migrator.up())
    expect(error).toMatchObject({ code: 'INVALID_BODY', details: { line: 2, column: 18 } })
    expect(column(database.name, "SELECT name FROM sqlite_schema WHERE name = 'a'")).toEqual([])
  })

  test('writable_schema works, as with other SQLite shells, and is off again', async () => {
    await using database = await testDatabase('sqlite')
    const script = `PRAGMA writable_schema=ON;
      UPDATE sqlite_schema SET sql = 'CREATE TABLE a (i CHECK (i > 0))' WHERE name = 'a';
      PRAGMA writable_schema=RESET;`
    await up(database.url, ['create table a (i)', script, 'create table b(i)'])
    expect(column(database.name, "SELECT sql FROM sqlite_schema WHERE name = 'a'")).toEqual([
      'CREATE TABLE a (i CHECK (i > 0))',
    ])
    await using migrator = await migratorOn(database.url, [
      'create table a (i)',
      script,
      'create table b(i)',
      "UPDATE sqlite_schema SET sql = 'x'",
    ])
    expect((await rejection(migrator.up())).message).toContain('may not be modified')
  })
})
