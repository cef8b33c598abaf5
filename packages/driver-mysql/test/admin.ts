import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'

/** A connection of the tests' own, closed after the action. */
export const withConnection = async <T>(
  url: string,
  action: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const connection = await createConnection({ uri: url, multipleStatements: true })
  try {
    return await action(connection)
  } finally {
    await connection.end()
  }
}

/** One value of a row, as the client reads it. */
export type Cell = string | number | null

/** Runs statements, each value of each row as the client reads it. */
export const rowsOf = (url: string, sql: string): Promise<Cell[][]> =>
  withConnection(url, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[][]>({
      sql,
      rowsAsArray: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
    })
    return rows as unknown as Cell[][]
  })

/** Runs statements and looks at no rows. */
export const run = (url: string, sql: string): Promise<void> =>
  withConnection(url, async (connection) => {
    await connection.query(sql)
  })

/** Names of the tables of the database, without views. */
export const tablesOf = async (url: string): Promise<string[]> => {
  const rows = await rowsOf(
    url,
    'SELECT table_name FROM information_schema.tables ' +
      "WHERE table_schema = DATABASE() AND table_type NOT LIKE '%VIEW' ORDER BY table_name",
  )
  return rows.map(([name]) => String(name))
}

/** The version row's rows. */
export const versionOf = (url: string, table = 'schema_migrations'): Promise<Cell[][]> =>
  rowsOf(url, `SELECT version, dirty FROM \`${table}\` ORDER BY version`)

/** Makes the database empty. */
export const empty = (url: string): Promise<void> =>
  withConnection(url, async (connection) => {
    const name = decodeURIComponent(new URL(url).pathname.slice(1))
    await connection.query(
      `DROP DATABASE \`${name}\`; CREATE DATABASE \`${name}\`; USE \`${name}\``,
    )
  })

/** The session that runs a statement like this, as soon as there is one. */
export const idOf = async (url: string, pattern: string): Promise<string> => {
  for (;;) {
    const [found] = await rowsOf(
      url,
      'SELECT id FROM information_schema.processlist ' +
        `WHERE info LIKE '${pattern}' AND db = DATABASE() AND id <> CONNECTION_ID()`,
    )
    if (found !== undefined) return String(found[0])
    await sleep(20)
  }
}
