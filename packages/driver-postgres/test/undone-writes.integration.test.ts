import { createMigrator, memorySource } from '@mig/core'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { postgresDriver } from '../src/index.ts'
import { run } from './admin.ts'

describeDatabase(
  ['postgres', 'postgres-old'],
  'a trigger that undoes the write of the version',
  (kind) => {
    test.each([
      ['a first step', 'INSERT', [], 'STATE_CHANGED', 'stays at none: 4 attempts'],
      ['a step', 'UPDATE', ['create table a (i int)'], 'MIGRATION_FAILED', 'The version table'],
    ])(
      'ends the run of %s within seconds, and is named',
      async (_, event, before, code, message) => {
        await using database = await testDatabase(kind)
        const url = `${database.url}${database.url.includes('?') ? '&' : '?'}x-trust-version-table=true`
        const migrator = (scripts: readonly string[]): ReturnType<typeof createMigrator> =>
          createMigrator({
            source: memorySource(
              Object.fromEntries(scripts.map((script, index) => [`${index + 1}_x.up.sql`, script])),
            ),
            driver: postgresDriver(url),
          })
        {
          await using first = await migrator([...before, 'select 1'])
          await first.up({ steps: before.length })
          await run(
            database.url,
            `CREATE TABLE IF NOT EXISTS schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
         CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER swallow BEFORE ${event} ON schema_migrations FOR EACH ROW EXECUTE FUNCTION swallow()`,
          )
        }
        await using second = await migrator([...before, 'create table b (i int)'])
        const startedAt = performance.now()
        await expect(second.up()).rejects.toMatchObject({
          code,
          message: expect.stringContaining(message),
          hint: expect.stringContaining('trigger'),
        })
        expect(performance.now() - startedAt).toBeLessThan(10_000)
        expect(await run(database.url, "SELECT to_regclass('b') AS b")).toEqual([{ b: null }])
      },
    )
  },
)
