import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createMigrator } from '@mig/core'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { column, versionTable, rejection } from './harness.ts'

const golangMigrate = process.env['MIG_GOLANG_MIGRATE'] ?? ''
const corpus = process.env['MIG_CORPUS_DIR'] ?? ''

/** Runs golang-migrate; what it prints goes to stderr. */
const migrate = async (...args: readonly string[]): Promise<string> => {
  const { stderr } = await promisify(execFile)(golangMigrate, args)
  return stderr.trim()
}

const schema = "SELECT sql FROM sqlite_schema WHERE tbl_name = 'schema_migrations' ORDER BY name"

describeDatabase('sqlite', 'beside golang-migrate', () => {
  describe.skipIf(golangMigrate === '')('the real one', () => {
    const prepare = async (
      file: string,
    ): Promise<{ folder: string; args: readonly string[]; url: string }> => {
      const folder = join(dirname(file), 'migrations')
      const url = `sqlite://${file}`
      await mkdir(folder)
      for (const version of [1, 2, 3]) {
        await writeFile(join(folder, `${version}_t.up.sql`), `CREATE TABLE t${version} (i);`)
        await writeFile(join(folder, `${version}_t.down.sql`), `DROP TABLE t${version};`)
      }
      return { folder, url, args: ['-path', folder, '-database', url] }
    }

    test('each reads the version row of the other, up and down', async () => {
      await using database = await testDatabase('sqlite')
      const { folder, url, args } = await prepare(database.name)
      await using migrator = await createMigrator({ source: folder, driver: sqliteDriver(url) })
      await migrator.up({ steps: 1 })
      expect(await migrate(...args, 'version')).toBe('1')
      await migrate(...args, 'up', '1')
      expect(await migrator.version()).toEqual({ version: 2n, dirty: false })
      expect((await migrator.up()).steps.map(({ version }) => version)).toEqual([3n])
      expect(await migrate(...args, 'version')).toBe('3')
      await migrate(...args, 'down', '2')
      expect(await migrator.version()).toEqual({ version: 1n, dirty: false })
      await migrator.down()
      await expect(migrate(...args, 'version')).rejects.toMatchObject({
        stderr: expect.stringContaining('no migration') as string,
      })
      expect(
        column(database.name, "SELECT kind FROM schema_migrations_history WHERE kind = 'observed'"),
      ).toHaveLength(2)
    })

    test('the largest version and a dirty one', async () => {
      await using database = await testDatabase('sqlite')
      const { folder, url, args } = await prepare(database.name)
      await using migrator = await createMigrator({ source: folder, driver: sqliteDriver(url) })
      await migrator.force(9_223_372_036_854_775_807n)
      expect(await migrate(...args, 'version')).toBe('9223372036854775807')
      await writeFile(join(folder, '1_t.up.sql'), 'nonsense')
      await migrator.force(null)
      await expect(migrate(...args, 'up')).rejects.toThrow('nonsense')
      expect(await migrator.version()).toEqual({ version: 1n, dirty: true })
      await migrate(...args, 'force', '0')
      expect(await migrator.version()).toEqual({ version: 0n, dirty: false })
      await migrate(...args, 'force', '--', '-1')
      expect(await migrator.version()).toEqual({ version: null, dirty: false })
    })

    test('the version table is the same to the letter, also under another name', async () => {
      await using theirs = await testDatabase('sqlite')
      await using ours = await testDatabase('sqlite')
      for (const table of ['schema_migrations', 'moves']) {
        const query = `?x-migrations-table=${table}`
        if (table === 'schema_migrations') await prepare(theirs.name)
        const folder = join(dirname(theirs.name), 'migrations')
        await migrate('-path', folder, '-database', `${theirs.url}${query}`, 'force', '3')
        await using migrator = await createMigrator({
          source: folder,
          driver: sqliteDriver(`${ours.url}${query}`),
        })
        await migrator.force(3n)
        expect(versionTable(ours.name, table)).toBe(versionTable(theirs.name, table))
      }
      const all = `SELECT name || ' ' || sql FROM sqlite_schema WHERE name NOT LIKE '%history' ORDER BY 1`
      expect(column(ours.name, all)).toEqual(column(theirs.name, all))
      expect(column(ours.name, schema)).toHaveLength(2)
    })
  })

  describe.skipIf(corpus === '')('the migrations of a real project', () => {
    const folder = join(corpus, 'pocket-id-sqlite')

    test('stop with a clear error where they call a function of the program', async () => {
      await using database = await testDatabase('sqlite')
      const driver = sqliteDriver(`${database.url}?x-no-tx-wrap=true`)
      await using migrator = await createMigrator({ source: folder, driver })
      const error = await rejection(migrator.up())
      expect(error).toMatchObject({
        code: 'MIGRATION_FAILED',
        details: {
          failed: {
            version: 20250705000000n,
            statement: 3,
            line: 4,
            serverMessage: 'no such function: normalize',
          },
          state: { dirty: false },
        },
      })
      expect(error.hint).toContain('sqliteDriver({ client })')
      const versions = (await readdir(folder))
        .map((name) => BigInt(name.split('_', 1)[0] ?? ''))
        .filter((version) => version < 20250705000000n)
      const before = versions.reduce((a, b) => (a > b ? a : b))
      expect(await migrator.version()).toEqual({ version: before, dirty: false })
    })

    test('apply completely with a client that has it', async () => {
      await using database = await testDatabase('sqlite')
      const client = new Database(database.name)
      client.function('normalize', { deterministic: true }, (text: unknown, form: unknown) =>
        typeof text === 'string' ? text.normalize(String(form).toUpperCase()) : text,
      )
      await using migrator = await createMigrator({
        source: folder,
        driver: sqliteDriver({ client }),
      })
      const { steps, to } = await migrator.up()
      expect(steps).toHaveLength(72)
      expect((await migrator.status()).state).toEqual(to)
      expect(client.pragma('foreign_keys', { simple: true })).toBe(1)
      expect(client.pragma('foreign_key_check')).toEqual([])
      client.close()
    })
  })
})
