import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer, testDatabase, type DatabaseKind } from '@mig/testing'
import { describeDatabase, describeOwnServer } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { doctor, mig, repair, saidOf, succeed, type Place } from './doctor-report.ts'
import { migrationFolder, type MigrationFolder } from './folder.ts'
import { inspect } from './inspector.ts'
import { startMig } from './mig-process.ts'

const isMysql = (kind: DatabaseKind): boolean => kind === 'mysql' || kind === 'mariadb'

/** A folder of two migrations: the first makes a table, the second is what the test is about. */
const folderOf = (up: string, down = 'drop table people;\n'): Promise<MigrationFolder> =>
  migrationFolder(2, (version) =>
    version === 1
      ? {
          up: 'create table people (id int primary key, name varchar(20));\n',
          down: 'drop table people;\n',
        }
      : { up, down },
  )

const mend = (folder: MigrationFolder, up: string): Promise<void> =>
  writeFile(join(folder.path, '000002_step.up.sql'), up)

const transactional = ['postgres', 'sqlite'] as const
const nonTransactional = ['mysql', 'mariadb'] as const
const all = [...transactional, ...nonTransactional] as const

const syntaxError =
  'create table a (i int);\ninsert into a values (1);\ncreat table b (i int);\ncreate table c (i int);\n'
const constraintViolation =
  "insert into people values (1, 'x');\ncreate table a (i int);\ninsert into people values (1, 'y');\n"

/** What the error itself says of the database. */
const databaseLine = (stderr: string): string => /^ {2}database +(.*)$/m.exec(stderr)?.[1] ?? ''

const inEffect = (kind: DatabaseKind): string =>
  isMysql(kind)
    ? 'at version 2 (dirty): statements 1 and 2 of up 2 are in effect, the rest is not'
    : 'at version 1, clean: nothing of up 2 is in effect'

describeDatabase(all, 'a syntax error in statement 3 of 4', (kind) => {
  test('is explained, and repaired', { timeout: 60_000 }, async () => {
    await using database = await testDatabase(kind)
    await using folder = await folderOf(syntaxError)
    const at: Place = { path: folder.path, url: database.url }
    const failed = await mig(at, 'up')
    expect(failed.code).toBe(isMysql(kind) ? 3 : 1)
    expect(databaseLine(failed.stderr)).toBe(inEffect(kind))
    const report = await doctor(at)
    expect(saidOf(report)).toMatchSnapshot()
    await mend(folder, syntaxError.replace('creat ', 'create '))
    if (isMysql(kind)) {
      // What ran before counts when it stops again.
      await mend(folder, syntaxError.replace('creat table b (i int)', 'create table a (i int)'))
      const again = await mig(at, 'repair', '--resume')
      expect(again.code).toBe(3)
      expect(databaseLine(again.stderr)).toBe(inEffect(kind))
      await mend(folder, syntaxError.replace('creat ', 'create '))
      expect(await repair(at, '--resume')).toMatchObject({ ran: 2 })
    }
    await succeed(at, 'up')
    expect((await doctor(at)).state).toEqual({ version: '2', dirty: false })
    await succeed(at, 'verify')
  })
})

describeDatabase(all, 'a constraint violation in statement 3 of 3', (kind) => {
  test('is explained, and repaired', { timeout: 60_000 }, async () => {
    await using database = await testDatabase(kind)
    await using folder = await folderOf(constraintViolation)
    const at: Place = { path: folder.path, url: database.url }
    const failed = await mig(at, 'up')
    expect(failed.code).toBe(isMysql(kind) ? 3 : 1)
    expect(databaseLine(failed.stderr)).toBe(inEffect(kind))
    expect(saidOf(await doctor(at))).toMatchSnapshot()
    await mend(folder, constraintViolation.replace("(1, 'y')", "(2, 'y')"))
    if (isMysql(kind)) expect(await repair(at, '--resume')).toMatchObject({ ran: 1 })
    await succeed(at, 'up')
    await using inspector = await inspect(kind, database.url)
    expect(await inspector.rows('select id from people order by id')).toEqual([['1'], ['2']])
  })
})

describeDatabase(all, 'a down that does not work', (kind) => {
  test('is explained, and repaired', { timeout: 60_000 }, async () => {
    await using database = await testDatabase(kind)
    await using folder = await folderOf(
      'create table a (i int);\n',
      'drop table a;\ndrop table b;\n',
    )
    const at: Place = { path: folder.path, url: database.url }
    await succeed(at, 'up')
    expect((await mig(at, 'down')).code).toBe(isMysql(kind) ? 3 : 1)
    expect(saidOf(await doctor(at))).toMatchSnapshot()
    if (isMysql(kind)) {
      await writeFile(join(folder.path, '000002_step.down.sql'), 'drop table a;\n')
      expect(await repair(at, '--resume')).toMatchObject({ ran: 0, direction: 'down' })
      expect((await doctor(at)).state).toEqual({ version: '1', dirty: false })
    } else {
      await writeFile(join(folder.path, '000002_step.down.sql'), 'drop table a;\n')
      await succeed(at, 'down')
    }
    await succeed(at, 'up')
  })
})

/** A script in the middle of which there is time for something to happen. */
const slow: Readonly<Record<DatabaseKind, string>> = {
  postgres:
    '-- mig: transaction=none\ncreate table a (i int);\nselect pg_sleep(60);\ncreate table b (i int);\n',
  'postgres-old': '',
  mysql: 'create table a (i int);\ndo sleep(60);\ncreate table b (i int);\n',
  mariadb: 'create table a (i int);\ndo sleep(60);\ncreate table b (i int);\n',
  sqlite:
    '-- mig: transaction=none\ncreate table a (i int);\n' +
    'create table n as with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000000) select max(i) from n;\n' +
    'create table b (i int);\n',
}

