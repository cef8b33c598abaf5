import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { ServerAdmin } from './admin.ts'

async function withConnection<T>(
  url: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({ uri: url, connectTimeout: 5_000 })
  try {
    return await use(connection)
  } finally {
    await connection.end()
  }
}

/** As one name: the client's own function takes a dot for a separator. */
function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

export const mysqlAdmin: ServerAdmin = {
  readVersion(url) {
    return withConnection(url, async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT version() AS version')
      const version = String(rows[0]?.['version'])
      return /^[\d.]+(-MariaDB)?/.exec(version)?.[0] ?? version
    })
  },

  createDatabase(url, name) {
    return withConnection(url, async (connection) => {
      await connection.query(`CREATE DATABASE ${quoted(name)}`)
    })
  },

  dropDatabase(url, name) {
    return withConnection(url, async (connection) => {
      // A session that holds a metadata lock would make DROP DATABASE wait for it.
      const [sessions] = await connection.query<RowDataPacket[]>(
        'SELECT id FROM information_schema.processlist WHERE db = ? AND id <> connection_id()',
        [name],
      )
      for (const session of sessions) {
        // It may have ended by itself meanwhile.
        await connection.query(`KILL ${Number(session['id'])}`).catch(() => {})
      }
      await connection.query('SET SESSION lock_wait_timeout = 10')
      await connection.query(`DROP DATABASE IF EXISTS ${quoted(name)}`)
    })
  },
}
