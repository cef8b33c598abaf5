import { testDatabase, type DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { runMig, type MigRun } from '../support/run-mig.ts'
import { mig, repair, succeed, type Place } from './doctor-report.ts'
import { migrationFolder, type MigrationFolder } from './folder.ts'
import { inspect, versionOf, type Inspector } from './inspector.ts'

const all = ['postgres', 'postgres-old', 'mysql', 'mariadb', 'sqlite'] as const

const folderOf = (up: string): Promise<MigrationFolder> =>
  migrationFolder(2, (version) =>
    version === 1 ? { up: 'create table people (id int);\n' } : { up, down: 'select 1;\n' },
  )

const asDirty = (kind: DatabaseKind): string => (kind.startsWith('postgres') ? 'true' : '1')

/** A database that somebody who keeps no ledger has left dirty at the second migration. */
const withDirty = async (
  kind: DatabaseKind,
  up: string,
  action: (at: Place, inspector: Inspector) => Promise<void>,
): Promise<void> => {
  await using database = await testDatabase(kind)
  await using folder = await folderOf(up)
  const at = { path: folder.path, url: database.url }
  await succeed(at, 'up', '1', '--no-ledger')
  await using inspector = await inspect(kind, at.url)
  await inspector.rows(`update schema_migrations set version = 2, dirty = ${asDirty(kind)}`)
  await action(at, inspector)
}

/** Runs `mig repair` at a terminal where somebody types. */
const atTerminal = ({ path, url }: Place, ...typed: readonly string[]): Promise<MigRun> =>
  runMig(['repair', '--path', path, '--database', url], {
    cwd: path,
    env: { NO_COLOR: '1' },
    typed,
  })

const versionTable = async (inspector: Inspector): Promise<string> =>
  (await versionOf(inspector)).replace(/ (?:true|1)$/, ' dirty').replace(/ (?:false|0)$/, ' clean')

describeDatabase(all, 'mig repair at a terminal', (kind) => {
  test('asks for a yes to what is proven', { timeout: 60_000 }, async () => {
    await withDirty(kind, 'create table a (i int);\n', async (at, inspector) => {
      const no = await atTerminal(at, 'no')
      expect(no.exitCode).toBe(1)
      expect(no.stdout).toContain('The database is dirty: up 2 (000002_step.up.sql)')
      expect(no.stderr).toContain('Nothing of it is in effect: the version goes back to 1, clean.')
      expect(no.stderr).toContain('Not confirmed: nothing was changed')
      expect(await versionTable(inspector)).toBe('2 dirty')
      const yes = await atTerminal(at, 'yes')
      expect(yes.exitCode, yes.stderr).toBe(0)
      expect(await versionTable(inspector)).toBe('1 clean')
      await succeed(at, 'up')
    })
  })

  const untold = 'insert into people values (1);\n'

  test('lets choose where nothing is proven', { timeout: 60_000 }, async () => {
    await withDirty(kind, untold, async (at, inspector) => {
      const left = await atTerminal(at, '')
      expect(left.exitCode).toBe(1)
      expect(left.stderr).toContain('Type "rolled-back" or "applied", or nothing to leave it: ')
      expect(left.stderr).toContain('Nothing was changed')
      expect(await versionTable(inspector)).toBe('2 dirty')
      expect((await atTerminal(at, 'applied')).exitCode).toBe(0)
      expect(await versionTable(inspector)).toBe('2 clean')
    })
    await withDirty(kind, untold, async (at, inspector) => {
      expect((await atTerminal(at, 'rolled-back')).exitCode).toBe(0)
      expect(await versionTable(inspector)).toBe('1 clean')
      expect(
        await inspector.rows(
          "select version, from_version, to_version from schema_migrations_history where kind = 'repaired'",
        ),
      ).toEqual([['2', '1', '1']])
      await succeed(at, 'up')
      expect(await inspector.rows('select id from people')).toEqual([['1']])
    })
  })

  test('guesses nothing without one', { timeout: 60_000 }, async () => {
    await withDirty(kind, untold, async (at, inspector) => {
      const run = await mig(at, 'repair')
      expect(run.code).toBe(3)
      expect(run.stderr).toContain('say --rolled-back if nothing of the step is in effect')
      expect(await versionTable(inspector)).toBe('2 dirty')
    })
  })
})

interface SessionCase {
  readonly script: string
  readonly left: string
}

const missing = 'insert into nowhere values (1);\n'

/** Scripts that fail after something that only their session has. */
const cases: Readonly<Record<DatabaseKind, readonly SessionCase[]>> = {
  postgres: [
    {
      script: `-- mig: transaction=none\ncreate temp table scratch (i int);\n${missing}`,
      left: 'a temporary object',
    },
    {
      script: `-- mig: transaction=none\nprepare p as select 1;\n${missing}`,
      left: 'a prepared statement',
    },
  ],
  'postgres-old': [],
  mysql: [
    { script: `create temporary table scratch (i int);\n${missing}`, left: 'a temporary table' },
    { script: `create table a (i int);\nset @x = 1;\n${missing}`, left: 'a user variable' },
    { script: `create table a (i int);\nselect 1 into @x;\n${missing}`, left: 'a user variable' },
  ],
  mariadb: [
    { script: `create temporary table scratch (i int);\n${missing}`, left: 'a temporary table' },
    { script: `create table a (i int);\nset @x = 1;\n${missing}`, left: 'a user variable' },
  ],
  sqlite: [
    {
      script: `-- mig: transaction=none\ncreate temp table scratch (i int);\n${missing}`,
      left: 'a temporary object',
    },
  ],
}

describeDatabase(['postgres', 'mysql', 'mariadb', 'sqlite'], 'mig repair --resume', (kind) => {
  test.each(cases[kind])('does not go on without $left', { timeout: 60_000 }, async (given) => {
    await using database = await testDatabase(kind)
    await using folder = await folderOf(given.script)
    const at = { path: folder.path, url: database.url }
    expect((await mig(at, 'up')).code).toBe(3)
    const refused = await mig(at, 'repair', '--resume')
    expect(refused.code).toBe(3)
    expect(refused.stderr).toMatch(
      new RegExp(`Statement \\d left ${given.left} in its session, which is gone`),
    )
    await using inspector = await inspect(kind, at.url)
    expect(await versionTable(inspector)).toBe('2 dirty')
    // The rest is run by hand.
    await inspector.rows('create table nowhere (i int)')
    await inspector.rows('insert into nowhere values (1)')
    expect(await repair(at, '--applied', '--reason', 'by hand')).toMatchObject({
      to: { version: '2', dirty: false },
    })
    await succeed(at, 'up')
  })
})
