import { userInfo } from 'node:os'
import type { ConnectionOptions } from 'node:tls'
import { type LockStrategy, MigrateError } from '@mig/core/driver'
import type { PostgresClient, PostgresPool } from './postgres-client.ts'
import { isSslMode, type SslMode, sslModes } from './postgres-tls.ts'
import { parsePostgresUrl, type PostgresUrl } from './postgres-url.ts'

/** Options of {@link postgresDriver}. What is not given comes from `url`. */
export interface PostgresDriverOptions {
  /** `postgres://user:password@host:port/database?parameter=value`. */
  readonly url?: string
  /** A connected client of `pg` that the program already has. It is not closed. */
  readonly client?: PostgresClient
  /** A pool of `pg` that the program already has. One client of it is taken and given back. */
  readonly pool?: PostgresPool
  /** Default is `localhost`. A path is the directory of a Unix socket. */
  readonly host?: string
  /** Default is `5432`. */
  readonly port?: number
  /** Default is the name of the operating system's user. */
  readonly user?: string
  readonly password?: string | (() => string | Promise<string>)
  /** Default is the name of the database's user. */
  readonly database?: string
  /** TLS in the words of `node:tls`; `false` for none. Overrides `sslmode`. */
  readonly ssl?: boolean | ConnectionOptions
  /** How the session shows in `pg_stat_activity`. Default is `mig HOST PROCESS`. */
  readonly applicationName?: string
  /** Run-time parameters of the session, such as `search_path`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** The version table; its schema is that of the session where none is given. Default is `schema_migrations`. */
  readonly migrationsTable?: string | { readonly schema: string; readonly name: string }
  /** Cancels a body, or a statement of a guarded step, that runs longer. Default is `0`: never. */
  readonly statementTimeoutMs?: number
  /** Runs every body statement by statement, as golang-migrate's `x-multi-statement`. Default is `false`. */
  readonly multiStatement?: boolean
  /** Default is `advisory`. */
  readonly lock?: LockStrategy
  /** The lock table of the lock strategy `table`. Default is `schema_lock`. */
  readonly lockTable?: string
}

/** What the driver works with: options and URL, validated, with all defaults but those that the server knows. */
export interface PostgresSettings {
  readonly client?: PostgresClient
  readonly pool?: PostgresPool
  readonly host: string
  readonly port: number
  readonly user: string
  /** Asked for when the server wants one. */
  readonly password: (() => string | Promise<string>) | undefined
  readonly passwordFile: string | undefined
  /** Gets the password of the password file. */
  readonly onSecret?: (secret: string) => void
  readonly database: string
  /** The database's name as the URL has it, for golang-migrate's lock id. */
  readonly databaseInUrl: string | undefined
  readonly sslMode: SslMode
  readonly ssl: boolean | ConnectionOptions | undefined
  readonly sslRootCert: string | undefined
  readonly sslCert: string | undefined
  readonly sslKey: string | undefined
  readonly sslPassword: string | undefined
  readonly directTls: boolean
  readonly connectTimeoutMs: number
  readonly applicationName: string | undefined
  /** The `options` parameter: command-line settings of the session. */
  readonly sessionOptions: string | undefined
  readonly parameters: ReadonlyMap<string, string>
  readonly migrationsTable: { readonly schema?: string; readonly name: string }
  readonly quotedTableNames: boolean
  readonly statementTimeoutMs: number
  readonly multiStatement: boolean
  readonly lock: LockStrategy | undefined
  readonly lockTable: string
}

const invalid = (option: string, message: string, hint?: string): MigrateError =>
  new MigrateError('INVALID_OPTION', message, {
    ...(hint === undefined ? {} : { hint }),
    details: { option },
  })

const defaultConnectTimeoutSeconds = 30

/** Parameters that the connection is made with, as opposed to run-time parameters of the session. */
const connectionParameters: ReadonlySet<string> = new Set([
  'host',
  'hostaddr',
  'port',
  'user',
  'password',
  'passfile',
  'dbname',
  'database',
  'sslmode',
  'sslnegotiation',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslinline',
  'sslsni',
  'sslcrl',
  'sslcompression',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'channel_binding',
  'connect_timeout',
  'application_name',
  'fallback_application_name',
  'options',
  'target_session_attrs',
  'load_balance_hosts',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'gssencmode',
  'krbsrvname',
  'krbspn',
  'require_auth',
  'client_encoding',
  'binary_parameters',
  'disable_prepared_binary_result',
  'default_query_exec_mode',
  'statement_cache_capacity',
  'description_cache_capacity',
  'pool_max_conns',
  'pool_min_conns',
])

