import { isIP } from 'node:net'
import { userInfo } from 'node:os'
import type { ConnectionOptions } from 'node:tls'
import { type LockStrategy, MigrateError } from '@mig/core/driver'
import type { PostgresClient, PostgresPool } from './client.ts'
import { type GivenParameters, givenParameters } from './given.ts'
import { type PostgresSecurity, readWord, resolveSecurity } from './security.ts'
import { passwordFileNotes } from './passfile.ts'
import { quoteIdentifier } from '../tables/quote.ts'
import { type TargetSession, targetSessions } from './target-session-names.ts'

/** Options of {@link postgresDriver}. What is not given comes from `url`. */
export interface PostgresDriverOptions {
  /** `postgres://user:password@host:port/database?parameter=value`. */
  readonly url?: string
  /** A connected client of `pg` that the program already has. It is not closed. */
  readonly client?: PostgresClient
  /** A pool of `pg` that the program already has. One client of it is taken and released. */
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
  /** Cancels a script, or a statement of a non-transactional step, that runs longer. Default is `0`: never. */
  readonly statementTimeoutMs?: number
  /** Runs every script statement by statement, as golang-migrate's `x-multi-statement`. Default is `false`. */
  readonly multiStatement?: boolean
  /** A role to take on after connecting, as `SET ROLE` does. Default is none. */
  readonly role?: string
  /** The version table and the ledger may have triggers, which run with every step. Default is `false`. */
  readonly trustVersionTable?: boolean
  /** Default is `advisory`. */
  readonly lock?: LockStrategy
  /** The lock table of the lock strategy `table`. Default is `schema_lock`. */
  readonly lockTable?: string
}

/** What the driver works with: options and URL, validated, with all defaults but those that the server knows. */
export interface PostgresSettings extends PostgresSecurity {
  readonly client?: PostgresClient
  readonly pool?: PostgresPool
  readonly host: string
  /** What to connect to in place of `host`, which is then the name that the certificate must have. */
  readonly hostAddress: string | undefined
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
  readonly ssl: boolean | ConnectionOptions | undefined
  readonly targetSession: TargetSession
  readonly keepAlive: boolean
  readonly keepAliveDelayMs: number
  readonly connectTimeoutMs: number
  readonly applicationName: string | undefined
  /** The `options` parameter: command-line settings of the session. */
  readonly sessionOptions: string | undefined
  readonly parameters: ReadonlyMap<string, string>
  readonly migrationsTable: { readonly schema?: string; readonly name: string }
  readonly quotedTableNames: boolean
  readonly statementTimeoutMs: number
  readonly multiStatement: boolean
  readonly role: string | undefined
  readonly trustVersionTable: boolean
  readonly lock: LockStrategy | undefined
  readonly lockTable: string
  /** What a person should know of parameters without effect. */
  readonly notes: readonly string[]
}

const invalid = (option: string, message: string, hint?: string): MigrateError =>
  new MigrateError('INVALID_OPTION', message, {
    ...(hint === undefined ? {} : { hint }),
    details: { option },
  })

const defaultConnectTimeoutSeconds = 30

