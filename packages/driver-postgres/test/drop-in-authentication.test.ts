import pg from 'pg'
import { expect, test } from 'vitest'
import { guardConnection } from '../src/connect/answer-guard.ts'
import { connectionText } from '../src/golang-migrate/errors.ts'
import { startEvilServer, type Evil } from './evil-server.ts'

const kerberos = 'kerberos error: no GSSAPI provider registered'

// Recorded of golang-migrate 4.20 against the same server.
test.each<readonly [evil: Evil, pq: string, pgx: string]>([
  [
    'asks-7',
    `pq: ${kerberos} (import github.com/lib/pq/auth/kerberos if you need Kerberos support)`,
    `failed GSS auth (${kerberos}, see https://github.com/otan/gopgkrb5)`,
  ],
  [
    'asks-9',
    'pq: unknown authentication response: 9',
    'failed to receive message (AuthTypeSSPI is unimplemented)',
  ],
  [
    'asks-6',
    'pq: unknown authentication response: 6',
    'failed to receive message (AuthTypeSCMCreds is unimplemented)',
  ],
  [
    'asks-2',
    'pq: unknown authentication response: 2',
    'failed to receive message (unknown authentication type: 2)',
  ],
])("%s: the drop-in says it in golang-migrate's words", async (evil, pq, pgx) => {
  const server = await startEvilServer(evil)
  try {
    const place = { host: '127.0.0.1', port: server.port, user: 'u', database: 'd' }
    const client = new pg.Client({ ...place, password: 'p' })
    guardConnection(client.connection)
    const failure: unknown = await client.connect().catch((error: unknown) => error)
    expect(connectionText([failure], 'pq', place)).toBe(pq)
    expect(connectionText([failure], 'pgx4', place)).toBe(
      `failed to connect to \`host=127.0.0.1 user=u database=d\`: ${pgx}`,
    )
    client.connection.stream.destroy()
  } finally {
    await server.stop()
  }
})
