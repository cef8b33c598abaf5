import { testDriver } from '@mig/driver-testkit'
import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { afterAll, beforeAll } from 'vitest'
import { mysqlDriver } from '../src/index.ts'
import { empty, rowsOf, run, tablesOf } from './admin.ts'
import { mysqlSql, rowsTable } from './conformance-sql.ts'

describeDatabase(['mysql', 'mariadb'], 'conformance', (kind) => {
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
    open: () => mysqlDriver(database.url),
    reset: async () => {
      await empty(database.url)
      await run(database.url, `CREATE TABLE ${rowsTable} (name varchar(64) PRIMARY KEY)`)
    },
    objects: async () => {
      const tables = await tablesOf(database.url)
      const things = tables.filter((name) => name !== rowsTable)
      if (things.length === tables.length) return things
      const rows = await rowsOf(database.url, `SELECT name FROM ${rowsTable}`)
      return [...things, ...rows.map(([name]) => String(name))]
    },
    sql: mysqlSql,
    secondProcess: { module: new URL('./open-database.ts', import.meta.url), env },
    badConnections: [
      {
        name: 'a wrong password',
        open: () => mysqlDriver(changed((url) => (url.password = 'wr%40ng+secret'))),
        code: 'CONNECTION_FAILED',
        secrets: ['wr%40ng+secret', 'wr@ng+secret'],
      },
      {
        name: 'a database that is not there',
        open: () => mysqlDriver(changed((url) => (url.pathname = '/mig_nowhere'))),
        code: 'CONNECTION_FAILED',
      },
      {
        name: 'a port where nobody listens',
        open: () => mysqlDriver(changed((url) => (url.port = '1'))),
        code: 'CONNECTION_FAILED',
      },
    ],
  })
})
