import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase, type DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { describe, expect, test } from 'vitest'
import { doctor, mig, repair, saidOf, succeed, type Place } from '../crash/doctor-report.ts'
import { migrationFolder, type MigrationFolder } from '../crash/folder.ts'
import { inspect } from '../crash/inspector.ts'
import { follow } from '../crash/mig-process.ts'

const golangMigrate = process.env['MIG_GOLANG_MIGRATE'] ?? ''

/** The same database as golang-migrate wants it named. */
const goUrl = (kind: DatabaseKind, url: string, parameters = ''): string => {
  if (kind === 'sqlite') return `${url}${parameters === '' ? '' : `?${parameters}`}`
  if (kind.startsWith('postgres')) return `${url}?sslmode=disable&${parameters}`
  const { username, password, host, pathname } = new URL(url)
  return `mysql://${username}:${password}@tcp(${host})${pathname}?multiStatements=true`
}

const migrate = (kind: DatabaseKind, { path, url }: Place, parameters: string, ...args: string[]) =>
  follow(golangMigrate, ['-path', path, '-database', goUrl(kind, url, parameters), ...args])

const folderOf = (up: string, down = ''): Promise<MigrationFolder> =>
  migrationFolder(2, (version) =>
    version === 1
      ? {
          up: 'create table people (id int primary key, name varchar(20));\n',
          down: 'drop table people;\n',
        }
      : { up, down },
  )

const halfWay =
  'create table a (i int);\ninsert into nowhere values (1);\ncreate table b (i int);\n'
const nothingToSee = "insert into people values (1, 'x');\ninsert into nowhere values (1);\n"

