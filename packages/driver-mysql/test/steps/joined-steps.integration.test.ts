import type { Migrator } from '@mig/core'
import { describeDatabase } from '@mig/testing/vitest'
import type { Connection } from 'mysql2/promise'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  empty,
  idOf,
  versionOf,
  rowsOf,
  run,
  tablesOf,
  withConnection,
  type Cell,
} from '../admin.ts'
import { failureOf, up, upFails, withMigrator, type Scripts } from '../migrate.ts'
import { oneDatabase } from '../one-database.ts'

describeDatabase(['mysql', 'mariadb'], 'steps that share a message or a commit', (kind) => {
  let url = ''
  oneDatabase(kind, (database) => (url = database.url))

  /** Runs while somebody holds something that the run comes to wait for. */
  const whileHeld = async (
    scripts: Scripts,
    held: string,
    waiting: string,
    action: (running: Promise<unknown>, holder: Connection, migrator: Migrator) => Promise<unknown>,
    options: Parameters<Migrator['up']>[0] = {},
  ): Promise<unknown> =>
    withConnection(url, async (holder) => {
      await holder.query(held)
      return withMigrator(url, scripts, async (migrator) => {
        const running = failureOf(migrator.up(options))
        await idOf(url, waiting)
        return action(running, holder, migrator)
      })
    })

  const eventsOf = async (): Promise<Cell[][]> =>
    rowsOf(url, 'SELECT kind, version FROM schema_migrations_history ORDER BY id')

  test('a non-transactional step begins with the write that ends the one before it, of either kind', async () => {
    const scripts = {
      1: 'create table a (i int)',
      2: 'create table b (i int)',
      3: 'insert into a values (1)',
      4: 'create table c (i int)',
    }
    expect(await up(url, scripts)).toEqual([
      'non-transactional',
      'non-transactional',
      'transactional',
      'non-transactional',
    ])
    // One statement has one time, so what was written together has the same.
    const times = await rowsOf(
      url,
      "SELECT GROUP_CONCAT(kind, ' ', version ORDER BY id) FROM schema_migrations_history GROUP BY at ORDER BY MIN(id)",
    )
    expect(times).toEqual([
      ['started 1'],
      ['applied 1,started 2'],
      ['applied 2'],
      ['applied 3,started 4'],
      ['applied 4'],
    ])
    expect(await versionOf(url)).toEqual([['4', 0]])
  })

  describe('a non-transactional step after another', () => {
    const scripts = {
      1: 'create table a (i int)',
      2: 'alter table t add column j int; create table b (i int)',
      3: 'create table c (i int)',
    }
    const held = 'START TRANSACTION; SELECT * FROM t'
    const waiting = 'alter table t add column j int%'
    beforeEach(() => run(url, 'CREATE TABLE t (i int)'))

    const secondIsDirty = {
      applied: [{ version: 1n }],
      failed: { version: 2n, statement: 1, effect: { certain: 0, failed: 'perhaps' } },
      state: { version: 2n, dirty: true },
    }

    test('is left dirty when its session is killed, and the first applied', async () => {
      const error = await whileHeld(scripts, held, waiting, async (running) => {
        await run(url, `KILL ${await idOf(url, waiting)}`)
        return running
      })
      expect(error).toMatchObject({ code: 'CONNECTION_LOST', details: secondIsDirty })
      expect(await tablesOf(url)).not.toContain('b')
    })

    test('is cancelled on the server by a signal', async () => {
      const controller = new AbortController()
      const action = async (running: Promise<unknown>): Promise<unknown> => {
        controller.abort()
        return running
      }
      const options = { signal: controller.signal }
      const error = await whileHeld(scripts, held, waiting, action, options)
      expect(error).toMatchObject({ code: 'ABORTED', details: secondIsDirty })
      const columns = await rowsOf(
        url,
        "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't'",
      )
      expect(columns).toEqual([['i']])
    })
  })

  describe('a transactional step that is sent with the end of a non-transactional one', () => {
    const scripts = {
      1: 'create table a (i int)',
      2: 'insert into t values (1, 2); insert into t values (7, 2)',
      3: 'create table c (i int)',
    }
    const held = 'START TRANSACTION; INSERT INTO t VALUES (7, 1)'
    const waiting = 'insert into t values (7, 2)%'
    beforeEach(() => run(url, 'CREATE TABLE t (i int PRIMARY KEY, j int)'))

    const first = { applied: [{ version: 1n }], state: { version: 1n, dirty: false } }

    test('is not committed when its session is killed', async () => {
      await whileHeld(scripts, held, waiting, async (running, holder, migrator) => {
        await run(url, `KILL ${await idOf(url, waiting)}`)
        expect(await running).toMatchObject({ code: 'CONNECTION_LOST', details: first })
        expect(await versionOf(url)).toEqual([['1', 0]])
        expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
        await holder.query('ROLLBACK')
        expect((await migrator.up()).steps.map(({ version }) => version)).toEqual([2n, 3n])
      })
    })

    test('is cancelled on the server by a signal', async () => {
      const controller = new AbortController()
      const options = { signal: controller.signal }
      const action = async (running: Promise<unknown>, holder: Connection): Promise<void> => {
        controller.abort()
        expect(await running).toMatchObject({ code: 'ABORTED', details: first })
        await holder.query('ROLLBACK')
      }
      await whileHeld(scripts, held, waiting, action, options)
      expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
      expect(await eventsOf()).toEqual([
        ['started', '1'],
        ['applied', '1'],
        ['failed', '2'],
      ])
    })

    test('ends the run when it is told to stop meanwhile, and the guarded one does not begin', async () => {
      const controller = new AbortController()
      const options = { stop: controller.signal }
      const action = async (running: Promise<unknown>, holder: Connection): Promise<void> => {
        controller.abort()
        await holder.query('ROLLBACK')
        expect(await running).toMatchObject({ to: { version: 2n, dirty: false } })
      }
      await whileHeld(scripts, held, waiting, action, options)
      expect(await versionOf(url)).toEqual([['2', 0]])
      expect(await rowsOf(url, 'SELECT i FROM t')).toEqual([[1], [7]])
      expect(await eventsOf()).toEqual([
        ['started', '1'],
        ['applied', '1'],
        ['applied', '2'],
      ])
    })

    test('names the statement that fails', async () => {
      await run(url, 'INSERT INTO t VALUES (7, 7)')
      expect(await upFails(url, scripts)).toMatchObject({
        code: 'MIGRATION_FAILED',
        details: { ...first, failed: { version: 2n, statement: 2, serverCode: '1062' } },
      })
      expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([[7, 7]])
    })

    test('runs into its statement timeout, and is not committed', async () => {
      const error = await withConnection(url, async (holder) => {
        await holder.query(held)
        return upFails(`${url}?x-statement-timeout=500`, scripts)
      })
      expect(error.message).toContain('statement timeout')
      expect(error).toMatchObject({ details: first })
      expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])
    })
  })

  describe('what a step that writes data leaves of its session is gone after it', () => {
    const schema = 'create table t (id int auto_increment primary key, v varchar(50), w int)'

    /** What a later step sees, with a non-transactional one between the two, and with none. */
    const seen = async (change: string, value: string, before = ''): Promise<Cell[][]> => {
      await up(url, {
        1: `${schema}; create table seen (v varchar(50)); create table x (i int)`,
        ...(before === '' ? {} : { 2: before }),
        3: change,
        4: 'alter table x add column j int',
        5: `insert into seen select ${value}`,
        6: change,
        7: `insert into seen select ${value}`,
      })
      return rowsOf(url, 'SELECT v FROM seen')
    }

    test('the number of the last row', async () => {
      const change = "insert into t (v) values ('a')"
      expect(await seen(change, 'last_insert_id()')).toEqual([['0'], ['0']])
    })

    test("the number of the ledger's row, where a write went over the session of the scripts", async () => {
      const asked = 'insert into seen select last_insert_id()'
      await up(url, {
        1: 'create table seen (v varchar(50))',
        2: 'create table x (i int)',
        3: asked,
        4: 'create table y (i int)',
        5: `create table z (i int); ${asked}`,
        6: `-- mig: transaction=none\n${asked}`,
      })
      expect(await rowsOf(url, 'SELECT v FROM seen')).toEqual([['0'], ['0'], ['0']])
    })

    test('the autocommit that writes of ours turn off', async () => {
      const asked = 'insert into seen select @@autocommit'
      const left = '-- mig: transaction=none\nset autocommit = 0; create table w (i int)'
      await up(url, {
        1: 'create table seen (v varchar(50))',
        2: 'create table x (i int)',
        3: `create table z (i int); ${asked}; create table y (i int)`,
        4: `-- mig: transaction=none\n${asked}`,
        5: 'insert into seen values (2)',
        6: 'drop table x',
        7: `drop table y; start transaction; ${asked}; rollback; ${asked}`,
      })
      expect(await rowsOf(url, 'SELECT v FROM seen')).toEqual([['1'], ['1'], ['2'], ['1']])
      await empty(url)
      const error = await upFails(url, { 1: 'create table a (i int)', 2: left })
      expect(error.message).toContain('leaves autocommit off')
    })

    test('a variable set within a statement', async () => {
      const change = "insert into t (v) values (@inline := 'left')"
      const value = "coalesce(@inline, 'none')"
      expect(await seen(change, value)).toEqual([['none'], ['none']])
    })

    test('a variable that a trigger sets', async () => {
      const trigger = "create trigger r before insert on t for each row set @of_trigger = 'left'"
      const value = "coalesce(@of_trigger, 'none')"
      expect(await seen("insert into t (v) values ('a')", value, trigger)).toEqual([
        ['none'],
        ['none'],
      ])
    })

    test('a setting that a function makes', async () => {
      const program =
        'create function f() returns int deterministic begin set session sort_buffer_size = 300000; return 1; end'
      const value = 'if(@@sort_buffer_size = 300000, 1, 0)'
      expect(await seen('insert into t (w) values (f())', value, program)).toEqual([['0'], ['0']])
    })

    test('a temporary table that a trigger makes, in the way of the next schema change', async () => {
      await run(url, 'CREATE PROCEDURE p() CREATE TEMPORARY TABLE IF NOT EXISTS x (hidden int)')
      await up(url, {
        1: `${schema}; create table x (i int)`,
        2: 'create trigger r before insert on t for each row call p()',
        3: "insert into t (v) values ('a')",
        4: 'alter table x add column j int',
      })
      const columns = await rowsOf(
        url,
        "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'x' ORDER BY 1",
      )
      expect(columns).toEqual([['i'], ['j']])
    })
  })

  test('a script reaches the server as UTF-8, whatever it makes of its session', async () => {
    const named = 'SET NAMES latin1; '
    await up(url, {
      1: 'create table t (v varbinary(20)); create table x (i int)',
      2: `-- mig: transaction=none\n${named} insert into t values ('ä')`,
      3: "insert into t values ('ä')",
      4: "alter table x add column j int comment 'ä'",
      5: "insert into t values ('ä')",
    })
    expect(await rowsOf(url, 'SELECT HEX(v) FROM t')).toEqual([['C3A4'], ['C3A4'], ['C3A4']])
    const comments = await rowsOf(
      url,
      "SELECT HEX(column_comment) FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'j'",
    )
    expect(comments).toEqual([['C3A4']])
  })
})
