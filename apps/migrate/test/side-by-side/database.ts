import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { testDatabase, type DatabaseKind } from '@mig/testing'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import pg from 'pg'

/** One side's database: what the tool gets as its URL, and a look inside. */
export interface SideDatabase {
  /** The URL for the tool, with these query parameters. */
  url(scheme: string, parameters: string): string
  /** Everything there is in the database, as text. */
  dump(): Promise<string>
  /** Version and dirty of a version table; nothing where there is none. */
  versionTable(
    table: string,
  ): Promise<{ readonly version: bigint; readonly dirty: boolean } | undefined>
  /** Back to an empty database. */
  reset(): Promise<void>
  query(sql: string): Promise<void>
  /** How many rows there are, by what follows FROM. */
  count(from: string): Promise<number>
  close(): Promise<void>
  /** What is different on the two sides and must not count. */
  readonly name: string
}

/** Opens a database of its own for one side. */
export const openSideDatabase = (kind: DatabaseKind, folder: string): Promise<SideDatabase> => {
  switch (kind) {
    case 'sqlite':
      return Promise.resolve(sqliteSide(folder))
    case 'mysql':
    case 'mariadb':
      return mysqlSide(kind)
    case 'postgres':
    case 'postgres-old':
      return postgresSide(kind)
  }
}

const toText = (value: unknown): string =>
  JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === 'bigint' ? entry.toString() : entry,
  )

/** What a client made of a version: text or a number. */
const toVersion = (value: unknown): bigint =>
  typeof value === 'string' || typeof value === 'bigint' ? BigInt(value) : -1n

const withQuery = (url: string, parameters: string): string =>
  parameters === '' ? url : `${url}?${parameters}`

const postgresSide = async (kind: DatabaseKind): Promise<SideDatabase> => {
  const database = await testDatabase(kind)
  const client = new pg.Client(database.url)
  await client.connect()
  const rows = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
    (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows
  const schemas = `('public', 'other schema')`
  return {
    name: database.name,
    url: (scheme, parameters) => {
      const url = database.url.replace(/^\w+/, scheme)
      return withQuery(url, ['sslmode=disable', parameters].filter((text) => text !== '').join('&'))
    },
    dump: async () => {
      const definitions = await rows(
        `SELECT 1 AS kind, table_schema, table_name, ordinal_position, column_name || ' ' || data_type || ' ' || is_nullable, column_default
         FROM information_schema.columns WHERE table_schema IN ${schemas}
         UNION ALL SELECT 2, schemaname, tablename, 0, indexdef, NULL FROM pg_indexes WHERE schemaname IN ${schemas}
         UNION ALL SELECT 3, schemaname, tablename, 0, format('%I.%I', schemaname, tablename), NULL FROM pg_tables WHERE schemaname IN ${schemas}
         ORDER BY 1, 2, 3, 4, 5`,
      )
      const tables = definitions.filter(([type]) => type === 3).map((row) => String(row[4]))
      const select = tables.map((table) => `SELECT '${table}', t::text FROM ${table} t`)
      const contents =
        tables.length === 0 ? [] : await rows(`${select.join(' UNION ALL ')} ORDER BY 1, 2`)
      return toText({ definitions, contents })
    },
    versionTable: async (table) => {
      try {
        const [row] = await rows(`SELECT version, dirty FROM ${table} LIMIT 1`)
        return { version: toVersion(row?.[0]), dirty: row?.[1] === true }
      } catch {
        return undefined
      }
    },
    reset: async () => {
      await client.query(
        `DROP SCHEMA IF EXISTS public CASCADE; DROP SCHEMA IF EXISTS "other schema" CASCADE;
         CREATE SCHEMA public; CREATE SCHEMA "other schema"`,
      )
    },
    query: async (sql) => {
      await client.query(sql)
    },
    count: async (from) => Number((await rows(`SELECT count(*) FROM ${from}`))[0]?.[0] ?? 0),
    close: async () => {
      await client.end()
      await database.drop()
    },
  }
}

const mysqlSide = async (kind: DatabaseKind): Promise<SideDatabase> => {
  const database = await testDatabase(kind)
  const { username, password, hostname, port } = new URL(database.url)
  const client = await createConnection({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    multipleStatements: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  const rows = async (sql: string): Promise<readonly unknown[]> =>
    (await client.query<RowDataPacket[]>(sql))[0]
  const { name } = database
  return {
    name,
    url: (_, parameters) =>
      withQuery(`mysql://${username}:${password}@tcp(${hostname}:${port})/${name}`, parameters),
    dump: async () => {
      const tables = (await rows(`SHOW TABLES FROM \`${name}\``)) as readonly Record<
        string,
        string
      >[]
      const selects = tables
        .map((row) => `\`${name}\`.\`${Object.values(row)[0]}\``)
        .toSorted()
        .map((table) => `SHOW CREATE TABLE ${table}; SELECT * FROM ${table}`)
      return selects.length === 0 ? '' : toText(await rows(selects.join(';')))
    },
    versionTable: async (table) => {
      try {
        const [row] = (await rows(
          `SELECT version, dirty FROM \`${name}\`.\`${table}\` LIMIT 1`,
        )) as readonly { version: string; dirty: number }[]
        return { version: BigInt(row?.version ?? -1), dirty: row?.dirty === 1 }
      } catch {
        return undefined
      }
    },
    reset: async () => {
      await client.query(`DROP DATABASE IF EXISTS \`${name}\`; CREATE DATABASE \`${name}\``)
    },
    query: async (sql) => {
      await client.query(`USE \`${name}\`; ${sql}`)
    },
    count: async (from) => {
      await client.query(`USE \`${name}\``)
      const [row] = (await rows(`SELECT COUNT(*) AS n FROM ${from}`)) as readonly { n: number }[]
      return Number(row?.n ?? 0)
    },
    close: async () => {
      await client.end()
      await database.drop()
    },
  }
}

const sqliteSide = (folder: string): SideDatabase => {
  const path = join(folder, 'test.db')
  const open = (): DatabaseSync => {
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: false })
    database.exec('pragma busy_timeout = 5000')
    return database
  }
  const use = <Value>(work: (database: DatabaseSync) => Value): Value => {
    const database = open()
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  const all = (database: DatabaseSync, sql: string): readonly Record<string, unknown>[] => {
    const statement = database.prepare(sql)
    statement.setReadBigInts(true)
    return statement.all()
  }
  return {
    name: folder,
    url: (scheme, parameters) => withQuery(`${scheme}://${path}`, parameters),
    dump: async () => {
      if (!existsSync(path)) return 'no file'
      return use((database) => {
        const objects = all(database, 'SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2')
        const contents = objects
          .filter(({ type }) => type === 'table')
          .map(({ name }) => [name, all(database, `SELECT * FROM "${String(name)}"`)])
        return toText({ objects, contents })
      })
    },
    versionTable: async (table) => {
      if (!existsSync(path)) return undefined
      try {
        return use((database) => {
          const [row] = all(database, `SELECT version, dirty FROM ${table} LIMIT 1`)
          return { version: toVersion(row?.['version']), dirty: row?.['dirty'] === 1n }
        })
      } catch {
        return undefined
      }
    },
    reset: async () => {
      for (const suffix of ['', '-journal', '-wal', '-shm'])
        rmSync(`${path}${suffix}`, { force: true })
    },
    query: async (sql) => use((database) => database.exec(sql)),
    count: async (from) =>
      use((database) => Number(all(database, `SELECT count(*) AS n FROM ${from}`)[0]?.['n'] ?? 0)),
    close: async () => {},
  }
}
