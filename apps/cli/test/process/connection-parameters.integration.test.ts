import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { expectOneError, isPostgres, serverApp, tablesOf } from '../support/server-app.ts'

const bookkeeping = ['schema_migrations', 'schema_migrations_history']

const withQuery = (url: string, query: string): string =>
  `${url}${url.includes('?') ? '&' : '?'}${query}`

describeDatabase(['postgres', 'postgres-old', 'mysql', 'mariadb'], 'a URL', (kind) => {
  test('of Prisma works as it is, and what has no effect is said once', async () => {
    await using database = await testDatabase(kind)
    const query = 'connection_limit=1&pool_timeout=20'
    const url = withQuery(database.url, isPostgres(kind) ? `schema=public&${query}` : query)
    const { mig } = serverApp(url)
    const run = await mig(['up'])
    expect(run.code).toBe(0)
    for (const name of ['connection_limit', 'pool_timeout']) {
      expect(run.stderr.split(`Warning: "${name}" has no effect`)).toHaveLength(2)
    }
    expect(run.stderr).not.toContain('schema"')
    expect(await tablesOf(kind, database.url)).toEqual([...bookkeeping, 'users'])
    const json = await mig(['status', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ result: { state: { version: '1' } } })
  })

  test('with a parameter that mig cannot honour is refused before anything is sent', async () => {
    await using database = await testDatabase(kind)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    let connections = 0
    server.on('connection', (socket) => {
      connections++
      socket.destroy()
    })
    const parts = new URL(database.url)
    parts.port = String((server.address() as AddressInfo).port)
    const queries = isPostgres(kind)
      ? ['gssencmode=require', 'sslidentity=a.p12', 'requirepeer=postgres', 'user=${PGUSER}']
      : ['tls=false&x-tls-ca=ca.pem', 'ssl-crl=a.pem', 'ssl=profile', 'user=${MYSQL_USER}']
    for (const query of queries) {
      const { mig } = serverApp(withQuery(parts.href, query))
      const run = await mig(['up'])
      expectOneError(run, 2)
      expect(run.stderr).toMatch(
        /mig cannot do what|contradict|variable such as|neither true nor false/,
      )
    }
    expect(connections).toBe(0)
    server.close()
  })

  test('is filled and hardened by the environment', async () => {
    await using database = await testDatabase(kind)
    const refused = isPostgres(kind) ? { PGREQUIREAUTH: 'none' } : { MYSQL_TCP_PORT: 'x' }
    const { mig } = serverApp(isPostgres(kind) ? database.url : 'mysql:///d')
    const run = await mig(['up'], { env: refused })
    expect(run.code).not.toBe(0)
    expect(run.stderr).toMatch(
      isPostgres(kind) ? /which require_auth does not allow/ : /MYSQL_TCP_PORT/,
    )
  })
})
