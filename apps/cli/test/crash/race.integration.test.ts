import { existsSync } from 'node:fs'
import { atDepth } from '@mig/internal-testing'
import { testDatabase, type DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { describe, expect, test } from 'vitest'
import { migrationFolder } from './folder.ts'
import { inspect, versionOf } from './inspector.ts'
import { afterBarrier, migCommand } from './mig-process.ts'

const racers = 8
const versions = atDepth({ quick: 50, ci: 100, full: 200 })
const lockFormsTried = atDepth({ quick: [0], ci: [0, 1, 2], full: [0, 1, 2] })
const golangMigrate = process.env['MIG_GOLANG_MIGRATE'] ?? ''

/** Enough work for the racers to meet: without it the first may be done before the others have started. */
const work =
  '\nwith recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select count(*) from n;\n'

const isFast = (kind: DatabaseKind): boolean => kind === 'sqlite' || kind === 'postgres'

/** The first step makes the table that the others count themselves in. */
const counted = (kind: DatabaseKind) => (version: number) => ({
  up:
    version === 1
      ? `create table runs (version int)${kind === 'mysql' || kind === 'mariadb' ? ' engine=InnoDB' : ''};\n`
      : `insert into runs values (${version});\n${isFast(kind) ? work : ''}`,
})

const once = Array.from({ length: versions - 1 }, (_, index) => [String(index + 2), '1'])

const countsOf = 'select version, count(*) from runs group by version order by version'

describeDatabase(['postgres', 'mysql', 'mariadb', 'sqlite'], 'eight mig up at once', (kind) => {
  test('apply every migration exactly once', { timeout: 180_000 }, async () => {
    await using database = await testDatabase(kind)
    await using folder = await migrationFolder(versions, counted(kind))
    const command = migCommand('up', '--path', folder.path, '--database', database.url)
    const { processes, release } = afterBarrier(Array.from({ length: racers }, () => command))
    release()
    const exits = await Promise.all(processes.map(({ exit }) => exit))
    for (const { code, stderr } of exits) expect(code, stderr).toBe(0)
    const waited = exits.filter(({ stderr }) => /waiting for the lock/i.test(stderr))
    expect(waited.length).toBeGreaterThanOrEqual(2)
    await using inspector = await inspect(kind, database.url)
    expect(await inspector.rows(countsOf)).toEqual(once)
    expect(await versionOf(inspector)).toMatch(new RegExp(`^${versions} (false|0)$`))
  })
})

/** The three ways in which golang-migrate finds its database, each with a lock id of its own. */
const lockForms = (
  url: string,
  name: string,
): { args: string; environment: NodeJS.ProcessEnv }[] => {
  const { protocol, username, password, host } = new URL(url)
  const server = `${protocol}//${username}:${password}@${host}`
  const environment = { PGDATABASE: name }
  return [
    { args: `${server}/${name}?sslmode=disable`, environment: {} },
    { args: `${server}?sslmode=disable`, environment },
    { args: `${server}/?sslmode=disable`, environment },
  ]
}

describe.skipIf(!existsSync(golangMigrate))(
  'together with golang-migrate (skipped without MIG_GOLANG_MIGRATE)',
  () => {
    describeDatabase('postgres', 'mig up and migrate up at once', (kind) => {
      test.each(lockFormsTried)('lock form %i', { timeout: 180_000 }, async (form) => {
        await using database = await testDatabase(kind)
        await using folder = await migrationFolder(versions, counted(kind))
        const { args, environment } = lockForms(database.url, database.name)[form] ?? {
          args: '',
          environment: {},
        }
        const mig = migCommand('up', '--path', folder.path, '--database', database.url)
        const migrate = [golangMigrate, '-path', folder.path, '-database', args, 'up']
        const { processes, release } = afterBarrier(
          [mig, migrate, mig, mig, migrate, mig],
          environment,
        )
        release()
        const exits = await Promise.all(processes.map(({ exit }) => exit))
        for (const { code, stderr } of exits) expect(code, stderr).toBe(0)
        await using inspector = await inspect(kind, database.url)
        expect(await inspector.rows(countsOf)).toEqual(once)
      })
    })
  },
)