/** Checks options and URL and fills in defaults. The environment fills what both leave out. */
export const resolvePostgresOptions = (
  options: PostgresDriverOptions,
  environment: Readonly<Record<string, string>> = {},
): PostgresSettings => {
  const given = [options.client, options.pool].filter((handle) => handle !== undefined)
  if (given.length > 1) {
    throw invalid('client', 'A client and a pool were both given', 'Give one of them.')
  }
  const url: PostgresUrl =
    options.url === undefined ? { parameters: new Map() } : parsePostgresUrl(options.url)
  const parameter = (name: string): string | undefined => {
    const value = url.parameters.get(name)
    return value === '' ? undefined : value
  }
  const user =
    options.user ?? url.user ?? parameter('user') ?? environment['PGUSER'] ?? systemUser()
  const databaseInUrl = options.database ?? url.database ?? parameter('dbname')
  const password =
    options.password ?? url.password ?? parameter('password') ?? environment['PGPASSWORD']
  const statementTimeout = readInteger('x-statement-timeout', parameter('x-statement-timeout'))
  const quotedTableNames = readBoolean(
    'x-migrations-table-quoted',
    parameter('x-migrations-table-quoted'),
  )
  readInteger('x-multi-statement-max-size', parameter('x-multi-statement-max-size'))
  return {
    ...(options.client === undefined ? {} : { client: options.client }),
    ...(options.pool === undefined ? {} : { pool: options.pool }),
    host: readHost(options.host ?? parameter('host') ?? url.host ?? environment['PGHOST']),
    port: readPort(options.port ?? url.port ?? parameter('port') ?? environment['PGPORT']),
    user,
    password: typeof password === 'string' ? () => password : password,
    passwordFile: parameter('passfile') ?? environment['PGPASSFILE'],
    database: databaseInUrl ?? environment['PGDATABASE'] ?? user,
    databaseInUrl,
    sslMode: readSslMode(parameter('sslmode') ?? environment['PGSSLMODE']),
    ssl: options.ssl,
    sslRootCert: parameter('sslrootcert') ?? environment['PGSSLROOTCERT'],
    sslCert: parameter('sslcert') ?? environment['PGSSLCERT'],
    sslKey: parameter('sslkey') ?? environment['PGSSLKEY'],
    sslPassword: parameter('sslpassword'),
    directTls: parameter('sslnegotiation') === 'direct',
    connectTimeoutMs:
      1000 *
      (readInteger(
        'connect_timeout',
        parameter('connect_timeout') ?? environment['PGCONNECT_TIMEOUT'],
      ) ?? defaultConnectTimeoutSeconds),
    applicationName:
      options.applicationName ??
      parameter('application_name') ??
      environment['PGAPPNAME'] ??
      parameter('fallback_application_name'),
    sessionOptions: parameter('options') ?? environment['PGOPTIONS'],
    parameters: new Map([
      ...[...url.parameters].filter(
        ([name]) => !connectionParameters.has(name) && !name.startsWith('x-'),
      ),
      ...Object.entries(options.parameters ?? {}),
    ]),
    migrationsTable: readTable(
      options.migrationsTable,
      parameter('x-migrations-table'),
      quotedTableNames,
    ),
    quotedTableNames,
    statementTimeoutMs: options.statementTimeoutMs ?? statementTimeout ?? 0,
    multiStatement:
      options.multiStatement ?? readBoolean('x-multi-statement', parameter('x-multi-statement')),
    lock: options.lock ?? readLock(parameter('x-lock-strategy')),
    lockTable: options.lockTable ?? parameter('x-lock-table') ?? 'schema_lock',
  }
}

const systemUser = (): string => {
  try {
    return userInfo().username
  } catch {
    // A user id without an entry in the user database, as containers have it.
    return 'postgres'
  }
}

const readHost = (host = 'localhost'): string => {
  if (!host.includes(',')) return host
  throw invalid(
    'host',
    'More than one host is named',
    'Name the primary: migrations run on one server.',
  )
}

const readPort = (port: number | string = 5432): number => {
  const value = Number(port)
  if (Number.isInteger(value) && value > 0 && value <= 65_535) return value
  throw invalid('port', `"${port}" is no port`)
}

const readSslMode = (value = 'prefer'): SslMode => {
  if (isSslMode(value)) return value
  throw invalid(
    'sslmode',
    `sslmode "${value}" is not known`,
    `It is one of ${sslModes.join(', ')}.`,
  )
}

const booleans: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
])

const readBoolean = (option: string, value: string | undefined): boolean => {
  if (value === undefined) return false
  const known = booleans[value]
  if (known === undefined)
    throw invalid(option, `"${value}" is no value for ${option}: true or false`)
  return known
}

const readInteger = (option: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined
  if (/^[+-]?\d{1,15}$/.test(value)) return Math.max(Number(value), 0)
  throw invalid(option, `"${value}" is no whole number for ${option}`)
}

const lockStrategies: readonly LockStrategy[] = ['advisory', 'transaction', 'table', 'none']

const readLock = (value: string | undefined): LockStrategy | undefined => {
  if (value === undefined) return undefined
  const known = lockStrategies.find((strategy) => strategy === value)
  if (known !== undefined) return known
  throw invalid(
    'x-lock-strategy',
    `Unknown lock strategy "${value}"`,
    `It is one of ${lockStrategies.join(', ')}.`,
  )
}

const defaultTable = 'schema_migrations'

const readTable = (
  option: PostgresDriverOptions['migrationsTable'],
  parameter: string | undefined,
  quoted: boolean,
): PostgresSettings['migrationsTable'] => {
  if (typeof option === 'object') return option
  return parseTable(option ?? parameter ?? (quoted ? `"${defaultTable}"` : defaultTable), quoted)
}

/**
 * Reads the name of the version table: one identifier as it stands, dots included, or with
 * `x-migrations-table-quoted` a `"table"` or a `"schema"."table"`.
 */
export const parseTable = (value: string, quoted: boolean): { schema?: string; name: string } => {
  const option = 'x-migrations-table'
  if (!quoted) {
    if (value !== '') return { name: value }
    throw invalid(option, 'The name of the version table is empty')
  }
  const parts = [...value.matchAll(/"((?:[^"]|"")+)"/g)].map(([, name = '']) =>
    name.replaceAll('""', '"'),
  )
  const [first, second] = parts
  const whole = /^"(?:[^"]|"")+"(?:\."(?:[^"]|"")+")*$/.test(value)
  if (!whole || first === undefined) {
    throw invalid(
      option,
      `x-migrations-table must be quoted when x-migrations-table-quoted is set, and is ${value}`,
      'Write it as "schema"."table", quotes included.',
    )
  }
  if (parts.length > 2) throw invalid(option, `${value} has too many parts for a table's name`)
  return second === undefined ? { name: first } : { schema: first, name: second }
}
