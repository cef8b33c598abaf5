import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { embeddedPostgres, embeddedPostgresFolder } from '../src/providers/embedded-postgres.ts'
import type { ServerProcess } from '../src/server-process.ts'
import { waitUntilReady } from '../src/wait-until-ready.ts'

async function query(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

// There are no binaries for some platforms.
describe.skipIf(embeddedPostgresFolder() === undefined)('embedded PostgreSQL', () => {
  let server: ServerProcess

  beforeEach(async () => {
    server = await embeddedPostgres(['-c', 'max_connections=9'])
  })

  afterEach(() => server.stop())

  test('runs with arguments, keeps its data and port over a kill', async () => {
    expect(await waitUntilReady('postgres', server, 30_000)).toMatch(/^\d+\.\d+/)
    expect(await query(server.url, "SELECT current_setting('max_connections')")).toBe('9')
    await query(server.url, 'CREATE TABLE t AS SELECT 42 AS id')
    await server.kill()
    expect(await server.isRunning()).toBe(false)
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
    await server.start()
    await waitUntilReady('postgres', server, 30_000)
    expect(await query(server.url, 'SELECT id FROM t')).toBe(42)
  })

  test('answers nothing while it is paused', async () => {
    await waitUntilReady('postgres', server, 30_000)
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
})
