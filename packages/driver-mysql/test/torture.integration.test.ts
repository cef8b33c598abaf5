import type { TransactionalStep } from '@mig/core/driver'
import { splitMysql } from '@mig/sql'
import { atDepth } from '@mig/internal-testing'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { beforeEach, expect, test } from 'vitest'
import { mysqlDriver } from '../src/index.ts'
import { type Cell, versionOf, rowsOf, run, tablesOf } from './admin.ts'
import { up, upFails, withMigrator } from './migrate.ts'
import { oneDatabase } from './one-database.ts'

const journalOf = (url: string): Promise<Cell[][]> =>
  rowsOf(
    url,
    "SELECT statement FROM schema_migrations_history WHERE kind = 'statement' ORDER BY id",
  )

describeDatabase(['mysql', 'mariadb'], 'scripts that try to break it', (kind) => {
  let url = ''
  oneDatabase(kind, (database) => (url = database.url))
  beforeEach(() => run(url, 'CREATE TABLE t (i int PRIMARY KEY, s varchar(200))'))

  test('1 comment-tail: a script may end in a comment without a newline', async () => {
    expect(await up(url, { 1: "insert into t values (1, 'a') -- bye" })).toEqual(['transactional'])
    expect(await versionOf(url)).toEqual([['1', 0]])
  })

  test('2 begin-commit: the marker is written inside the block of the body', async () => {
    const script = '-- c\nBEGIN;\ninsert into t values (1, null);\nCOMMIT; -- d'
    expect(await up(url, { 1: script })).toEqual(['transactional'])
    expect(await versionOf(url)).toEqual([['1', 0]])
    const error = await upFails(url, { 1: script, 2: script })
    expect(error.details).toMatchObject({
      failed: { statement: 2, line: 3 },
      state: { version: 1n, dirty: false },
    })
  })

  test('4 set-transaction: stays before the first write', async () => {
    const script = 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; insert into t values (1, null)'
    expect(await up(url, { 1: script })).toEqual(['transactional'])
    expect(await versionOf(url)).toEqual([['1', 0]])
  })

  test.each([
    ['5 block-rollback', 'BEGIN; insert into t values (1, null); ROLLBACK'],
    ['6 commit-and-chain', 'BEGIN; insert into t values (1, null); COMMIT AND CHAIN'],
    ['begin without commit', 'BEGIN; insert into t values (1, null)'],
  ])('%s is refused before anything is sent', async (_, script) => {
    const error = await upFails(url, { 1: script })
    expect(error).toMatchObject({ code: 'INVALID_BODY', details: { line: 1 } })
    expect(await versionOf(url)).toEqual([])
    expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
  })

  const transactionalStep = (script: string): TransactionalStep => {
    const parsed = splitMysql(script)
    return {
      version: 1n,
      direction: 'up',
      title: 'x',
      from: null,
      to: 1n,
      script,
      parsed,
      entry: {
        kind: 'applied',
        runId: 'r',
        version: 1n,
        direction: 'up',
        title: 'x',
        from: null,
        to: 1n,
        dirty: false,
        statement: null,
        statements: parsed.statements.length,
        durationMs: null,
        checksum: null,
        actor: 'a',
        tool: 't',
        line: null,
        column: null,
        errorCode: null,
        message: null,
        details: null,
      },
    }
  }

  const runForced = async (script: string): Promise<unknown> => {
    const driver = await mysqlDriver(url).open({ ledger: true })
    try {
      await driver.tryLock()
      await driver.prepare()
      await expect(driver.runTransactional([transactionalStep(script)])).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
      })
      return await driver.recover()
    } finally {
      await driver.close()
    }
  }

  test('8 lexer-blind commit: half a script is dirty, never clean', async () => {
    const script = "insert into t values (1, 'a'); COMMIT; insert into t values (1, 'b')"
    expect(await runForced(script)).toEqual({ version: 1n, dirty: true })
  })

  test('8 lexer-blind DDL: half a script is dirty, never clean', async () => {
    expect(await runForced('create table u (i int); create table u (i int)')).toEqual({
      version: 1n,
      dirty: true,
    })
  })

  test('8 lexer-blind rollback: nothing of what follows stays', async () => {
    const script = "insert into t values (1, 'a'); ROLLBACK; insert into t values (2, 'b')"
    expect(await runForced(script)).toEqual({ version: null, dirty: false })
    expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
  })

  test('9 post-commit error: what stands after COMMIT makes the script one that is non-transactional', async () => {
    const error = await upFails(url, {
      1: 'BEGIN; insert into t values (1, null); COMMIT; SET nosuch = 1;',
    })
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: {
        failed: { statement: 4, effect: { certain: 3, failed: 'not-in-effect' } },
        state: { version: 1n, dirty: true },
      },
    })
    expect(await rowsOf(url, 'SELECT i FROM t')).toEqual([[1]])
    expect(await journalOf(url)).toEqual([[3]])
  })

  test('14 drop-own-marker: the version is written again, dirty', async () => {
    const error = await upFails(url, { 1: 'DROP TABLE schema_migrations' })
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('was removed while the step ran'),
      details: { state: { version: 1n, dirty: true } },
    })
    expect(await versionOf(url)).toEqual([['1', 1]])
  })

  test('14 a script that writes the version row fails, and nothing is changed', async () => {
    const error = await upFails(url, {
      1: "insert into t values (1, 'a'); update schema_migrations set version = 7",
    })
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: { state: { version: null, dirty: false } },
    })
    expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
  })

  test('18 unlock-all: a script cannot give the lock back', async () => {
    let waiting: () => void = () => undefined
    const waits = new Promise<void>((resolve) => (waiting = resolve))
    const scripts = {
      1: 'SELECT RELEASE_ALL_LOCKS(); create table a (i int)',
      2: 'create table b (i int); select * from (select sleep(0.5)) x; create table c (i int)',
      3: 'create table d (i int)',
    }
    const first = withMigrator(
      url,
      scripts,
      async (migrator) => (await migrator.up()).steps.length,
      {
        onEvent: ({ type }) => type === 'step-started' && waiting(),
      },
    )
    await waits
    const events: string[] = []
    const second = withMigrator(
      url,
      scripts,
      async (migrator) => (await migrator.up()).steps.length,
      {
        onEvent: ({ type }) => events.push(type),
      },
    )
    expect(await Promise.all([first, second])).toEqual([3, 0])
    expect(events).toContain('lock-waiting')
    expect(await tablesOf(url)).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd']))
  })

  test('22 hidden-ddl: a procedure that commits makes the step non-transactional', async () => {
    await run(
      url,
      'CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (2, NULL); CREATE TABLE hidden (i int); END',
    )
    const error = await upFails(url, {
      1: 'insert into t values (1, null);\nCALL p();\ninsert into t values (1, null);',
    })
    expect(error.details).toMatchObject({
      failed: { statement: 3, line: 3 },
      state: { version: 1n, dirty: true },
    })
    expect(await journalOf(url)).toEqual([[1], [2]])
  })

  const dump =
    'LOCK TABLES t WRITE;\n/*!40000 ALTER TABLE t DISABLE KEYS */;\n' +
    "INSERT INTO t VALUES (1, 'a'), (2, 'b');\n/*!40000 ALTER TABLE t ENABLE KEYS */;\nUNLOCK TABLES;\n"

  test('23 dump: table locks of the body do not stop the journal', async () => {
    expect(await up(url, { 1: `${dump}create table after_it (i int);` })).toEqual([
      'non-transactional',
    ])
    expect(await versionOf(url)).toEqual([['1', 0]])
    expect(await journalOf(url)).toEqual([[5]])
  })

  test('23 dump: killed inside, the statements in question are known', async () => {
    const script = dump.replace('UNLOCK', 'SELECT SLEEP(30) FROM t;\nUNLOCK')
    const failing = upFails(url, { 1: `create table before_it (i int);\n${script}` })
    await killWhen(url, 'SELECT SLEEP(30)%')
    const error = await failing
    expect(error).toMatchObject({
      code: 'CONNECTION_LOST',
      details: { failed: { statement: 6 }, state: { version: 1n, dirty: true } },
    })
    expect(await journalOf(url)).toEqual([[1]])
  })

  test.each([
    ['USE', 'USE information_schema', 'select count(*) from t'],
    ['sql_safe_updates', 'SET sql_safe_updates = 1', 'update t set s = s'],
    [
      'sql_select_limit',
      'SET sql_select_limit = 0',
      'set @n = (select count(*) from (select 1 union select 2) x); insert into t values (@@sql_select_limit > 0, @n)',
    ],
    [
      'NO_BACKSLASH_ESCAPES',
      "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
      'insert into t values (5, "it\\"s; ok")',
    ],
    [
      'a time zone',
      "SET time_zone = '+05:00'",
      'insert into t values (if(@@time_zone = @@global.time_zone, 1, null), null)',
    ],
    [
      'a temporary table',
      'CREATE TEMPORARY TABLE schema_migrations (i int); CREATE TEMPORARY TABLE t (x int)',
      "insert into t values (6, 'kept')",
    ],
    ['a user variable', 'SET @x = 1', 'insert into t values (if(@x is null, 1, null), null)'],
    ['SET NAMES', 'SET NAMES latin1', "insert into t values (7, 'é')"],
  ])('24 session: %s reaches neither version row nor next step', async (_, change, next) => {
    const kinds = await up(url, { 1: change, 2: next, 3: 'create table c (i int)' })
    expect(kinds).toHaveLength(3)
    expect(await versionOf(url)).toEqual([['3', 0]])
    const [[events] = []] = await rowsOf(
      url,
      "SELECT count(*) FROM schema_migrations_history WHERE kind = 'applied'",
    )
    expect(String(events)).toBe('3')
  })

  test('24 session: text is UTF-8, whatever the script says of its character set', async () => {
    await up(url, {
      1: "SET NAMES utf8; create table z (i int); insert into t values (1, 'é')",
      2: "insert into t values (2, 'é𝒳')",
    })
    expect(await rowsOf(url, 'SELECT s FROM t ORDER BY i')).toEqual([['é'], ['é𝒳']])
  })

  test.each([
    [
      'an open transaction',
      'START TRANSACTION;\ninsert into t values (1, null);',
      'transaction open',
      1,
    ],
    ['autocommit off', 'create table a (i int);\nSET autocommit = 0;', 'autocommit off', 2],
    [
      'an open transaction without autocommit',
      'SET autocommit = 0;\ninsert into t values (1, null);',
      'transaction open',
      2,
    ],
    ['tables locked', 'create table a (i int);\nLOCK TABLES t WRITE;', 'tables locked', 2],
    ['the version table locked', 'LOCK TABLES schema_migrations WRITE', 'tables locked', 1],
    [
      'an XA transaction',
      "XA START 'mig-torture';\ninsert into t values (1, null);",
      'transaction open',
      1,
    ],
    [
      'a select behind BEGIN',
      'create table a (i int);\nBEGIN;\nselect * from t;',
      'transaction open',
      2,
    ],
  ])('24 a script that leaves %s is told so', async (_, script, message, line) => {
    const error = await upFails(url, { 1: `-- mig: transaction=none\n${script}` })
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining(message),
      details: { failed: { line: line + 1 }, state: { version: 1n, dirty: true } },
    })
    expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
    await withMigrator(url, { 1: script }, (migrator) => migrator.force(null))
    expect(await up(url, { 1: 'insert into t values (1, null)' })).toEqual(['transactional'])
  })

  test('24 a prepared XA branch is told', async () => {
    const xid = `'mig-${kind}-${new URL(url).pathname.slice(1)}'`
    const error = await upFails(url, {
      1: `XA START ${xid}; insert into t values (1, null); XA END ${xid}; XA PREPARE ${xid}`,
    })
    expect(error.message).toMatch(/XA transaction prepared/)
    expect(error.details.state).toEqual({ version: 1n, dirty: true })
    await run(url, `XA ROLLBACK ${xid}`)
    const whole = `XA START ${xid}; insert into t values (1, null); XA END ${xid}; XA PREPARE ${xid}; XA COMMIT ${xid}`
    await withMigrator(url, { 1: '' }, (migrator) => migrator.force(null))
    expect(await up(url, { 1: whole })).toEqual(['non-transactional'])
  })

  test('24 a transaction of a non-transactional script that fails is rolled back, and said so', async () => {
    const error = await upFails(url, {
      1:
        '-- mig: transaction=none\ncreate table a (i int);\nBEGIN;\n' +
        'insert into t values (1, null);\ninsert into t values (1, null);\nCOMMIT;',
    })
    expect(error.details.failed?.effect).toEqual({
      certain: 1,
      open: 3,
      openFate: 'rolled-back',
      failed: 'not-in-effect',
    })
    expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
    expect(await journalOf(url)).toEqual([[1]])
  })

  test('DELIMITER and stored programs', async () => {
    const script =
      'DELIMITER //\ncreate procedure p() begin select 1; select 2; end//\n' +
      'create trigger tr before insert on t for each row begin set new.s = "x"; end//\nDELIMITER ;\n' +
      'insert into t values (1, null);\ncall p();'
    expect(await up(url, { 1: script })).toEqual(['non-transactional'])
    expect(await rowsOf(url, 'SELECT s FROM t')).toEqual([['x']])
  })

  test('a global read lock of the script does not block its own version row', async () => {
    await up(url, { 1: 'FLUSH TABLES t WITH READ LOCK;\nUNLOCK TABLES;\ncreate table a (i int)' })
    expect(await versionOf(url)).toEqual([['1', 0]])
    expect(await journalOf(url)).toEqual([[2]])
  })
})

