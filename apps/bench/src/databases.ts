import { statSync } from 'node:fs'
import type { DatabaseKind, TestDatabase } from '@mig/testing'
import { sharedServer, testDatabase } from '@mig/testing'
import { median } from './measure.ts'

/** The databases that are measured on. */
export type BenchDatabaseKind = Exclude<DatabaseKind, 'postgres-old'>

export const benchDatabaseKinds: readonly BenchDatabaseKind[] = [
  'postgres',
  'mysql',
  'mariadb',
  'sqlite',
]

/** Names as people write them. */
export const databaseTitles: Readonly<Record<BenchDatabaseKind, string>> = {
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  sqlite: 'SQLite',
}

/** How a program reaches a database. */
export interface Target {
  readonly kind: BenchDatabaseKind
  /** Without any option. */
  readonly url: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** The database's name; for SQLite the path of the file. */
  readonly name: string
  /** Whether the migrations open transactions themselves, which some tools must be told. */
  readonly ownTransactions: boolean
}

/** What stands between a program and its database, and what it will run there. */
export interface TargetOptions {
  readonly proxyPort?: number | undefined
  readonly ownTransactions?: boolean
}

/** Takes a URL apart, and points it to another port if a proxy stands in between. */
export function targetOf(
  kind: BenchDatabaseKind,
  databaseUrl: string,
  { proxyPort, ownTransactions = false }: TargetOptions = {},
): Target {
  if (kind === 'sqlite') {
    const name = databaseUrl.replace(/^sqlite:\/\//, '')
    return {
      kind,
      url: databaseUrl,
      host: '',
      port: 0,
      user: '',
      password: '',
      name,
      ownTransactions,
    }
  }
  const url = new URL(databaseUrl)
  if (proxyPort !== undefined) {
    url.hostname = '127.0.0.1'
    url.port = String(proxyPort)
  }
  return {
    kind,
    url: url.href,
    host: url.hostname,
    port: Number(url.port || (kind === 'postgres' ? 5432 : 3306)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    name: decodeURIComponent(url.pathname.slice(1)),
    ownTransactions,
  }
}

/** PostgreSQL's URL for clients that would otherwise insist on TLS or spend a round trip on asking. */
export function plainPostgresUrl({ url }: Target): string {
  return `${url}?sslmode=disable`
}

/** The form in which Go programs take a MySQL database. */
export function mysqlDsn({ user, password, host, port, name }: Target, options: string): string {
  return `${user}:${password}@tcp(${host}:${port})/${name}?${options}`
}

/** An empty database. The caller drops it. */
export function freshDatabase(kind: BenchDatabaseKind): Promise<TestDatabase> {
  return testDatabase(kind)
}

/** Host and port of the server, for a proxy. */
export async function serverAddress(
  kind: Exclude<BenchDatabaseKind, 'sqlite'>,
): Promise<{ host: string; port: number }> {
  const server = await sharedServer(kind)
  const { host, port } = targetOf(kind, server.url)
  return { host, port }
}

/** The server's version; of SQLite each tool brings its own. */
export async function serverVersion(kind: BenchDatabaseKind): Promise<string | null> {
  return kind === 'sqlite' ? null : (await sharedServer(kind)).version
}

/** Runs one query and gives the first value of the first row. */
async function queryValue(target: Target, sql: string): Promise<unknown> {
  switch (target.kind) {
    case 'postgres': {
      const { default: pg } = await import('pg')
      const client = new pg.Client({ connectionString: target.url })
      await client.connect()
      try {
        const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
        return rows[0]?.[0]
      } finally {
        await client.end()
      }
    }
    case 'mysql':
    case 'mariadb': {
      const { createConnection } = await import('mysql2/promise')
      const connection = await createConnection({ uri: target.url, rowsAsArray: true })
      try {
        const [rows] = await connection.query(sql)
        return (rows as readonly (readonly unknown[])[])[0]?.[0]
      } finally {
        await connection.end()
      }
    }
    case 'sqlite': {
      if (statSync(target.name, { throwIfNoEntry: false }) === undefined) return undefined
      const { DatabaseSync } = await import('node:sqlite')
      const database = new DatabaseSync(target.name, { readOnly: true })
      try {
        return Object.values(database.prepare(sql).get() ?? {})[0]
      } finally {
        database.close()
      }
    }
  }
}

/** How many tables named `item_…` are there. */
export async function countItemTables(target: Target): Promise<number> {
  const from =
    target.kind === 'sqlite'
      ? `sqlite_master WHERE type = 'table' AND name LIKE 'item%'`
      : `information_schema.tables WHERE table_name LIKE 'item%'`
  const schema =
    target.kind === 'mysql' || target.kind === 'mariadb' ? ' AND table_schema = database()' : ''
  return Number((await queryValue(target, `SELECT count(*) FROM ${from}${schema}`)) ?? 0)
}

/** The median time of a query that does nothing, on an open connection. */
export async function roundTripMs(target: Target): Promise<number> {
  const times: number[] = []
  const { ask, close } = await openForPing(target)
  try {
    for (let turn = 0; turn < 11; turn++) {
      const startedAt = performance.now()
      await ask()
      times.push(performance.now() - startedAt)
    }
  } finally {
    await close()
  }
  return median(times)
}

async function openForPing(
  target: Target,
): Promise<{ ask: () => Promise<unknown>; close: () => Promise<void> }> {
  if (target.kind === 'postgres') {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: target.url })
    await client.connect()
    return { ask: () => client.query('SELECT 1'), close: () => client.end() }
  }
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({ uri: target.url })
  return { ask: () => connection.query('SELECT 1'), close: () => connection.end() }
}
