import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDriver, type DriverTestOptions } from '@mig/driver-testkit'
import { describeDatabase } from '@mig/testing/vitest'
import Database from 'better-sqlite3'
import { afterAll } from 'vitest'
import { sqliteDriver } from '../src/index.ts'
import { sqliteSql, tablesOf } from './sqlite-sql.ts'

describeDatabase('sqlite', 'conformance', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-conformance-'))
  const file = join(folder, 'db.sqlite')
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Clients of the program, which stay open when a driver on them is closed. */
  const clients: Database.Database[] = []
  const openWithClient = (): ReturnType<typeof sqliteDriver> => {
    const client = new Database(file)
    clients.push(client)
    return sqliteDriver({ client })
  }
  const reset = async (): Promise<void> => {
    for (const client of clients.splice(0)) client.close()
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(file + suffix, { force: true })
  }
  afterAll(reset)

  const options: Omit<DriverTestOptions, 'name' | 'open'> = {
    reset,
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
      {
        name: 'a folder',
        open: () => sqliteDriver(`sqlite://${folder}`),
        code: 'CONNECTION_FAILED',
      },
    ],
  }

  testDriver({ ...options, name: 'sqlite', open: () => sqliteDriver(`sqlite://${file}`) })
  testDriver({
    ...options,
    name: 'sqlite in WAL mode',
    open: () => sqliteDriver(`sqlite://${file}?_journal_mode=WAL`),
  })
  testDriver({ ...options, name: 'sqlite with a client of the program', open: openWithClient })
})
