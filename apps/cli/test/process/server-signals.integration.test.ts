import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
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
import type { SpawnOptions } from '../support/spawn-mig.ts'

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const
const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[]

describeDatabase(['postgres', 'mysql', 'mariadb'], 'a signal while a step runs', (kind) => {
  const sleep = isPostgres(kind) ? 'select pg_sleep(3)' : 'do sleep(3)'
  const files = {
    ...oneMigration,
    '2_long.up': `create table half (i int);\n${sleep};\ncreate table whole (i int);`,
    '3_next.up': 'create table next (i int);',
  }
  const again = { '2_long.up': 'create table if not exists half (i int);' }

  /** Sends a signal once, when the long statement runs on the server, and another when the first was answered. */
  const sending = (
    url: string,
    first: NodeJS.Signals,
    second?: NodeJS.Signals,
  ): Pick<SpawnOptions, 'onStderr'> => {
    let sent = 0
    return {
      onStderr: (text, child) => {
        if (sent === 0 && /up 2 long\n/.test(text)) {
          sent = 1
          void untilRunning(kind, url, 'sleep(3)').then(() => child.kill(first))
        }
        if (sent === 1 && second !== undefined && text.includes('Once more to cancel it.')) {
          sent = 2
          child.kill(second)
        }
      },
    }
  }

  test.each(signals)('%s: the step finishes, the next one does not begin', async (signal) => {
    await using database = await testDatabase(kind)
    const { mig } = serverApp(database.url, files)
    const run = await mig(['up'], sending(database.url, signal))
    expectOneError(run, exitCodes[signal])
    expect(run.stderr).toContain(`${signal}: ending after the running step.`)
    expect(run.stderr).toContain('Error: The run was ended before its last step')
    expect(run.stderr).toContain('done      2 steps: up 1, up 2')
    expect(run.stderr).not.toContain('up 3')
    expect(await stateOf(kind, database.url)).toBe('2 0')
    expect(await tablesOf(kind, database.url)).toEqual(expect.arrayContaining(['half', 'whole']))
    expect((await mig(['up'])).code).toBe(0)
    expect(await stateOf(kind, database.url)).toBe('3 0')
  })

  test.each([
    ['SIGINT', ['--on-signal=cancel'], undefined],
    ['SIGTERM', ['--on-signal=cancel'], undefined],
    ['SIGINT', [], 'SIGTERM'],
    ['SIGTERM', [], 'SIGTERM'],
  ] as const)('%s %j %s: the step is cancelled', async (signal, flags, second) => {
    await using database = await testDatabase(kind)
    const { app, mig } = serverApp(database.url, files)
    const run = await mig(['up', ...flags], sending(database.url, signal, second))
    expectOneError(run, exitCodes[signal])
    expect(run.stderr).toContain('at migrations/2_long.up.sql')
    expect(run.stderr).toContain('done      1 step: up 1')
    const tables = await tablesOf(kind, database.url)
    expect(tables).not.toContain('whole')
    app.migrations(again)
    if (isPostgres(kind)) {
      expect(run.stderr).toContain('database  at version 1, clean: nothing of up 2 is in effect')
      expect(await stateOf(kind, database.url)).toBe('1 0')
      expect(tables).not.toContain('half')
      expect(run.stderr).toContain('Run the command again to go on.')
      expect((await mig(['up'])).code).toBe(0)
    } else {
      expect(run.stderr).toContain('database  at version 2 (dirty)')
      expect(run.stderr).toMatch(/at migrations\/2_long\.up\.sql.*, statement [23] of 3/)
      expect(run.stderr).toContain('mig doctor')
      expect(await stateOf(kind, database.url)).toBe('2 1')
      expect(tables).toContain('half')
      const refused = await mig(['up'])
      expectOneError(refused, 3)
    }
  })
})