describe.skipIf(!existsSync(golangMigrate))(
  'after golang-migrate (skipped without MIG_GOLANG_MIGRATE)',
  () => {
    describeDatabase(
      ['postgres', 'mysql', 'mariadb', 'sqlite'],
      'a script that failed half-way',
      (kind) => {
        test('is looked for in the catalog', { timeout: 60_000 }, async () => {
          await using database = await testDatabase(kind)
          await using folder = await folderOf(halfWay)
          const at: Place = { path: folder.path, url: database.url }
          expect((await migrate(kind, at, '', 'up').exit).code).toBe(1)
          expect(saidOf(await doctor(at))).toMatchSnapshot()
          if (kind === 'mysql' || kind === 'mariadb') {
            // Statement 1 is there. The insert leaves nothing to look for.
            expect((await mig(at, 'repair', '--yes')).code).toBe(3)
            await using inspector = await inspect(kind, at.url)
            await inspector.rows('create table nowhere (i int)')
            expect(await repair(at, '--resume', '--from-statement', '2')).toMatchObject({ ran: 2 })
          } else {
            // It was one transaction: a false dirty mark.
            expect(await repair(at, '--yes')).toMatchObject({
              action: 'rolled-back',
              to: { version: '1', dirty: false },
            })
            await using inspector = await inspect(kind, at.url)
            await inspector.rows('create table nowhere (i int)')
          }
          await succeed(at, 'up')
          expect((await doctor(at)).state).toEqual({ version: '2', dirty: false })
          await succeed(at, 'verify')
        })
      },
    )

    describeDatabase('postgres', 'a script that leaves nothing to look for', (kind) => {
      test('is not guessed at', { timeout: 60_000 }, async () => {
        await using database = await testDatabase(kind)
        await using folder = await folderOf(nothingToSee)
        const at: Place = { path: folder.path, url: database.url }
        expect((await migrate(kind, at, '', 'up').exit).code).toBe(1)
        expect(saidOf(await doctor(at))).toMatchSnapshot()
        expect((await mig(at, 'repair', '--yes')).code).toBe(3)
        await repair(at, '--rolled-back', '--reason', 'people is empty')
        await using inspector = await inspect(kind, at.url)
        await inspector.rows('create table nowhere (i int)')
        await succeed(at, 'up')
      })
    })

    describeDatabase('postgres', 'a script under x-multi-statement', (kind) => {
      test('is found to be there in part', { timeout: 60_000 }, async () => {
        await using database = await testDatabase(kind)
        await using folder = await folderOf(halfWay)
        const at: Place = { path: folder.path, url: database.url }
        expect((await migrate(kind, at, 'x-multi-statement=true', 'up').exit).code).toBe(1)
        expect(saidOf(await doctor(at))).toMatchSnapshot()
        await using inspector = await inspect(kind, at.url)
        await inspector.rows('drop table a')
        expect(await repair(at, '--yes')).toMatchObject({ action: 'rolled-back' })
        await inspector.rows('create table nowhere (i int)')
        await succeed(at, 'up')
      })
    })

    describeDatabase('postgres', 'a kill between script and clean mark', (kind) => {
      test('leaves all of the script, and the doctor says so', { timeout: 60_000 }, async () => {
        const script = 'create table a (i int);\nselect pg_sleep(1);\ncreate table b (i int);\n'
        await using database = await testDatabase(kind)
        await using folder = await folderOf(script)
        const at: Place = { path: folder.path, url: database.url }
        expect((await migrate(kind, at, '', 'up', '1').exit).code).toBe(0)
        const up = migrate(kind, at, '', 'up')
        await using watcher = await inspect(kind, at.url)
        const until = async (sql: string): Promise<void> => {
          for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(10)) {
            if ((await watcher.rows(sql)).length > 0) return
          }
          throw new Error(`Waited in vain: ${sql}`)
        }
        const running =
          'select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and '
        await until(`${running} query like '%pg_sleep%'`)
        // Holding the version table keeps the clean mark out.
        const gate = await inspect(kind, at.url)
        await gate.rows('begin')
        await gate.rows('lock table schema_migrations in access share mode')
        await until(`${running} query like 'TRUNCATE%' and wait_event_type = 'Lock'`)
        up.child.kill('SIGKILL')
        await up.exit
        await watcher.rows(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'TRUNCATE%'",
        )
        await gate.close()
        expect(saidOf(await doctor(at))).toMatchSnapshot()
        // It would look the same had the tables been there before and the script failed for that reason.
        expect((await mig(at, 'repair', '--yes')).code).toBe(3)
        expect(await repair(at, '--applied')).toMatchObject({
          action: 'applied',
          to: { version: '2', dirty: false },
        })
        await succeed(at, 'up')
      })
    })

    describeDatabase(['postgres', 'mysql', 'sqlite'], 'a table that was there already', (kind) => {
      test('is not taken for one that the script made', { timeout: 60_000 }, async () => {
        await using database = await testDatabase(kind)
        await using folder = await folderOf('create table a (i int);\n')
        const at: Place = { path: folder.path, url: database.url }
        expect((await migrate(kind, at, '', 'up', '1').exit).code).toBe(0)
        await using inspector = await inspect(kind, at.url)
        await inspector.rows('create table a (other int)')
        expect((await migrate(kind, at, '', 'up').exit).code).toBe(1)
        expect(saidOf(await doctor(at))).toMatchSnapshot()
        expect((await mig(at, 'repair', '--yes')).code).toBe(3)
        expect(await repair(at, '--rolled-back')).toMatchObject({ to: { version: '1' } })
        await inspector.rows('drop table a')
        await succeed(at, 'up')
      })
    })

    describeDatabase(
      ['postgres', 'mysql', 'mariadb', 'sqlite'],
      'a database without its ledger',
      (kind) => {
        test("is golang-migrate's, and stays one of both tools", { timeout: 60_000 }, async () => {
          await using database = await testDatabase(kind)
          await using folder = await folderOf('create table a (i int);\n', 'drop table a;\n')
          const at: Place = { path: folder.path, url: database.url }
          const go = async (...args: string[]): Promise<string> => {
            const { code, stderr } = await migrate(kind, at, '', ...args).exit
            expect(code, stderr).toBe(0)
            return stderr
          }
          await succeed(at, 'up', '1')
          await using inspector = await inspect(kind, at.url)
          await inspector.rows('drop table schema_migrations_history')
          expect(await go('version')).toBe('1\n')
          await go('up')
          await go('down', '1')
          await succeed(at, 'up')
          // The drop-in and golang-migrate write no ledger, and the ledger says so.
          await go('down', '1')
          await succeed(at, 'up')
          const { stdout } = await mig(at, 'history', '--json')
          const { result } = JSON.parse(stdout) as {
            readonly result: { readonly events: readonly { readonly kind: string }[] }
          }
          const kinds = result.events.map(({ kind: what }) => what)
          expect(kinds.filter((what) => what !== 'started')).toEqual([
            'observed',
            'applied',
            'observed',
            'applied',
          ])
          await succeed(at, 'verify')
          expect((await doctor(at)).state).toEqual({ version: '2', dirty: false })
        })
      },
    )

    describeDatabase('postgres', 'a down that failed', (kind) => {
      test('is told apart from an up', { timeout: 60_000 }, async () => {
        await using database = await testDatabase(kind)
        await using folder = await folderOf(
          'create table a (i int);\n',
          'drop table a;\ndrop table nowhere;\n',
        )
        const at: Place = { path: folder.path, url: database.url }
        expect((await migrate(kind, at, '', 'up').exit).code).toBe(0)
        expect((await migrate(kind, at, '', 'down', '1').exit).code).toBe(1)
        expect(saidOf(await doctor(at))).toMatchSnapshot()
        expect(await repair(at, '--yes')).toMatchObject({
          action: 'rolled-back',
          direction: 'down',
          to: { version: '2', dirty: false },
        })
        expect((await doctor(at)).state.dirty).toBe(false)
      })
    })
  },
)
