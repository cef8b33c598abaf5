// Kysely's migrator over a folder of SQL files.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely, MysqlDialect, PostgresDialect, sql, SqliteDialect } from 'kysely'
import { Migrator, NO_MIGRATIONS } from 'kysely/migration'

const [operation, folder, url] = process.argv.slice(2)

async function makeDialect() {
  if (url.startsWith('postgres')) {
    const { default: pg } = await import('pg')
    return new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) })
  }
  if (url.startsWith('mysql')) {
    const { createPool } = await import('mysql2')
    return new MysqlDialect({ pool: createPool({ uri: url, multipleStatements: true }) })
  }
  const { default: Database } = await import('better-sqlite3')
  return new SqliteDialect({ database: new Database(url.replace('sqlite://', '')) })
}

const provider = {
  async getMigrations() {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.up.sql'))
    const run = async (db, file) => sql.raw(await readFile(join(folder, file), 'utf8')).execute(db)
    return Object.fromEntries(
      files.map((file) => [
        file.replace('.up.sql', ''),
        { up: (db) => run(db, file), down: (db) => run(db, file.replace('.up.', '.down.')) },
      ]),
    )
  },
}

const db = new Kysely({ dialect: await makeDialect() })
const migrator = new Migrator({ db, provider })
if (operation === 'version') {
  console.log((await migrator.getMigrations()).findLast(({ executedAt }) => executedAt)?.name)
} else {
  const { error } =
    operation === 'up' ? await migrator.migrateToLatest() : await migrator.migrateTo(NO_MIGRATIONS)
  if (error !== undefined) throw error
}
await db.destroy()