/** Checks options and URL and fills in defaults. The environment fills what both leave out. */
export const resolvePostgresOptions = (
  options: PostgresDriverOptions,
  environment: Readonly<Record<string, string>> = {},
): PostgresSettings => {
  const given = [options.client, options.pool].filter((handle) => handle !== undefined)
  if (given.length > 1) {
    throw invalid('client', 'A client and a pool were both given', 'Give one of them.')
  }
  const adopted = given.length > 0
  const parameters = givenParameters(options.url, environment)
  const parameter = parameters.read
  const user = options.user ?? parameter('user') ?? systemUser()
  const databaseInUrl = options.database ?? parameters.inUrl('dbname')
  const password = options.password ?? parameter('password')
  const passwordFile = parameter('passfile')
  const statementTimeout = readInteger('x-statement-timeout', parameter('x-statement-timeout'))
  const quotedTableNames = readBoolean(
    'x-migrations-table-quoted',
    parameter('x-migrations-table-quoted'),
  )
  readInteger('x-multi-statement-max-size', parameter('x-multi-statement-max-size'))
  return {
    ...(options.client === undefined ? {} : { client: options.client }),
    ...(options.pool === undefined ? {} : { pool: options.pool }),
    host: readHost(options.host ?? parameter('host') ?? parameter('hostaddr')),
    hostAddress: options.host === undefined ? readAddress(parameter('hostaddr')) : undefined,
    port: readPort(options.port ?? parameter('port')),
    user,
    password: typeof password === 'string' ? () => password : password,
    passwordFile,
    database: databaseInUrl ?? parameter('dbname') ?? user,
    databaseInUrl,
    ...resolveSecurity(parameters),
    ssl: options.ssl,
    targetSession: readWord(
      'target_session_attrs',
      parameter('target_session_attrs') ?? 'any',
      targetSessions,
    ),
    ...readKeepAlive(parameter),
    connectTimeoutMs: readConnectTimeout(parameter),
    applicationName:
      options.applicationName ??
      parameter('application_name') ??
      parameter('fallback_application_name'),
    sessionOptions: parameter('options'),
    parameters: new Map([
      ...readSearchPath(parameters),
      ...parameters.session,
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
    role: options.role ?? parameter('x-role'),
    trustVersionTable:
      options.trustVersionTable ??
      readBoolean('x-trust-version-table', parameter('x-trust-version-table')),
    lock: options.lock ?? readLock(parameter),
    lockTable: options.lockTable ?? parameter('x-lock-table') ?? 'schema_lock',
    notes: [
      ...parameters.notes,
      ...refuseOrNote(parameters),
      ...(adopted || password !== undefined ? [] : passwordFileNotes(passwordFile)),
    ],
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

const readAddress = (address: string | undefined): string | undefined => {
  if (address === undefined || isIP(address) !== 0) return address
  throw invalid(
    'hostaddr',
    address.includes(',') ? 'hostaddr names more than one address' : 'hostaddr is not an address',
    'Write one such as 192.0.2.7, or leave it out.',
  )
}

const readPort = (port: number | string = 5432): number => {
  const value = Number(port)
  if (Number.isInteger(value) && value > 0 && value <= 65_535) return value
  throw invalid('port', `"${port}" is not a port`)
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
])

const readBoolean = (option: string, value: string | undefined): boolean => {
  if (value === undefined) return false
  const known = booleans.get(value)
  if (known === undefined)
    throw invalid(option, `"${value}" is not a value for ${option}: true or false`)
  return known
}

const readInteger = (option: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined
  if (/^[+-]?\d{1,15}$/.test(value)) return Math.max(Number(value), 0)
  throw invalid(option, `"${value}" is not a whole number for ${option}`)
}

const lockStrategies: readonly LockStrategy[] = ['advisory', 'transaction', 'table', 'none']

const readLock = (parameter: GivenParameters['read']): LockStrategy | undefined => {
  const value = parameter('x-lock-strategy')
  // Prisma's word for a pooler in transaction mode, where no lock outlives its transaction.
  if (value === undefined) {
    return readBoolean('pgbouncer', parameter('pgbouncer')) ? 'transaction' : undefined
  }
  return readWord('x-lock-strategy', value, lockStrategies)
}

const readConnectTimeout = (parameter: GivenParameters['read']): number => {
  const seconds = readInteger('connect_timeout', parameter('connect_timeout'))
  const ms = readInteger('connectionTimeoutMillis', parameter('connectionTimeoutMillis'))
  return seconds === undefined ? (ms ?? 1000 * defaultConnectTimeoutSeconds) : 1000 * seconds
}

const readKeepAlive = (
  parameter: GivenParameters['read'],
): Pick<PostgresSettings, 'keepAlive' | 'keepAliveDelayMs'> => {
  const seconds = readInteger('keepalives_idle', parameter('keepalives_idle'))
  const name = 'keepAliveInitialDelayMillis'
  const keepAlive = parameter('keepAlive')
  return {
    keepAlive:
      readInteger('keepalives', parameter('keepalives')) !== 0 &&
      (keepAlive === undefined || readBoolean('keepAlive', keepAlive)),
    keepAliveDelayMs:
      seconds === undefined ? (readInteger(name, parameter(name)) ?? 0) : 1000 * seconds,
  }
}

/** `schema` of Prisma is one name; `currentSchema` of JDBC is a search path. */
const readSearchPath = ({ read, session }: GivenParameters): readonly [string, string][] => {
  const schema = read('schema')
  const paths = [
    schema === undefined
      ? undefined
      : /^[a-z_][a-z0-9_]*$/.test(schema)
        ? schema
        : quoteIdentifier(schema),
    read('currentSchema'),
    session.get('search_path'),
  ].filter((path) => path !== undefined)
  if (new Set(paths).size > 1) {
    throw invalid('search_path', 'The database URL names more than one search path', 'Keep one.')
  }
  return paths.slice(0, 1).map((path) => ['search_path', path])
}

/** Parameters of which one value says what is so anyway. Throws `INVALID_OPTION` for one that asks for more. */
const refuseOrNote = ({ read }: GivenParameters): readonly string[] => {
  const only = (name: string, values: readonly string[], hint: string): void => {
    const value = read(name)
    if (value === undefined || values.includes(value.toLowerCase())) return
    throw invalid(name, `mig cannot do what ${name}=${value} asks for`, hint)
  }
  only(
    'replication',
    ['false', 'off', 'no', '0'],
    'Leave it out: migrations need an ordinary session.',
  )
  only('min_protocol_version', ['3.0'], 'Leave it out: mig speaks version 3.0.')
  only('sslsni', ['1'], 'Leave it out: mig always sends the name of the host.')
  only('load_balance_hosts', ['disable'], 'Leave it out: migrations run on one server.')
  const encoding = read('client_encoding')
  const isUtf8 = encoding === undefined || /^(?:auto|utf-?8|unicode)$/i.test(encoding)
  return isUtf8
    ? []
    : [`"client_encoding=${encoding}" has no effect. Files are UTF-8 and the server converts them.`]
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
