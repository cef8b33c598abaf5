import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { familyOf } from './bodies.ts'
import { mask } from './compare.ts'
import { openSideDatabase } from './database.ts'
import { findReference } from '@mig/internal-testing'
import type { Tool } from '@mig/internal-testing'
import { migrateTool, openWorkplace } from '@mig/internal-testing'

const { path } = findReference()

type Name = 'golang-migrate' | 'migrate'
const tools: Readonly<Record<Name, Tool>> = { 'golang-migrate': [path ?? ''], migrate: migrateTool }
const pairs = [
  ['golang-migrate', 'migrate'],
  ['migrate', 'golang-migrate'],
] as const

interface Variant {
  readonly scheme: string
  readonly parameters: string
  /** The version table, as the database's own SQL names it. */
  readonly table: string
}

const otherSchema = '%22other%20schema%22'
const variants: Readonly<Record<ReturnType<typeof familyOf>, readonly Variant[]>> = {
  postgres: [
    { scheme: 'postgres', parameters: '', table: 'schema_migrations' },
    { scheme: 'pgx5', parameters: '', table: 'schema_migrations' },
    { scheme: 'pgx', parameters: 'x-lock-strategy=table', table: 'schema_migrations' },
    {
      scheme: 'postgres',
      parameters: `search_path=${otherSchema}`,
      table: '"other schema".schema_migrations',
    },
    { scheme: 'postgres', parameters: 'x-migrations-table=a.B', table: 'public."a.B"' },
    {
      scheme: 'postgres',
      parameters: 'x-migrations-table=%22V%22&x-migrations-table-quoted=true',
      table: 'public."V"',
    },
    {
      scheme: 'pgx5',
      parameters: `x-migrations-table=${otherSchema}.%22V%22&x-migrations-table-quoted=true`,
      table: '"other schema"."V"',
    },
    {
      scheme: 'postgres',
      parameters: `search_path=${otherSchema}&x-migrations-table=versions`,
      table: '"other schema".versions',
    },
  ],
  mysql: [
    { scheme: 'mysql', parameters: '', table: 'schema_migrations' },
    { scheme: 'mysql', parameters: 'x-migrations-table=Versions', table: 'Versions' },
  ],
  sqlite: [
    { scheme: 'sqlite', parameters: '', table: 'schema_migrations' },
    { scheme: 'sqlite', parameters: 'x-migrations-table=versions', table: 'versions' },
  ],
}

const tables: Readonly<Record<ReturnType<typeof familyOf>, string>> = {
  postgres: "pg_tables WHERE schemaname IN ('public', 'other schema')",
  mysql: 'information_schema.tables WHERE table_schema = DATABASE()',
  sqlite: "sqlite_master WHERE type = 'table'",
}

describeDatabase(['postgres', 'mysql', 'mariadb', 'sqlite'], 'one tool after the other', (kind) => {
  const family = familyOf(kind)
  const all = variants[family].flatMap((variant) =>
    pairs.map(([first, second]) => ({ first, second, variant })),
  )

  test.skipIf(path === undefined).each(all)(
    '$first leaves, $second goes on: $variant',
    async ({ first, second, variant }) => {
      using workplace = openWorkplace()
      const database = await openSideDatabase(kind, workplace.folder)
      const run = async (name: Name, ...args: readonly string[]): Promise<unknown> => {
        const url = database.url(variant.scheme, variant.parameters)
        const outcome = await workplace.run(tools[name], ['-path', 'm', '-database', url, ...args])
        return [outcome.exitCode, mask(outcome.stderr, database.name)]
      }
      try {
        await database.reset()
        workplace.write({
          '1_a.up.sql': 'CREATE TABLE a (id int)',
          '1_a.down.sql': 'DROP TABLE a',
          '2_b.up.sql': 'BROKEN',
          '2_b.down.sql': 'DROP TABLE b',
        })
        expect(await run(first, 'up')).toMatchObject([1, expect.stringContaining('1/u a (D)\n')])
        expect(await run(second, 'version')).toEqual([0, '2 (dirty)\n'])
        const dirty = 'error: Dirty database version 2. Fix and force version.\n'
        expect(await run(second, 'up')).toEqual([1, dirty])
        expect(await run(first, 'down', '1')).toEqual([1, dirty])
        expect(await run(second, 'force', '1')).toEqual([0, ''])
        expect(await database.versionTable(variant.table)).toEqual({ version: 1n, dirty: false })

        workplace.write({ '2_b.up.sql': 'CREATE TABLE b (id int)' })
        expect(await run(first, 'version')).toEqual([0, '1\n'])
        expect(await run(first, 'up', '1')).toEqual([0, '2/u b (D)\n'])
        expect(await run(second, 'up')).toEqual([0, 'no change\n'])
        expect(await run(second, 'down', '1')).toEqual([0, '2/d b (D)\n'])
        expect(await run(first, 'goto', '2')).toEqual([0, '2/u b (D)\n'])
        expect(await run(second, 'down', '-all')).toEqual([0, '2/d b (D)\n1/d a (D)\n'])
        expect(await run(first, 'version')).toEqual([1, 'error: no migration\n'])
        // No second version table has come up.
        const kept = variant.parameters.includes('x-lock-strategy=table') ? 2 : 1
        expect(await database.count(tables[family])).toBe(kept)
        expect(await database.count(variant.table)).toBe(0)
      } finally {
        await database.close()
      }
    },
  )
})