const withoutPause = (kind: DatabaseKind): string =>
  (slow[kind] ?? '').replace('60', '0').replace('100000000', '10')

/** Waits until the statement in the middle is running. */
const inTheMiddle = async (kind: DatabaseKind, url: string): Promise<string> => {
  if (kind === 'sqlite') {
    await sleep(700)
    return ''
  }
  await using inspector = await inspect(kind, url)
  const sql = isMysql(kind)
    ? "select id from information_schema.processlist where db = database() and info like 'do sleep%'"
    : "select pid from pg_stat_activity where datname = current_database() and query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()"
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(20)) {
    const [[id] = []] = await inspector.rows(sql)
    if (id !== undefined && id !== null) return id
  }
  throw new Error('The script does not run')
}

describeDatabase(all, 'kill -9 in mid-script of a non-transactional step', (kind) => {
  test('is explained, and repaired', { timeout: 120_000 }, async () => {
    await using database = await testDatabase(kind)
    await using folder = await folderOf(slow[kind])
    const at: Place = { path: folder.path, url: database.url }
    await succeed(at, 'up', '1')
    const up = startMig(['up', '--path', at.path, '--database', at.url])
    const id = await inTheMiddle(kind, at.url)
    up.child.kill('SIGKILL')
    await up.exit
    if (kind !== 'sqlite') {
      await using inspector = await inspect(kind, at.url)
      await inspector.rows(isMysql(kind) ? `kill ${id}` : `select pg_terminate_backend(${id})`)
    }
    expect(saidOf(await doctor(at))).toMatchSnapshot()
    await mend(folder, withoutPause(kind))
    // The pause was changed, so nobody can know whether the old one had an effect: the user says so.
    expect((await mig(at, 'repair', '--resume')).code).toBe(3)
    await repair(at, '--resume', '--from-statement', '2')
    await succeed(at, 'up')
    expect((await doctor(at)).state).toEqual({ version: '2', dirty: false })
  })
})

describeDatabase(['postgres', 'mysql', 'mariadb'], 'a connection lost in mid-script', (kind) => {
  test('is explained, and repaired', { timeout: 120_000 }, async () => {
    await using database = await testDatabase(kind)
    await using folder = await folderOf(slow[kind])
    const at: Place = { path: folder.path, url: database.url }
    await succeed(at, 'up', '1')
    const up = startMig(['up', '--path', at.path, '--database', at.url])
    const id = await inTheMiddle(kind, at.url)
    await using inspector = await inspect(kind, at.url)
    await inspector.rows(isMysql(kind) ? `kill ${id}` : `select pg_terminate_backend(${id})`)
    const failed = await up.exit
    expect(failed.code).toBe(3)
    expect(databaseLine(failed.stderr)).toBe(
      'at version 2 (dirty): statement 1 of up 2 is in effect, statement 2 may be in effect, the rest is not',
    )
    expect(saidOf(await doctor(at))).toMatchSnapshot()
    expect((await mig(at, 'repair', '--rolled-back')).code).not.toBe(0)
    await inspector.rows('drop table a')
    expect(await repair(at, '--rolled-back', '--reason', 'dropped by hand')).toMatchObject({
      to: { version: '1', dirty: false },
    })
    await mend(folder, withoutPause(kind))
    await succeed(at, 'up')
  })
})

describeOwnServer(['postgres', 'mysql', 'mariadb'], 'a server killed in mid-script', (kind) => {
  test('is explained, and repaired', { timeout: 180_000 }, async () => {
    await using server = await startServer(kind)
    const database = await server.createDatabase()
    await using folder = await folderOf(slow[kind])
    const at: Place = { path: folder.path, url: database.url }
    await succeed(at, 'up', '1')
    const up = startMig(['up', '--path', at.path, '--database', at.url])
    await inTheMiddle(kind, at.url)
    await server.kill()
    expect((await up.exit).code).not.toBe(0)
    await server.start()
    expect(saidOf(await doctor(at))).toMatchSnapshot()
    await mend(folder, withoutPause(kind))
    await repair(at, '--resume', '--from-statement', '2')
    await succeed(at, 'up')
  })
})

describeDatabase('postgres', 'a concurrent index build that fails', (kind) => {
  test('leaves an INVALID index, which a repair removes', { timeout: 60_000 }, async () => {
    const script =
      "insert into people values (1, 'x'), (2, 'x');\ncreate unique index concurrently i on people (name);\n"
    await using database = await testDatabase(kind)
    await using folder = await folderOf(script)
    const at: Place = { path: folder.path, url: database.url }
    const failed = await mig(at, 'up')
    expect(failed.code).toBe(3)
    expect(databaseLine(failed.stderr)).toBe(
      'at version 2 (dirty): statement 1 of up 2 is in effect, the rest is not',
    )
    const report = await doctor(at)
    expect(saidOf(report, 'INVALID_INDEX')).toMatchSnapshot()
    const refused = await mig(at, 'repair', '--resume')
    expect(refused.code).not.toBe(0)
    await using inspector = await inspect(kind, at.url)
    await inspector.rows("update people set name = 'y' where id = 2")
    const result = await repair(at, '--resume', '--drop-invalid-indexes')
    expect(result).toMatchObject({ ran: 1, droppedIndexes: ['"public"."i"'] })
    expect(await doctor(at)).toMatchObject({ state: { version: '2', dirty: false } })
  })
})