/** Kills the session that runs a statement like this, as soon as there is one. */
const killWhen = async (url: string, pattern: string): Promise<void> => {
  for (;;) {
    const found = await rowsOf(
      url,
      'SELECT id FROM information_schema.processlist ' +
        `WHERE info LIKE '${pattern}' AND db = DATABASE() AND id <> CONNECTION_ID()`,
    )
    const id = found[0]?.[0]
    if (id !== undefined) return run(url, `KILL ${String(id)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describeDatabase(['mysql', 'mariadb'], 'large scripts', (kind) => {
  const megabytes = atDepth({ quick: 10, ci: 100, full: 100 })
  test(
    `25 big: ${megabytes} MB of INSERTs, a statement too long, a million rows`,
    { timeout: 300_000 },
    async () => {
      await using database = await testDatabase(kind)
      const { url } = database
      await run(url, 'CREATE TABLE t (i int, s varchar(2000))')
      const line = `insert into t values (1, '${'x'.repeat(950)}');\n`
      const script = line.repeat(Math.ceil((megabytes * 1024 * 1024) / line.length))
      const applied = await up(url, { 1: script })
      expect(applied).toEqual(['transactional'])

      const rows =
        'select a.i from (select i from t limit 1000) a cross join (select i from t limit 1000) b'
      const before = process.memoryUsage().heapUsed
      let peak = before
      const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().heapUsed)), 20)
      try {
        expect(await up(url, { 2: rows }, { migrationsTable: 'rows_only' })).toEqual([
          'transactional',
        ])
      } finally {
        clearInterval(timer)
      }
      expect(peak - before).toBeLessThan(100_000_000)

      const long = `insert into t values (1, '${'x'.repeat(70 * 1024 * 1024)}')`
      const error = await upFails(url, { 1: script, 3: `create table a (i int);\n${long}` })
      expect(error).toMatchObject({
        code: 'INVALID_BODY',
        message: expect.stringMatching(
          /^3_x.up.sql:2:1: A statement of 70 MB .* max_allowed_packet is /,
        ),
        details: { line: 2 },
      })
      expect(await versionOf(url)).toEqual([['1', 0]])
      expect(await tablesOf(url)).not.toContain('a')
    },
  )
})
