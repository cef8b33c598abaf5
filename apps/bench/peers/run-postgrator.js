// Postgrator, as its documentation shows it.
import Postgrator from 'postgrator'

const [operation, folder, url] = process.argv.slice(2)

async function open() {
  if (url.startsWith('postgres')) {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    return {
      settings: { driver: 'pg', database: client.database },
      execQuery: (query) => client.query(query),
      close: () => client.end(),
    }
  }
  if (url.startsWith('mysql')) {
    const { createConnection } = await import('mysql2/promise')
    const connection = await createConnection({ uri: url, multipleStatements: true })
    return {
      settings: { driver: 'mysql', database: new URL(url).pathname.slice(1) },
      execQuery: async (query) => {
        const [rows, fields] = await connection.query(query)
        return { rows, fields }
      },
      close: () => connection.end(),
    }
  }
  const { default: Database } = await import('better-sqlite3')
  const database = new Database(url.replace('sqlite://', ''))
  return {
    settings: { driver: 'sqlite3' },
    execQuery: async (query) => {
      const statement = database.prepare(query)
      return { rows: statement.reader ? statement.all() : [statement.run()] }
    },
    execSqlScript: async (script) => void database.exec(script),
    close: () => database.close(),
  }
}

const { settings, close, ...queries } = await open()
const postgrator = new Postgrator({
  migrationPattern: `${folder}/*.sql`,
  ...settings,
  ...queries,
})
if (operation === 'up') await postgrator.migrate()
else if (operation === 'down') await postgrator.migrate('000')
else console.log(await postgrator.getDatabaseVersion())
await close()
