import { startServer } from '@mig/testing'
import { describeOwnServer } from '@mig/testing/vitest'
import { describe, expect, test } from 'vitest'
import type { DoctorReport } from '../../src/reports/doctor-report.ts'
import { doctor, succeed } from './doctor-report.ts'
import { migrationFolder } from './folder.ts'
import { inspect } from './inspector.ts'

const titles = ({ findings }: DoctorReport, ...codes: readonly string[]): string[] =>
  findings.filter(({ code }) => codes.includes(code)).map(({ title }) => title)

const script = (): { readonly up: string } => ({ up: 'create table people (id int);\n' })

describeOwnServer('postgres', 'mig doctor on a server that forgets', (kind) => {
  test('names the settings', { timeout: 180_000 }, async () => {
    await using server = await startServer(kind)
    const { url } = await server.createDatabase()
    await using folder = await migrationFolder(1, script)
    await succeed({ path: folder.path, url }, 'up')
    await using inspector = await inspect(kind, url)
    // What the test servers are started with is nobody's business here.
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
      await inspector.rows(`alter system set ${setting} = on`)
    }
    const reload = async (): Promise<readonly string[]> => {
      await inspector.rows('select pg_reload_conf()')
      return titles(await doctor({ path: folder.path, url }), 'WEAK_DURABILITY')
    }
    await expect.poll(reload, { timeout: 20_000 }).toEqual([])
    await inspector.rows('alter system set fsync = off')
    await inspector.rows('alter system set full_page_writes = off')
    await inspector.rows('alter system set synchronous_commit = off')
    await expect
      .poll(reload, { timeout: 20_000 })
      .toEqual(['fsync is off', 'full_page_writes is off', 'synchronous_commit is off'])
    const { healthy } = await doctor({ path: folder.path, url })
    expect(healthy, 'worth knowing, and nothing is wrong').toBe(true)
  })
})

describeOwnServer(['mysql', 'mariadb'], 'mig doctor on a server that forgets', (kind) => {
  test('names the settings, and a server that takes no writes', { timeout: 180_000 }, async () => {
    await using server = await startServer(kind, { serverArgs: ['--log-bin', '--server-id=1'] })
    const { url } = await server.createDatabase()
    await using folder = await migrationFolder(1, script)
    const at = { path: folder.path, url }
    await succeed(at, 'up')
    await using inspector = await inspect(kind, url)
    const codes = ['WEAK_DURABILITY', 'READ_ONLY']
    await inspector.rows('set global innodb_flush_log_at_trx_commit = 1')
    await inspector.rows('set global sync_binlog = 1')
    expect(titles(await doctor(at), ...codes)).toEqual([])
    await inspector.rows('set global innodb_flush_log_at_trx_commit = 2')
    await inspector.rows('set global sync_binlog = 0')
    expect(titles(await doctor(at), ...codes)).toEqual([
      'innodb_flush_log_at_trx_commit is 2',
      'sync_binlog is 0',
    ])
    await inspector.rows('set global read_only = on')
    const report = await doctor(at)
    expect(titles(report, 'READ_ONLY')).toEqual(['Nothing can be written here: read_only is ON'])
    expect(report.healthy).toBe(false)
  })
})

describeOwnServer('mysql', 'mig doctor on a member of a group', (kind) => {
  test('says that its lock reaches one node only', { timeout: 180_000 }, async () => {
    await using server = await startServer(kind, {
      serverArgs: ['--log-bin', '--server-id=1', '--gtid-mode=ON', '--enforce-gtid-consistency=ON'],
    })
    const { url } = await server.createDatabase()
    await using folder = await migrationFolder(1, script)
    await using inspector = await inspect(kind, url)
    for (const statement of [
      "install plugin group_replication soname 'group_replication.so'",
      "set global group_replication_group_name = 'a1b2c3d4-0000-4000-8000-000000000001'",
      "set global group_replication_local_address = '127.0.0.1:33061'",
      "set global group_replication_group_seeds = '127.0.0.1:33061'",
      'set global group_replication_bootstrap_group = on',
      'start group_replication',
    ]) {
      await inspector.rows(statement)
    }
    const report = await doctor({ path: folder.path, url })
    expect(titles(report, 'LOCK_PER_NODE')).toEqual([
      'The server is part of a cluster (Group Replication), and its lock reaches one node only',
    ])
  })
})

describeOwnServer('mariadb', 'mig doctor with Galera', (kind) => {
  test(
    'does not take wsrep_on without a provider for a cluster',
    { timeout: 180_000 },
    async () => {
      await using server = await startServer(kind, {
        serverArgs: ['--wsrep-on=ON', '--binlog-format=ROW'],
      })
      const { url } = await server.createDatabase()
      await using folder = await migrationFolder(1, script)
      await using inspector = await inspect(kind, url)
      expect(await inspector.rows('select @@global.wsrep_on')).toEqual([['1']])
      expect(titles(await doctor({ path: folder.path, url }), 'LOCK_PER_NODE')).toEqual([])
    },
  )
})

const galera = process.env['MIG_TEST_GALERA_URL']

describe.skipIf(galera === undefined)(
  'mig doctor on a Galera node (skipped without MIG_TEST_GALERA_URL: the images of the tests have no libgalera)',
  () => {
    test('says that its lock reaches one node only', async () => {
      await using folder = await migrationFolder(1, script)
      const report = await doctor({ path: folder.path, url: galera ?? '' })
      expect(titles(report, 'LOCK_PER_NODE')).toEqual([
        'The server is part of a cluster (Galera), and its lock reaches one node only',
      ])
    })
  },
)
