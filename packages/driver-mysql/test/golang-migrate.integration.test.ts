import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createMigrator, directorySource } from '@mig/core'
import { describeDatabase } from '@mig/testing/vitest'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { mysqlDriver } from '../src/index.ts'
import { empty, versionOf, rowsOf } from './admin.ts'
import { oneDatabase } from './one-database.ts'

const binary = process.env['MIG_GOLANG_MIGRATE'] ?? ''
const run = promisify(execFile)

describeDatabase(['mysql', 'mariadb'], 'beside golang-migrate', (kind) => {
  let url = ''
  let dsn = ''
  const folder = mkdtempSync(join(tmpdir(), 'mig-golang-'))
  oneDatabase(kind, (database) => {
    url = database.url
    const { username, password, host } = new URL(url)
    dsn = `mysql://${username}:${password}@tcp(${host})/${database.name}`
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeEach(() => {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    write('1_a', 'create table a (i int)', 'drop table a')
    write('2_b', 'insert into a values (1)', 'delete from a')
    write('3_c', 'create table c (i int)', 'drop table c')
  })

  const write = (name: string, up: string, down: string): void => {
    writeFileSync(join(folder, `${name}.up.sql`), up)
    writeFileSync(join(folder, `${name}.down.sql`), down)
  }

  const golang = (...args: readonly string[]): Promise<{ stderr: string }> =>
    run(binary, ['-path', folder, '-database', dsn, ...args])

  const withMig = async <T>(
    action: (migrator: Awaited<ReturnType<typeof createMigrator>>) => Promise<T>,
    onEvent: (event: { readonly type: string }) => void = () => undefined,
  ): Promise<T> => {
    const source = directorySource(folder)
    const migrator = await createMigrator({ source, driver: mysqlDriver(dsn), onEvent })
    try {
      return await action(migrator)
    } finally {
      await migrator.close()
    }
  }

  const definition = async (): Promise<string> =>
    String((await rowsOf(url, 'SHOW CREATE TABLE schema_migrations'))[0]?.[1])

  test.skipIf(binary === '')('each goes on where the other stopped', async () => {
    await golang('up', '1')
    const theirs = await definition()
    expect(await withMig((mig) => mig.up({ steps: 1 }))).toMatchObject({ to: { version: 2n } })
    await golang('up')
    expect(await withMig((mig) => mig.version())).toEqual({ version: 3n, dirty: false })
    expect(await withMig((mig) => mig.down({ steps: 2 }))).toMatchObject({ to: { version: 1n } })
    expect((await golang('version')).stderr).toBe('1\n')
    await golang('down', '-all')
    expect(await withMig((mig) => mig.version())).toEqual({ version: null, dirty: false })
    await empty(url)
    await withMig((mig) => mig.up())
    expect(await definition()).toBe(theirs)
    expect((await golang('version')).stderr).toBe('3\n')
    await withMig((mig) => mig.down({ steps: 'all' }))
    expect(await versionOf(url)).toEqual([])
    await golang('up')
    await withMig((mig) => mig.drop())
    await golang('up')
  })

  test.skipIf(binary === '')('each understands the dirty mark of the other', async () => {
    write('1_a', 'create table a (i int); create table a (i int)', '')
    await expect(withMig((mig) => mig.up())).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
    await expect(golang('up')).rejects.toMatchObject({
      stderr: expect.stringContaining('Dirty database version 1'),
    })
    await golang('force', '--', '-1')
    await golang('drop', '-f')
    await expect(golang('up')).rejects.toMatchObject({ code: 1 })
    await expect(withMig((mig) => mig.up())).rejects.toMatchObject({ code: 'DIRTY_DATABASE' })
  })

  test.skipIf(binary === '')(
    'mig waits for a running golang-migrate, and the other way round',
    async () => {
      write('1_a', 'create table a (i int); select sleep(1.5)', 'drop table a')
      const child = spawn(binary, ['-path', folder, '-database', dsn, 'up'], { stdio: 'ignore' })
      const ended = once(child, 'close')
      for (;;) {
        const running = await rowsOf(
          url,
          "SELECT 1 FROM information_schema.processlist WHERE info LIKE '%sleep(1.5)%' AND id <> CONNECTION_ID() AND db = DATABASE()",
        )
        if (running.length > 0) break
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      const events: string[] = []
      const result = await withMig(
        (mig) => mig.up(),
        ({ type }) => events.push(type),
      )
      expect(events).toContain('lock-waiting')
      expect(result).toMatchObject({ steps: [], to: { version: 3n } })
      expect(await ended).toEqual([0, null])

      await withMig((mig) => mig.down({ steps: 'all' }))
      const other: { run?: Promise<unknown> } = {}
      await withMig(
        (mig) => mig.up(),
        ({ type }) => {
          if (type === 'step-started') other.run ??= golang('up')
        },
      )
      await other.run
      expect(await versionOf(url)).toEqual([['3', 0]])
    },
  )
})
