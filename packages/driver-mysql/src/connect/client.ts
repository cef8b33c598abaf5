import type { Connection, ConnectionOptions, Pool, PoolConnection } from 'mysql2'
import { clientFlags, connectAttributes, openConnection, type Connect } from './connect.ts'
import { connectionFailed } from '../steps/errors.ts'
import { invalidOption, type MysqlClient } from './options.ts'

/** A client of the program, whichever of its four forms it came in. */
export interface AdoptedClient {
  /** The connection to run migrations on, and what gives it back. */
  acquire(): Promise<{ readonly connection: Connection; readonly release: () => Promise<void> }>
  /** Makes connections of our own with the client's settings. */
  readonly connect: Connect
  /** Host and port, or the socket. */
  readonly location: string
  /** The client's connections take several statements in one message. */
  readonly multipleStatements: boolean
}

const has = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && key in value

const isPool = (client: unknown): client is Pool => has(client, 'getConnection')

// What says where the server is and who we are. The rest is the program's taste in rows and dates.
const copied = [
  'host',
  'port',
  'socketPath',
  'localAddress',
  'user',
  'password',
  'password2',
  'password3',
  'passwordSha1',
  'database',
  'ssl',
  'stream',
  'authPlugins',
  'authSwitchHandler',
  'insecureAuth',
  'enableCleartextPlugin',
  'connectTimeout',
] as const

const optionsOf = (config: unknown): ConnectionOptions => {
  const source = (has(config, 'connectionConfig') ? config.connectionConfig : config) ?? {}
  const options: Record<string, unknown> = {}
  for (const key of copied) {
    if (!has(source, key)) continue
    const value = source[key]
    // A stream that is open already serves one connection only.
    if (key === 'stream' && typeof value !== 'function') continue
    if (value !== undefined && value !== false) options[key] = value
  }
  return options
}

/** Makes a mysql2 connection or pool, with callbacks or promises, usable. Throws `INVALID_OPTION`. */
export const adoptClient = (client: MysqlClient, database?: string): AdoptedClient => {
  const core = unwrap(client)
  if (!has(core, 'config')) {
    throw invalidOption(
      'client',
      'The client is not a connection or pool of mysql2',
      'Hand in what createConnection or createPool of "mysql2" or "mysql2/promise" returns.',
    )
  }
  const options = {
    ...optionsOf(core.config),
    ...(database === undefined ? {} : { database }),
    charset: 'utf8mb4_general_ci',
    connectAttributes: connectAttributes(),
    flags: [...clientFlags],
    multipleStatements: true,
  }
  const location = options.socketPath ?? `${options.host ?? 'localhost'}:${options.port ?? 3306}`
  const connection = has(core.config, 'connectionConfig')
    ? core.config.connectionConfig
    : core.config
  return {
    location,
    connect: (signal) => openConnection(options, location, signal),
    multipleStatements:
      has(connection, 'multipleStatements') && connection.multipleStatements === true,
    acquire: () =>
      isPool(core)
        ? fromPool(core, location)
        : Promise.resolve({
            connection: core as unknown as Connection,
            release: () => Promise.resolve(),
          }),
  }
}

/** The promise forms keep the plain one in a property. */
const unwrap = (client: unknown): unknown => {
  if (has(client, 'pool') && isPool(client.pool)) return client.pool
  return has(client, 'connection') && has(client.connection, 'config') ? client.connection : client
}

const fromPool = (
  pool: Pool,
  location: string,
): Promise<{ readonly connection: Connection; readonly release: () => Promise<void> }> =>
  new Promise((resolve, reject) => {
    pool.getConnection((error: unknown, connection: PoolConnection) => {
      if (error) {
        reject(connectionFailed(location, error))
        return
      }
      const release = (): Promise<void> => {
        connection.release()
        return Promise.resolve()
      }
      resolve({ connection, release })
    })
  })
