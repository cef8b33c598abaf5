import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { atDepth } from '@mig/internal-testing'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { column, versionTable, migratorOn } from './harness.ts'
import { startRunner } from './processes.ts'

/** How many steps the processes race for. */
const steps = atDepth({ quick: 60, ci: 200, full: 400 })

const writeFiles = async (folder: string, scripts: readonly string[]): Promise<string> => {
  await mkdir(folder)
  for (const [index, script] of scripts.entries()) {
    await writeFile(join(folder, `${String(index + 1).padStart(4, '0')}_step.up.sql`), script)
  }
  return folder
}

/** A step that records itself and takes a few milliseconds. */
const recorded = (version: number): string => `
  CREATE TABLE IF NOT EXISTS done (version INTEGER);
  INSERT INTO done VALUES (${version});
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT max(i) FROM n;`

describeDatabase('sqlite', 'several processes', () => {
  test.each([['DELETE'], ['WAL']])(
    'eight of them on one file (%s) apply every step exactly once, and all succeed',
    async (journal) => {
      await using database = await testDatabase('sqlite')
      const scripts = Array.from({ length: steps }, (_, index) => recorded(index + 1))
      const folder = await writeFiles(join(dirname(database.name), 'migrations'), scripts)
      const url = `${database.url}?_journal_mode=${journal}`
      const runners = await Promise.all(Array.from({ length: 8 }, () => startRunner(url, folder)))
      for (const runner of runners) runner.go()
      const results = await Promise.all(runners.map(({ ended }) => ended))
      for (const { code, complaints } of results) expect(complaints + String(code)).toBe('0')
      const reports = results.map(
        ({ output }) => JSON.parse(output) as { applied: number; waited: number },
      )
      expect(reports.reduce((sum, { applied }) => sum + applied, 0)).toBe(steps)
      expect(reports.filter(({ waited }) => waited > 0).length).toBeGreaterThanOrEqual(2)
      expect(versionTable(database.name)).toBe(`${steps}/0`)
      expect(column(database.name, 'SELECT version FROM done ORDER BY version')).toEqual(
        Array.from({ length: steps }, (_, index) => index + 1),
      )
      expect(
        column(
          database.name,
          `SELECT count(DISTINCT version) || ' of ' || count(*) FROM schema_migrations_history WHERE kind = 'applied'`,
        ),
      ).toEqual([`${steps} of ${steps}`])
    },
  )

  test('eight migrators in one process do, too', async () => {
    await using database = await testDatabase('sqlite')
    const scripts = Array.from({ length: 60 }, (_, index) => recorded(index + 1))
    const migrators = await Promise.all(
      Array.from({ length: 8 }, () => migratorOn(database.url, scripts)),
    )
    const results = await Promise.all(migrators.map((migrator) => migrator.up()))
    await Promise.all(migrators.map((migrator) => migrator.close()))
    expect(results.flatMap(({ steps }) => steps)).toHaveLength(60)
    expect(column(database.name, 'SELECT count(*) FROM done')).toEqual([60])
  })

  test('one that is killed in mid-step leaves nothing, and the next run completes', async () => {
    await using database = await testDatabase('sqlite')
    const slow = `CREATE TABLE slow (i);
      INSERT INTO slow WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000) SELECT max(i) FROM n;`
    const folder = await writeFiles(join(dirname(database.name), 'migrations'), [
      recorded(1),
      `PRAGMA synchronous=FULL;${slow}`,
    ])
    const runner = await startRunner(database.url, folder)
    runner.go()
    const driver = await sqliteDriver(database.url).open({ ledger: true })
    while ((await driver.readState()).version !== 1n) await tick()
    // The second step holds the write lock from its first write on.
    while ((await driver.tryLock()).held) await tick()
    runner.kill()
    expect((await runner.ended).signal).toBe('SIGKILL')
    expect(await driver.tryLock()).toEqual({ held: true })
    expect(await driver.readState()).toEqual({ version: 1n, dirty: false })
    expect(column(database.name, `SELECT name FROM sqlite_schema WHERE name = 'slow'`)).toEqual([])
    await driver.close()
    await using migrator = await migratorOn(database.url, [recorded(1), 'CREATE TABLE slow (i)'])
    await expect(migrator.up()).resolves.toMatchObject({ to: { version: 2n, dirty: false } })
  })

  test.each([
    ['an empty script', '-- nothing', '2/0'],
    ['a DROP', 'DROP TABLE done', '2/0'],
    ['a non-transactional step', 'VACUUM', '2/0'],
  ])(
    '27 kill-server-tail: killed right after its success with %s at the end',
    async (_, script, state) => {
      await using database = await testDatabase('sqlite')
      const folder = await writeFiles(join(dirname(database.name), 'migrations'), [
        recorded(1),
        script,
      ])
      const runner = await startRunner(database.url, folder, true)
      runner.go()
      const { signal, output } = await runner.ended
      expect(signal).toBe('SIGKILL')
      expect(JSON.parse(output)).toMatchObject({ applied: 2 })
      expect(versionTable(database.name)).toBe(state)
      expect(column(database.name, 'SELECT max(version) FROM schema_migrations_history')).toEqual([
        2,
      ])
    },
  )
})

describeDatabase('sqlite', '25 big', () => {
  /**
   * What an idle process of this kind has, and the script: as bytes, as text, and for one large statement in UTF-8, in the
   * statement SQLite keeps, in the program it makes of it, and in the row.
   */
  const limit = (bodyMegabytes: number): number => 150 + 6 * bodyMegabytes

  const large = atDepth({ quick: 10, ci: 100, full: 100 })
  const long = atDepth({ quick: 10, ci: 70, full: 70 })
  const insert = `INSERT INTO a VALUES (1, '${'x'.repeat(60)}');\n`
  test.each([
    [
      `${large} MB of INSERTs`,
      (): string => insert.repeat(Math.ceil((large * 1e6) / insert.length)),
      large,
    ],
    [
      `one statement of ${long} MB`,
      (): string => `INSERT INTO a VALUES (1, '${'x'.repeat(long * 1e6)}')`,
      long,
    ],
    [
      'a SELECT of a million rows',
      (): string =>
        'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT i, hex(randomblob(50)) FROM n',
      1,
    ],
  ])('%s', async (_, script, megabytes) => {
    await using database = await testDatabase('sqlite')
    const table = 'CREATE TABLE a (i INTEGER, t TEXT)'
    const folder = join(dirname(database.name), 'migrations')
    await writeFiles(folder, [table, script(), 'CREATE TABLE b (i)'])
    const runner = await startRunner(database.url, folder)
    runner.go()
    const { code, complaints, output } = await runner.ended
    expect(complaints + String(code)).toBe('0')
    const report = JSON.parse(output) as { applied: number; megabytes: number }
    expect(report.applied).toBe(3)
    expect(report.megabytes).toBeLessThan(limit(megabytes))
  })
})

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
