import {
  MigrateError,
  ownStatementLimitMs,
  type DriverSettings,
  type LockStrategy,
} from '@mig/core/driver'

/**
 * A connection or pool of `mysql2` or `mysql2/promise` that the program already has. Migrations run on it, or on one
 * connection of the pool; lock and version row have a connection of their own, made with the same settings. It is not closed.
 */
export interface MysqlClient {
  query(sql: string): unknown
}

/** A version of TLS, as Node names it. */
type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

/** Where the certificates are, and whether the server's is checked. */
export interface MysqlTlsOptions {
  /** Path of a PEM file with the authorities to trust. Default is those Node trusts. */
  readonly caFile?: string
  /** Path of a PEM file with the client's certificate. Needs `keyFile`. */
  readonly certFile?: string
  /** Path of a PEM file with the client's key. Needs `certFile`. */
  readonly keyFile?: string
  /** The authorities themselves, as PEM. */
  readonly ca?: string
  /** Take any certificate. Default is `false`. */
  readonly skipVerify?: boolean
  /** Check that the certificate is for this host. Default is `true`. */
  readonly verifyHost?: boolean
  /** The oldest version of TLS to use. Default is Node's. */
  readonly minVersion?: TlsVersion | undefined
  /** The newest version of TLS to use. Default is Node's. */
  readonly maxVersion?: TlsVersion | undefined
}

/**
 * - `true`: encrypted, certificate and host name checked.
 * - `skip-verify`: encrypted, any certificate will do.
 * - `preferred`: like `skip-verify` where the server can, else not encrypted.
 * - `false`: not encrypted.
 */
export type MysqlTlsMode = boolean | 'skip-verify' | 'preferred'

/** How to reach a MySQL or MariaDB database, and how to use it. */
export interface MysqlDriverOptions {
  /** A connection or pool to use. What is given besides it overrides nothing of it but the options below `tls`. */
  readonly client?: MysqlClient
  /** Default is `127.0.0.1`. */
  readonly host?: string
  /** Default is `3306`. */
  readonly port?: number
  /** Path of the server's socket, instead of host and port. */
  readonly socketPath?: string
  readonly user?: string
  readonly password?: string
  /** The database to migrate. Required, unless a client is given. */
  readonly database?: string
  /** Default is `false`, as golang-migrate has it. */
  readonly tls?: MysqlTlsMode | MysqlTlsOptions
  /** Name of the version table. Default is `schema_migrations`. */
  readonly migrationsTable?: string
  /** Use the version table although it has triggers. Default is `false`. */
  readonly trustVersionTable?: boolean
  /** `advisory` is GET_LOCK with golang-migrate's name. Default is `advisory`. */
  readonly lock?: LockStrategy
  /** Cancels what runs for longer: a statement of a non-transactional step, a whole transactional step. Default is `0`: never. */
  readonly statementTimeoutMs?: number
  /** How long to wait for the server to take the connection. Default is `10_000`. */
  readonly connectTimeoutMs?: number
  /** Collation of the connections. Default is `utf8mb4_general_ci`, golang-migrate's. */
  readonly collation?: string
  /** Session variables for the migrations, each with an SQL expression: `{ sql_mode: "'ANSI'" }`. */
  readonly sessionVariables?: Readonly<Record<string, string>>
  /** Let the server have the password as plain text where its authentication plugin asks for it. Default is `false`. */
  readonly allowCleartextPassword?: boolean
  /** Path of a PEM file with the server's RSA key, which encrypts the password where there is no TLS. */
  readonly serverPublicKeyFile?: string
  /**
   * Let any server send the RSA key that encrypts the password where there is no TLS: whoever stands between can send
   * one of his own. Default is `false`, but a server on this machine may.
   */
  readonly allowPublicKeyRetrieval?: boolean
}

/** Options with everything filled in and checked, save the client. */
export interface MysqlConfig {
  readonly host: string
  readonly port: number
  readonly socketPath: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
  readonly tls: MysqlTlsMode | MysqlTlsOptions
  readonly migrationsTable: string
  readonly trustVersionTable: boolean
  readonly lock: 'advisory' | 'none'
  readonly statementTimeoutMs: number
  /** How long a statement of mig's own may wait for a table, in whole seconds. */
  readonly lockWaitSeconds: number
  /** How long it may take in all. */
  readonly ownStatementMs: number
  readonly connectTimeoutMs: number
  readonly collation: string
  readonly sessionVariables: Readonly<Record<string, string>>
  readonly allowCleartextPassword: boolean
  readonly serverPublicKeyFile: string | undefined
  readonly allowPublicKeyRetrieval: boolean
}

