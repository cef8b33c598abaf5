import {
  goAtoi,
  goParseBool,
  goQueryValues,
  parseGoUrl,
  toError,
  type GoUrl,
} from '@mig/golang-migrate'

/** Which of golang-migrate's PostgreSQL clients a scheme names. They differ in defaults and in error texts. */
export type PostgresClient = 'pq' | 'pgx4' | 'pgx5'

/** What golang-migrate itself takes from a URL. */
export interface PostgresDropInSettings {
  readonly client: PostgresClient
  /** The database as it counts for the lock: with the slash in front. */
  readonly lockDatabase: string
  readonly migrationsTable: string
  readonly quoted: boolean
  readonly statementTimeoutMs: number
  readonly multiStatement: boolean
  readonly multiStatementMaxSize: number
  readonly lockStrategy: string
  readonly lockTable: string
}

const defaultMaxSize = 10_485_760

/** The scheme is taken to the letter, as golang-migrate does. */
const clientOf = (url: string): PostgresClient => {
  if (url.startsWith('pgx5:')) return 'pgx5'
  return /^pgx4?:/.test(url) ? 'pgx4' : 'pq'
}

/** Reads golang-migrate's parameters, and complains of the first bad one in golang-migrate's order. */
export const readPostgresDropInUrl = (url: string): readonly [PostgresDropInSettings, GoUrl] => {
  const parsed = parseGoUrl(url)
  const values = goQueryValues(parsed.rawQuery)
  const read = (name: string): string => values.get(name)?.[0] ?? ''
  const table = read('x-migrations-table')
  const quoted = readBoolean('x-migrations-table-quoted', read)
  if (quoted && table !== '' && !(table.startsWith('"') && table.endsWith('"'))) {
    throw new Error(
      `x-migrations-table must be quoted (for instance '"migrate"."schema_migrations"') when x-migrations-table-quoted is enabled, current value is: ${table}`,
    )
  }
  const timeout = read('x-statement-timeout')
  const maxSize = read('x-multi-statement-max-size')
  const statementTimeoutMs = timeout === '' ? 0 : Number(goAtoi(timeout))
  const size = maxSize === '' ? 0 : Number(goAtoi(maxSize))
  const [strategy, lockTable] = [read('x-lock-strategy'), read('x-lock-table')]
  const settings: PostgresDropInSettings = {
    client: clientOf(url),
    lockDatabase: parsed.path,
    migrationsTable: table === '' ? 'schema_migrations' : table,
    // Without a table name there is nothing to take the quotes from (golang-migrate crashes).
    quoted: quoted && table !== '',
    statementTimeoutMs,
    multiStatementMaxSize: size > 0 ? size : defaultMaxSize,
    multiStatement: readBoolean('x-multi-statement', read),
    lockStrategy: strategy === '' ? 'advisory' : strategy,
    lockTable: lockTable === '' ? 'schema_lock' : lockTable,
  }
  return [settings, parsed]
}

const readBoolean = (name: string, read: (name: string) => string): boolean => {
  const text = read(name)
  try {
    return text !== '' && goParseBool(text)
  } catch (error) {
    throw new Error(`unable to parse option ${name}: ${toError(error).message}`, { cause: error })
  }
}

/** Schema and name of the version table. */
export interface PostgresTableName {
  readonly schema: string
  readonly table: string
}

/** Where the version table is: a quoted name may bring its own schema. */
export const tableNameOf = (
  { migrationsTable, quoted }: PostgresDropInSettings,
  schema: string,
): PostgresTableName => {
  if (!quoted) return { schema, table: migrationsTable }
  const parts = [...migrationsTable.matchAll(/"([^\n]*?)"/g)].map(([, part = '']) => part)
  const [first, second] = parts
  if (first === undefined) {
    // golang-migrate crashes here.
    throw new Error(`x-migrations-table is no quoted name, current value is: ${migrationsTable}`)
  }
  if (parts.length > 2) {
    throw new Error(`"${migrationsTable}" MigrationsTable contains too many dot characters`)
  }
  return second === undefined ? { schema, table: first } : { schema: first, table: second }
}
