import { startServer } from '@mig/testing'
import { describeOwnServer } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import {
  expectOneError,
  isPostgres,
  oneMigration,
  serverApp,
  stateOf,
  tablesOf,
  untilRunning,
} from '../support/server-app.ts'

describeOwnServer(['postgres', 'mysql', 'mariadb'], 'a server that goes and comes', (kind) => {
  test('dies in mid-step, then is started late', { timeout: 240_000 }, async () => {
    await using server = await startServer(kind)
    const { url } = await server.createDatabase()
    const sleep = isPostgres(kind) ? 'select pg_sleep(60)' : 'do sleep(60)'
    const { app, mig } = serverApp(url, {
      ...oneMigration,
      '2_long.up': `create table half (i int);\n${sleep};\ncreate table whole (i int);`,
    })
    let killed: Promise<void> | undefined
    const lost = await mig(['up'], {
      onStderr: (text) => {
        if (!/up 2 long\n/.test(text)) return
        killed ??= untilRunning(kind, url, 'sleep(60)').then(() => server.kill())
      },
    })
    await killed
    expectOneError(lost, 1)
    expect(lost.stderr).toMatch(/at migrations\/2_long\.up\.sql/)
    expect(lost.stderr).not.toContain('Warning')
    expect(lost.stderr).toContain('done      1 step: up 1')
    expect(lost.stderr).toContain('database  its state could not be read back')

    const nobody = await mig(['up', '--wait', '1s'])
    expectOneError(nobody, 1)
    expect(nobody.stderr).toContain('Waiting for the database: ')
    expect(nobody.stderr).toContain('Cannot connect')

    // The server is down when mig starts, and comes up while mig waits.
    app.migrations({ '2_long.up': 'create table half (i int);\ncreate table whole (i int);' })
    let started: Promise<void> | undefined
    const later = await mig(['up', '--wait', '90s'], {
      onStderr: (text) => {
        if (text.includes('Waiting for the database: ')) started ??= server.start()
      },
    })
    await started
    if (isPostgres(kind)) {
      expect(later.code, later.stderr).toBe(0)
      expect(await stateOf(kind, url)).toBe('2 0')
      expect(await tablesOf(kind, url)).toEqual(expect.arrayContaining(['half', 'whole']))
    } else {
      expectOneError(later, 3)
      expect(later.stderr).toMatch(/dirty/)
      expect(await stateOf(kind, url)).toBe('2 1')
      expect((await mig(['status'])).stdout).toMatch(/dirty/)
      const tables = await tablesOf(kind, url)
      expect(tables).toContain('half')
      expect(tables).not.toContain('whole')
    }
  })
})
