// #region conformance
import { testDriver } from '@mig/driver-testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll } from 'vitest'
import { fileDriver } from './example/file-driver.ts'

const folder = mkdtempSync(join(tmpdir(), 'mig-file-'))
const path = join(folder, 'kit.db')
afterAll(() => rmSync(folder, { recursive: true }))

testDriver({
  name: 'sqlite-file',
  open: () => fileDriver(path),
  reset: async () => rmSync(path, { force: true }),
  objects: async () => {
    const client = new DatabaseSync(path, { timeout: 1_000 })
    const rows = client.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()
    client.close()
    return rows.map(({ name }) => String(name))
  },
  sql: {
    create: (name) => `CREATE TABLE ${name} (id integer)`,
    drop: (name) => `DROP TABLE ${name}`,
    fail: 'SELECT * FROM kit_nowhere',
    outside: 'VACUUM',
    select: 'SELECT 1',
    block: { begin: 'BEGIN', commit: 'COMMIT' },
    slow: (ms) =>
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ms * 4_000})
       SELECT max(i) FROM n`,
  },
  secondProcess: {
    module: new URL('./example/open-file.ts', import.meta.url),
    env: { KIT_FILE: path },
  },
  badConnections: [
    {
      name: 'no such folder',
      open: () => fileDriver(join(folder, 'nowhere', 'kit.db')),
      code: 'CONNECTION_FAILED',
    },
  ],
})
// #endregion
