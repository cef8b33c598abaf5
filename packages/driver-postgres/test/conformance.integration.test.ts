import { testDriver } from '@mig/driver-testkit'
import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { afterAll, beforeAll } from 'vitest'
import { postgresDriver } from '../src/index.ts'
import { empty, tablesOf } from './admin.ts'
import { postgresSql } from './conformance-sql.ts'

describeDatabase(['postgres', 'postgres-old'], 'conformance', (kind) => {
  let database: TestDatabase
  const env: Record<string, string> = {}
  beforeAll(async () => {
    database = await testDatabase(kind)
    env['MIG_TEST_DATABASE'] = database.url
  })
  afterAll(async () => database.drop())

  const changed = (change: (url: URL) => void): string => {
    const url = new URL(database.url)
    change(url)
    return url.href
  }

  testDriver({
    name: kind,
    open: () => postgresDriver(database.url),
    reset: () => empty(database.url),
    objects: () => tablesOf(database.url),
    sql: postgresSql,
    secondProcess: { module: new URL('./open-database.ts', import.meta.url), env },
    badConnections: [
      {
        name: 'a wrong password',
        open: () => postgresDriver(changed((url) => (url.password = 'wr%40ng+secret'))),
        code: 'CONNECTION_FAILED',
        secrets: ['wr%40ng+secret', 'wr@ng+secret'],
      },
      {
        name: 'a database that is not there',
        open: () => postgresDriver(changed((url) => (url.pathname = '/mig_nowhere'))),
        code: 'CONNECTION_FAILED',
      },
      {
        name: 'a port where nobody listens',
        open: () => postgresDriver(changed((url) => (url.port = '1'))),
        code: 'CONNECTION_FAILED',
      },
    ],
  })
})