/** An option that cannot be used. */
export const invalidOption = (option: string, message: string, hint?: string): MigrateError =>
  new MigrateError('INVALID_OPTION', message, {
    details: { option },
    ...(hint === undefined ? {} : { hint }),
  })

const longestName = 64

const checkTable = (name: string): string => {
  if (name !== '' && name.length <= longestName && !name.includes('\0') && !name.endsWith(' ')) {
    return name
  }
  throw invalidOption(
    'migrationsTable',
    name === ''
      ? 'The name of the version table is empty'
      : `"${name}" is not a name that MySQL takes for a table`,
    `A table's name has 1 to ${longestName} characters and does not end in a space.`,
  )
}

const checkLock = (lock: LockStrategy): 'advisory' | 'none' => {
  if (lock === 'advisory' || lock === 'none') return lock
  throw invalidOption(
    'lock',
    `The lock strategy "${lock}" is not there for MySQL`,
    'Use "advisory" or "none".',
  )
}

const checkWholeNumber = (option: string, value: number, lowest: number): number => {
  if (Number.isSafeInteger(value) && value >= lowest) return value
  throw invalidOption(option, `"${value}" is not a value for ${option}`)
}

const variableName = /^(?:@@(?:session\.)?)?[a-z_][a-z0-9_$]*(?:\.[a-z_][a-z0-9_$]*)?$/i

const checkVariables = (
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  for (const name of Object.keys(variables)) {
    if (variableName.test(name)) continue
    throw invalidOption(
      'sessionVariables',
      `"${name}" is not a parameter of this driver and no name of a session variable`,
      'See the driver page for the parameters there are.',
    )
  }
  return variables
}

const mostSeconds = 31_536_000

/** What the server takes: at least one second, at most a year. */
const lockWaitSeconds = (lockTimeoutMs = 60_000): number =>
  Math.min(Math.max(Math.ceil(lockTimeoutMs / 1000), 1), mostSeconds)

/** Checks the options and fills in the defaults. Throws `INVALID_OPTION`. */
export const resolveOptions = (
  options: MysqlDriverOptions,
  settings: Pick<
    DriverSettings,
    'migrationsTable' | 'lock' | 'lockTimeoutMs' | 'trustVersionTable'
  >,
): MysqlConfig => {
  const { tls = false, database } = options
  if (typeof tls === 'object' && (tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw invalidOption(
      'tls',
      'A client certificate needs both its certificate and its key',
      'Give x-tls-cert and x-tls-key, or neither.',
    )
  }
  if (database === undefined && options.client === undefined) {
    throw invalidOption(
      'database',
      'The URL names no database',
      'Put the name after the last slash: mysql://user@host:3306/NAME',
    )
  }
  return {
    host: options.host ?? '127.0.0.1',
    port: checkWholeNumber('port', options.port ?? 3306, 1),
    socketPath: options.socketPath,
    user: options.user,
    password: options.password,
    database,
    tls,
    migrationsTable: checkTable(
      settings.migrationsTable ?? options.migrationsTable ?? 'schema_migrations',
    ),
    trustVersionTable: settings.trustVersionTable ?? options.trustVersionTable ?? false,
    lock: checkLock(settings.lock ?? options.lock ?? 'advisory'),
    statementTimeoutMs: checkWholeNumber('statementTimeoutMs', options.statementTimeoutMs ?? 0, 0),
    lockWaitSeconds: lockWaitSeconds(settings.lockTimeoutMs),
    ownStatementMs: ownStatementLimitMs(settings),
    connectTimeoutMs: checkWholeNumber('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 0),
    collation: checkCollation(options.collation ?? 'utf8mb4_general_ci'),
    sessionVariables: checkVariables(options.sessionVariables ?? {}),
    allowCleartextPassword: options.allowCleartextPassword ?? false,
    serverPublicKeyFile: options.serverPublicKeyFile,
    allowPublicKeyRetrieval: options.allowPublicKeyRetrieval ?? false,
  }
}

const checkCollation = (collation: string): string => {
  if (/^utf8(?:mb[34])?_\w+$/i.test(collation)) return collation.toLowerCase()
  throw invalidOption(
    'collation',
    `"${collation}" is not a UTF-8 collation`,
    'Migration files are UTF-8. Use a collation such as "utf8mb4_general_ci".',
  )
}
