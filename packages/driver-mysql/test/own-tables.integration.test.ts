import type { DoctorResult, MigrateError } from '@mig/core'
import { describeDatabase } from '@mig/testing/vitest'
import { describe, expect, test } from 'vitest'
import { versionOf, rowsOf, run, tablesOf } from './admin.ts'
import { up, upFails, withMigrator } from './migrate.ts'
import { oneDatabase } from './one-database.ts'

describeDatabase(['mysql', 'mariadb'], 'tables that are not as mig makes them', (kind) => {
  let url = ''
  let name = ''
  oneDatabase(kind, (opened) => ({ url, name } = opened))

  const first = { 1: 'create table a (i int)' }
  const both = { ...first, 2: 'create table b (i int)' }

  const untrusted = (reason: RegExp): object => ({
    code: 'VERSION_TABLE_UNTRUSTED',
    message: expect.stringMatching(reason),
  })

  const doctor = (): Promise<DoctorResult> =>
    withMigrator(url, both, (migrator) => migrator.doctor())

  const readError = (): Promise<MigrateError> =>
    withMigrator(url, both, (migrator) =>
      migrator.status().then(
        () => expect.fail('it was read'),
        (error: unknown) => error as MigrateError,
      ),
    )

  /** A function that leaves a trace where it is called. */
  const tracing = `CREATE TABLE trace (i int);
    CREATE FUNCTION traced() RETURNS bigint READS SQL DATA BEGIN INSERT INTO trace VALUES (1); RETURN 1; END;`

  test('a view in the place of the version table is neither written nor read', async () => {
    await run(
      url,
      `${tracing}
       CREATE VIEW schema_migrations AS SELECT traced() AS version, 0 AS dirty`,
    )
    expect(await upFails(url, first)).toMatchObject(untrusted(/schema_migrations` is a view/))
    expect(await readError()).toMatchObject(untrusted(/schema_migrations` is a view/))
    const { healthy, findings } = await doctor()
    expect(healthy).toBe(false)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'UNTRUSTED_TABLE' }))
    expect(await rowsOf(url, 'SELECT * FROM trace')).toEqual([])
    expect(await tablesOf(url)).toEqual(['trace'])
  })

  test('a view in the place of the ledger is neither written nor read', async () => {
    await up(url, first)
    await run(
      url,
      `${tracing} RENAME TABLE schema_migrations_history TO kept;
       CREATE VIEW schema_migrations_history AS SELECT kept.*, traced() AS more FROM kept`,
    )
    const warnings: string[] = []
    await up(url, both, {
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    })
    expect(warnings.join()).toMatch(/schema_migrations_history` is a view/)
    expect(await withMigrator(url, both, (migrator) => migrator.history())).toMatchObject({
      state: { version: 2n },
      events: [],
    })
    expect((await doctor()).findings).toContainEqual(
      expect.objectContaining({ code: 'UNTRUSTED_TABLE', title: expect.stringContaining('view') }),
    )
    expect(await rowsOf(url, 'SELECT * FROM trace')).toEqual([])
  })

  describe('triggers', () => {
    const swallow = `CREATE TRIGGER swallow BEFORE UPDATE ON schema_migrations FOR EACH ROW
      SET NEW.version = OLD.version, NEW.dirty = OLD.dirty`

    test('are refused, with the statement that removes them', async () => {
      await up(url, first)
      await run(url, swallow)
      const error = await upFails(url, both)
      expect(error).toMatchObject(untrusted(/has the trigger `swallow`/))
      expect(error.hint).toContain(`DROP TRIGGER \`${name}\`.\`swallow\``)
      expect((await doctor()).findings).toContainEqual(
        expect.objectContaining({
          code: 'UNTRUSTED_TABLE',
          command: `DROP TRIGGER \`${name}\`.\`swallow\``,
        }),
      )
      await run(url, 'DROP TRIGGER swallow')
      await up(url, both)
      expect(await versionOf(url)).toEqual([['2', 0]])
    })

    test('are used with x-trust-version-table, as a history of the version needs them', async () => {
      await up(url, first)
      await run(
        url,
        `CREATE TABLE versions (v bigint); CREATE TRIGGER kept AFTER UPDATE ON schema_migrations
         FOR EACH ROW INSERT INTO versions VALUES (NEW.version)`,
      )
      await up(`${url}?x-trust-version-table=true`, both)
      expect(await versionOf(url)).toEqual([['2', 0]])
      expect(new Set((await rowsOf(url, 'SELECT v FROM versions')).flat())).toEqual(new Set(['2']))
    })

    test('that undo the write end the run within seconds, and are named', async () => {
      await up(url, first)
      await run(url, swallow)
      const startedAt = performance.now()
      for (const script of ['insert into a values (1)', 'create table b (i int)']) {
        const error = await upFails(`${url}?x-trust-version-table=true`, { ...first, 2: script })
        expect(error).toMatchObject({
          code: 'STATE_CHANGED',
          message: expect.stringMatching(
            /stays at 1: 4 attempts to write the next one changed nothing/,
          ),
          hint: expect.stringContaining('trigger'),
        })
      }
      expect(performance.now() - startedAt).toBeLessThan(10_000)
      expect(await versionOf(url)).toEqual([['1', 0]])
      expect(await rowsOf(url, 'SELECT * FROM a')).toEqual([])
    })
  })

  describe('columns and rows', () => {
    test('a table of golang-migrate without NOT NULL is used while its row says everything', async () => {
      await run(
        url,
        'CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (1, 0)',
      )
      await up(url, both)
      expect(await versionOf(url)).toEqual([['2', 0]])
    })

    test.each([
      [
        'NULL, 0',
        'version',
        'SET version = VERSION, dirty = COALESCE(dirty, 0) WHERE version IS NULL',
      ],
      ['1, NULL', 'dirty', 'SET dirty = 0 WHERE dirty IS NULL'],
      [
        'NULL, NULL',
        'version',
        'SET version = VERSION, dirty = COALESCE(dirty, 0) WHERE version IS NULL',
      ],
    ])(
      'a row (%s) is refused by whoever writes, and doctor says what to do',
      async (row, column, command) => {
        await run(
          url,
          `CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (${row})`,
        )
        const reason = new RegExp(`holds NULL as its ${column}`)
        expect(await upFails(url, both)).toMatchObject(untrusted(reason))
        expect(await tablesOf(url)).toEqual(['schema_migrations'])
        const found = (await doctor()).findings.find(({ code }) => code === 'UNTRUSTED_TABLE')
        expect(found?.title).toMatch(reason)
        expect(found?.command).toContain(command)
        await run(url, (found?.command ?? '').replace('VERSION', '1'))
        await up(url, both)
        expect(await versionOf(url)).toEqual([['2', 0]])
      },
    )

    test.each([
      ['version varchar(20), dirty boolean', /the column version .* varchar/],
      ['version bigint, dirty char(1)', /the column dirty .* char/],
      ['version varchar(255) primary key', /has no column dirty: it is the table of another tool/],
      ['version bigint, dirty boolean', /the engine MEMORY/, 'MEMORY'],
    ])('a table (%s) is refused: %s', async (columns, reason, engine = 'InnoDB') => {
      await run(url, `CREATE TABLE schema_migrations (${columns}) ENGINE = ${engine}`)
      expect(await upFails(url, both)).toMatchObject(untrusted(reason))
      expect((await doctor()).findings).toContainEqual(
        expect.objectContaining({
          code: 'UNTRUSTED_TABLE',
          title: expect.stringMatching(reason),
        }),
      )
    })
  })
})
