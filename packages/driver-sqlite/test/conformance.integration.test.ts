import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDriver } from '@mig/driver-testkit'
import { describeDatabase } from '@mig/testing/vitest'
import { afterAll } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { sqliteSql, tablesOf } from './sqlite-sql.ts'

describeDatabase('sqlite', 'conformance', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-conformance-'))
  const file = join(folder, 'db.sqlite')
  afterAll(() => rmSync(folder, { recursive: true }))

  testDriver({
    name: 'sqlite',
    open: () => sqliteDriver(`sqlite://${file}`),
    reset: async () => {
      for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    },
    objects: async () => (existsSync(file) ? tablesOf(file) : []),
    sql: sqliteSql,
    secondProcess: {
      module: new URL('./open-database.ts', import.meta.url),
      env: { MIG_TEST_SQLITE_FILE: file },
    },
    badConnections: [
      {
        name: 'a folder that is not there',
        open: () => sqliteDriver(`sqlite://${folder}/nowhere/db.sqlite`),
        code: 'CONNECTION_FAILED',
      },
      { name: 'a folder', open: () => sqliteDriver(`sqlite://${folder}`), code: 'CONNECTION_FAILED' },
    ],
  })
})
