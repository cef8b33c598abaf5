import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { openSideDatabase, type SideDatabase } from './database.ts'
import { atDepth, seededRandom, withSeed } from '@mig/internal-testing'
import { findReference } from '@mig/internal-testing'
import type { Outcome, Tool } from '@mig/internal-testing'
import { openSide, runSession } from './session.ts'
import { waitUntil } from './wait-until.ts'
import { migrateTool, openWorkplace, type Workplace } from '@mig/internal-testing'

const { path } = findReference()
const golangMigrate: Tool = [path ?? '']
const sessions = atDepth({ quick: 1, ci: 3, full: 20 })
const stepsPerSession = 14

const servers: readonly DatabaseKind[] = ['postgres', 'mysql', 'mariadb']

describeDatabase([...servers, 'sqlite'], 'both tools on one database', (kind) => {
  test.skipIf(path === undefined)(
    'take turns',
    { timeout: 60_000 + sessions * 60_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'mig-turns-'))
      const theirs = await openSide(kind, [golangMigrate], join(folder, 'a'))
      const mixed = await openSide(kind, [golangMigrate, migrateTool], join(folder, 'b'))
      try {
        await withSeed(async (_, seed) => {
          for (let session = 0; session < sessions; session++) {
            const random = seededRandom(seed + session)
            const sides = { theirs, ours: mixed }
            const { difference } = await runSession(kind, sides, random, stepsPerSession)
            expect(difference, `${kind}, session ${session}`).toBeUndefined()
          }
        })
      } finally {
        await Promise.all([theirs.database.close(), mixed.database.close()])
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )
})

/** Starts `up`. */
const start = (
  workplace: Workplace,
  tool: Tool,
  database: SideDatabase,
  [scheme, parameters]: readonly [string, string],
  ...options: readonly string[]
): Promise<Outcome> =>
  workplace.run(tool, [
    '-path',
    'm',
    '-database',
    database.url(scheme, parameters),
    ...options,
    'up',
  ])

const sleeping: Readonly<Record<string, readonly [script: string, running: string]>> = {
  postgres: [
    'SELECT pg_sleep(1.5) /* holder */',
    "pg_stat_activity WHERE query LIKE '%/* holder */' AND state = 'active' AND datname = current_database()",
  ],
  mysql: [
    'DO SLEEP(1.5) /* holder */',
    "information_schema.processlist WHERE info LIKE 'DO SLEEP(1.5)%' AND db = DATABASE()",
  ],
}

const names: Readonly<Record<string, Tool>> = {
  'golang-migrate': golangMigrate,
  migrate: migrateTool,
}

const variants: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  postgres: [
    ['postgres', ''],
    ['pgx5', ''],
    ['postgres', 'search_path=%22other%20schema%22'],
    ['postgres', 'x-migrations-table=a.b'],
    ['postgres', 'x-migrations-table=%22other%20schema%22.%22V%22&x-migrations-table-quoted=true'],
  ],
  mysql: [
    ['mysql', ''],
    ['mysql', 'x-migrations-table=versions'],
  ],
}

describeDatabase(servers, 'the lock', (kind) => {
  const family = kind === 'postgres' ? 'postgres' : 'mysql'
  const [script = '', running = ''] = sleeping[family] ?? []
  const pairs = [
    ['golang-migrate', 'migrate'],
    ['migrate', 'golang-migrate'],
    ['migrate', 'migrate'],
  ] as const
  const all = (variants[family] ?? []).flatMap((variant) =>
    pairs.map(([holder, waiter]) => ({ holder, waiter, variant })),
  )

  test.skipIf(path === undefined).each(all)(
    '$holder holds it, $waiter waits: $variant',
    async ({ holder, waiter, variant }) => {
      using workplace = openWorkplace()
      workplace.write({ '1_slow.up.sql': script })
      const database = await openSideDatabase(kind, workplace.folder)
      try {
        await database.reset()
        const first = start(workplace, names[holder] ?? migrateTool, database, variant)
        await waitUntil(database, running)
        const second = start(workplace, names[waiter] ?? migrateTool, database, variant)
        const [one, two] = await Promise.all([first, second])
        expect(one).toMatchObject({ exitCode: 0 })
        // One that had not waited would have found the database dirty.
        expect(two).toEqual({ exitCode: 0, stdout: '', stderr: 'no change\n' })
      } finally {
        await database.close()
      }
    },
  )

  // the version table is looked for under the lock, and that is before any timeout.
  test.each(path === undefined ? ['migrate'] : ['migrate', 'golang-migrate'])(
    'is waited for longer than its timeout while %s opens the database',
    async (waiter) => {
      using workplace = openWorkplace()
      workplace.write({ '1_slow.up.sql': script.replace('1.5', '3') })
      const database = await openSideDatabase(kind, workplace.folder)
      try {
        const plain = [family, ''] as const
        const first = start(workplace, migrateTool, database, plain)
        await waitUntil(database, running.replace('1.5', '3'))
        const second = start(
          workplace,
          names[waiter] ?? migrateTool,
          database,
          plain,
          '-lock-timeout=1',
        )
        const [one, two] = await Promise.all([first, second])
        expect(one).toMatchObject({ exitCode: 0 })
        expect(two).toEqual({ exitCode: 0, stdout: '', stderr: 'no change\n' })
      } finally {
        await database.close()
      }
    },
  )
})

describeDatabase('postgres', 'an index created concurrently', (kind) => {
  // golang-migrate waits inside a query, which the index waits for in turn.
  test.each(path === undefined ? ['migrate'] : ['migrate', 'golang-migrate'])(
    'is no deadlock while %s holds the lock and migrate waits',
    async (holder) => {
      using workplace = openWorkplace()
      workplace.write({
        '1_slow.up.sql': `CREATE TABLE t (a int); ${sleeping['postgres']?.[0] ?? ''}`,
        '2_index.up.sql': 'CREATE INDEX CONCURRENTLY i ON t (a)',
      })
      const database = await openSideDatabase(kind, workplace.folder)
      try {
        const first = start(workplace, names[holder] ?? migrateTool, database, ['postgres', ''])
        await waitUntil(database, sleeping['postgres']?.[1] ?? '')
        const second = start(workplace, migrateTool, database, ['postgres', ''])
        const [one, two] = await Promise.all([first, second])
        expect(one).toMatchObject({ exitCode: 0 })
        expect(two).toMatchObject({ exitCode: 0, stderr: 'no change\n' })
        expect(await database.count('pg_index WHERE NOT indisvalid')).toBe(0)
      } finally {
        await database.close()
      }
    },
  )
})
