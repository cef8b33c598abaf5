import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createConnection } from 'mysql2/promise'
import type { RowDataPacket } from 'mysql2/promise'
import pg from 'pg'
import { expect, test } from 'vitest'
import { sharedServer, startServer, testDatabase } from '@mig/testing'
import { describeDatabase, describeOwnServer } from '@mig/testing/vitest'

const serverKinds = ['postgres', 'postgres-old', 'mysql', 'mariadb'] as const

/** Runs one statement and returns the first column of the first row. */
async function query(url: string, sql: string): Promise<unknown> {
  if (url.startsWith('postgres:')) {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      const result = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
      return result.rows[0]?.[0]
    } finally {
      await client.end()
    }
  }
  const connection = await createConnection({ uri: url })
  try {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true })
    return Array.isArray(rows) ? rows[0]?.[0] : undefined
  } finally {
    await connection.end()
  }
}

describeDatabase(serverKinds, 'a shared server', (kind) => {
  test('is the same for all who ask and says its version', async () => {
    const [one, two] = await Promise.all([sharedServer(kind), sharedServer(kind)])
    expect(one.url).toBe(two.url)
    expect(one.kind).toBe(kind)
    expect(one.version).toMatch(/^\d+\.\d+/)
  })

  test('gives databases that do not see each other', async () => {
    await using one = await testDatabase(kind)
    await using two = await testDatabase(kind)
    await query(one.url, 'CREATE TABLE t (id int)')
    await query(two.url, 'CREATE TABLE t (id int)')
    await query(one.url, 'INSERT INTO t VALUES (1)')
    expect(Number(await query(one.url, 'SELECT count(*) FROM t'))).toBe(1)
    expect(Number(await query(two.url, 'SELECT count(*) FROM t'))).toBe(0)
  })

  test('creates a database of any name', async () => {
    const server = await sharedServer(kind)
    await using database = await server.createDatabase('mig test `a".b"`')
    const current = kind.startsWith('postgres') ? 'current_database()' : 'database()'
    expect(await query(database.url, `SELECT ${current}`)).toBe(database.name)
  })

  test('drops a database that is in use, and only once', async () => {
    const database = await testDatabase(kind)
    const busy = query(
      database.url,
      kind.startsWith('postgres') ? 'SELECT pg_sleep(60)' : 'SELECT sleep(60)',
    ).catch((error: unknown) => error)
    await database.drop()
    await database.drop()
    await busy
    await expect(query(database.url, 'SELECT 1')).rejects.toThrow(/exist|Unknown database/)
  })
})

describeDatabase('sqlite', 'a test database', (kind) => {
  test('is a path in a folder of its own, deleted by drop', async () => {
    const database = await testDatabase(kind)
    expect(database.url).toBe(`sqlite://${database.name}`)
    expect(existsSync(database.name)).toBe(false)
    await writeFile(database.name, '')
    await database.drop()
    expect(existsSync(database.name)).toBe(false)
  })
})

describeOwnServer(serverKinds, 'a server of one’s own', (kind) => {
  test('keeps committed data and its port when it is killed and started again', async () => {
    await using server = await startServer(kind)
    const database = await server.createDatabase()
    await query(database.url, 'CREATE TABLE t (id int)')
    await query(database.url, 'INSERT INTO t VALUES (42)')
    await server.kill()
    await expect(query(database.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED|ECONNRESET/)
    await server.start()
    expect(await query(database.url, 'SELECT id FROM t')).toBe(42)
  })

  test('takes arguments for the server program', async () => {
    const isPostgres = kind.startsWith('postgres')
    await using server = await startServer(kind, {
      serverArgs: isPostgres ? ['-c', 'max_connections=7'] : ['--max-connections=17'],
    })
    const setting = isPostgres ? "current_setting('max_connections')" : '@@max_connections'
    expect(Number(await query(server.url, `SELECT ${setting}`))).toBe(isPostgres ? 7 : 17)
  })

  test('answers nothing while it is paused', async () => {
    await using server = await startServer(kind)
    await server.pause()
    let answered = false
    const pending = query(server.url, 'SELECT 1').then((value) => {
      answered = true
      return value
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(answered).toBe(false)
    await server.unpause()
    expect(await pending).toBe(1)
  })

  test('is gone after stop, also when it was killed before', async () => {
    const server = await startServer(kind)
    await server.kill()
    await server.stop()
    await server.stop()
    await expect(server.start()).rejects.toMatchObject({ code: 'INVALID_USE' })
  })

  test('says at once why it does not start', async () => {
    await expect(startServer(kind, { serverArgs: ['--no-such-option'] })).rejects.toMatchObject({
      code: 'SERVER_FAILED',
      message: expect.stringMatching(/no[-_]such[-_]option/) as string,
    })
  })
})
