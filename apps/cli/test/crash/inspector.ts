import Database from 'better-sqlite3'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import type { DatabaseKind } from '@mig/testing'

/** A look into a database that owes nothing to the driver under test. */
export interface Inspector {
  /** Runs a query; every value comes back as text, nothing as null. */
  readonly rows: (sql: string) => Promise<readonly (readonly (string | null)[])[]>
  readonly close: () => Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const text = (value: unknown): string | null => {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | bigint}`
}

const withDispose = (inspector: Omit<Inspector, typeof Symbol.asyncDispose>): Inspector => ({
  ...inspector,
  [Symbol.asyncDispose]: () => inspector.close(),
})

const inspectPostgres = async (url: string): Promise<Inspector> => {
  const client = new pg.Client({ connectionString: url, application_name: 'inspector' })
  await client.connect()
  return withDispose({
    rows: async (sql) => {
      const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
      return rows.map((row) => row.map(text))
    },
    close: () => client.end(),
  })
}

const inspectMysql = async (url: string): Promise<Inspector> => {
  const client = await createConnection({
    uri: url,
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  return withDispose({
    rows: async (sql) => {
      const [rows] = await client.query({ sql, rowsAsArray: true })
      return Array.isArray(rows) ? rows.map((row) => (Array.isArray(row) ? row.map(text) : [])) : []
    },
    close: () => client.end(),
  })
}

const inspectSqlite = async (url: string): Promise<Inspector> => {
  const database = new Database(url.replace(/^sqlite:\/\//, ''))
  database.defaultSafeIntegers(true)
  return withDispose({
    rows: async (sql) => {
      const statement = database.prepare(sql)
      if (!statement.reader) {
        statement.run()
        return []
      }
      return statement
        .raw()
        .all()
        .map((row) => (Array.isArray(row) ? row.map(text) : []))
    },
    close: async () => void database.close(),
  })
}

/** Opens a connection of the test's own. */
export const inspect = async (kind: DatabaseKind, url: string): Promise<Inspector> => {
  switch (kind) {
    case 'postgres':
    case 'postgres-old':
      return inspectPostgres(url)
    case 'mysql':
    case 'mariadb':
      return inspectMysql(url)
    case 'sqlite':
      return inspectSqlite(url)
  }
}

/** The version row's row as text, `none` where there is none. */
export const versionOf = async (inspector: Inspector): Promise<string> => {
  const rows = await inspector.rows('select version, dirty from schema_migrations')
  return rows.map((row) => row.join(' ')).join('; ') || 'none'
}
