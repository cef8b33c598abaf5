import type { Client } from 'pg'
import type { ServerAdmin } from './admin.ts'

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    connectionString: url,
    application_name: 'mig-testing',
    connectionTimeoutMillis: 5_000,
  })
  // A server that dies makes an idle client emit; the pending query rejects all the same.
  client.on('error', () => {})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

export const postgresAdmin: ServerAdmin = {
  readVersion(url) {
    return withClient(url, async (client) => {
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
      return rows[0]?.server_version.split(' ')[0] ?? ''
    })
  },

  createDatabase(url, name) {
    return withClient(url, async (client) => {
      // template1 may have a visitor, which CREATE DATABASE refuses; template0 never has.
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0`)
    })
  },

  dropDatabase(url, name) {
    return withClient(url, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`)
    })
  },
}
