// drizzle-orm's migrator, as its documentation shows it.
const [, folder, url] = process.argv.slice(2)
const options = { migrationsFolder: folder }

if (url.startsWith('postgres')) {
  const { drizzle } = await import('drizzle-orm/node-postgres')
  const { migrate } = await import('drizzle-orm/node-postgres/migrator')
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await migrate(drizzle(client), options)
  await client.end()
} else if (url.startsWith('mysql')) {
  const { drizzle } = await import('drizzle-orm/mysql2')
  const { migrate } = await import('drizzle-orm/mysql2/migrator')
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({ uri: url, multipleStatements: true })
  await migrate(drizzle(connection), options)
  await connection.end()
} else {
  const { drizzle } = await import('drizzle-orm/better-sqlite3')
  const { migrate } = await import('drizzle-orm/better-sqlite3/migrator')
  const { default: Database } = await import('better-sqlite3')
  const database = new Database(url.replace('sqlite://', ''))
  migrate(drizzle(database), options)
  database.close()
}
