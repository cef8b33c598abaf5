import pg from 'pg'

/** Runs SQL over a connection of its own and returns the rows of the last statement. */
export const run = async (
  url: string,
  sql: string,
): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const result: unknown = await client.query(sql)
    const last = Array.isArray(result)
      ? (result as pg.QueryResult[]).at(-1)
      : (result as pg.QueryResult)
    return last?.rows ?? []
  } finally {
    await client.end()
  }
}

/** Empties a database: what is in its schema, and the sessions of others in it. */
export const empty = async (url: string): Promise<void> => {
  await run(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
     DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public`,
  )
}

/** Names of the tables in the schema `public`. */
export const tablesOf = async (url: string): Promise<readonly string[]> => {
  const rows = await run(
    url,
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
  )
  return rows.map(({ tablename }) => String(tablename))
}
