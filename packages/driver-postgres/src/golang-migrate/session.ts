import { connect as connectSocket } from 'node:net'
import pg, { type ClientConfig } from 'pg'
import {
  filterCustomQuery,
  formatGoUrl,
  toError,
  type DropInContext,
  type GoUrl,
} from '@mig/golang-migrate'
import { guardConnection } from '../connect/answer-guard.ts'
import { readPassword } from '../connect/passfile.ts'
import { connectionText, isServerError } from './errors.ts'
import { parameterError, readParameters, startupOptions, type Parameters } from './parameters.ts'
import { tlsAttempts, type TlsAttempt } from './tls.ts'
import type { PostgresClient } from './url.ts'
import { RawQuery, type CopyAnswer } from './raw-query.ts'

/** One connection, and the few ways in which the drop-in uses it. */
export interface PostgresSession {
  /** The rows of one query with parameters. */
  rows(query: string, ...values: readonly string[]): Promise<readonly (readonly unknown[])[]>
  /** Sends a text as it is. A failure says how many of its statements had ended by then. */
  run(script: Uint8Array): Promise<void>
  /** The same, cancelled on the server when the time is up. The connection is not used again then. */
  runFor(script: Uint8Array, timeoutMs: number): Promise<void>
  /** Whether a transaction is open or has failed: `I`, `T` or `E`. */
  transactionStatus(): string | null
  /** From now on every call fails, as the client that golang-migrate uses does. */
  breakWith(message: string): void
  close(): Promise<void>
}

interface Connecting {
  readonly config: ClientConfig
  readonly attempts: readonly TlsAttempt[]
  readonly client: PostgresClient
  readonly onSecret: DropInContext['onSecret']
}

/** Connects. The error has the words of golang-migrate's client. */
export const openSession = async (
  client: PostgresClient,
  url: GoUrl,
  context: DropInContext,
): Promise<PostgresSession> => {
  const parameters = readParameters(client, url, context)
  const attempts = readAttempts(client, parameters, url)
  const { host = '', port = '', user = '', dbname = user, password } = parameters
  const options = startupOptions(client, parameters)
  // Of the two clients only pgx knows the parameter.
  const inUrl = client === 'pq' ? undefined : parameters['passfile']
  const passwordFile = (inUrl ?? context.environment['PGPASSFILE']) || undefined
  const owner = { host, port: Number(port), database: dbname, user }
  const timeout = Number(parameters['connect_timeout'] ?? 0)
  const name = parameters['application_name'] ?? parameters['fallback_application_name']
  const config: ClientConfig = {
    host,
    port: Number(port),
    user,
    database: dbname,
    // A function, even where there is no password: the client would look for one by itself, and warn that it does.
    password: password ?? (async () => (await readPassword(passwordFile, owner)) ?? ''),
    ...(options === '' ? {} : { options }),
    ...(name === undefined ? {} : { application_name: name }),
    ...(timeout > 0 ? { connectionTimeoutMillis: timeout * 1000 } : {}),
  }
  return session(await connect({ config, attempts, client, onSecret: context.onSecret }), client)
}

const readAttempts = (
  client: PostgresClient,
  parameters: Parameters,
  url: GoUrl,
): readonly TlsAttempt[] => {
  try {
    const refused = parameterError(client, parameters)
    if (refused !== undefined) throw new Error(refused)
    return tlsAttempts(client, parameters)
  } catch (error) {
    if (client === 'pq') throw error
    // pgx shows the URL it was given, without the password.
    const { user, rawQuery } = url
    const shown = formatGoUrl({
      ...url,
      scheme: 'postgres',
      rawQuery: filterCustomQuery(rawQuery),
      ...(user?.password === undefined ? {} : { user: { ...user, password: 'xxxxx' } }),
    })
    throw new Error(`cannot parse \`${shown}\`: ${toError(error).message}`, { cause: error })
  }
}

const connect = async ({ config, attempts, client, onSecret }: Connecting): Promise<pg.Client> => {
  const failures: unknown[] = []
  for (const ssl of attempts) {
    const connection = new pg.Client({ ...config, ssl })
    guardConnection(connection.connection)
    // A connection that ends between two queries is noticed by the next one.
    connection.on('error', () => {})
    try {
      await connection.connect()
      return connection
    } catch (error) {
      failures.push(error)
      // A server that keeps its half of the connection open keeps the process no longer.
      connection.connection.stream.destroy()
      // Here the client keeps what it found in a password file.
      const { password } = connection
      if (typeof password === 'string') onSecret?.(password)
      if (isFinal(error)) break
    }
  }
  const { host = '', port = 0, user = '', database = '' } = config
  throw new Error(connectionText(failures, client, { host, port, user, database }), {
    cause: failures.at(-1),
  })
}

/** Without encryption a wrong password is wrong as well. A host-based rule may differ. */
const isFinal = (error: unknown): boolean =>
  isServerError(error) ? error.code !== '28000' : /client password/.test(String(error))

/** What golang-migrate's clients say of a connection that is gone: when it is noticed, and of each use after that. */
const goneTexts: Readonly<Record<PostgresClient, readonly [noticed: string, later: string]>> = {
  pq: ['driver: bad connection', 'sql: connection is already closed'],
  pgx4: ['unexpected EOF', 'driver: bad connection'],
  pgx5: ['unexpected EOF', 'driver: bad connection'],
}

const session = (connection: pg.Client, client: PostgresClient): PostgresSession => {
  let broken: string | undefined
  const [gone, goneLater] = goneTexts[client]

  const check = (): void => {
    if (broken !== undefined) throw new Error(broken)
  }

  /** The error of a query, in the clients' words where it ended the connection. pgx tells what the server said last. */
  const toFailure = (error: unknown): Error => {
    const known = isServerError(error)
    if (broken !== undefined || (known && error.severity !== 'FATAL')) return toError(error)
    broken = goneLater
    return known && client !== 'pq' ? error : new Error(gone, { cause: error })
  }

  /** lib/pq knows of no copy in a simple query, and gives the connection up. */
  const refuseCopy = (answer: CopyAnswer): Error => {
    broken = 'driver: bad connection'
    return new Error(`pq: unknown response for simple query: '${answer}'`)
  }

  const run = (script: Uint8Array): Promise<void> => {
    check()
    return new Promise((resolve, reject) => {
      const done = (error?: Error): void =>
        error === undefined ? resolve() : reject(toFailure(error))
      connection.query(new RawQuery(script, done, client === 'pq' ? refuseCopy : undefined))
    })
  }

  return {
    rows: async (query, ...values) => {
      check()
      try {
        const { rows } = await connection.query({
          text: query,
          values: [...values],
          rowMode: 'array',
        })
        return rows as readonly (readonly unknown[])[]
      } catch (error) {
        throw toFailure(error)
      }
    },
    run,
    runFor: async (script, timeoutMs) => {
      const timer = setTimeout(() => cancel(connection), timeoutMs)
      try {
        await run(script)
      } finally {
        clearTimeout(timer)
      }
    },
    transactionStatus: () => connection.getTransactionStatus(),
    breakWith: (message) => {
      broken = message
    },
    close: () => endInTime(connection),
  }
}

const endTimeoutMs = 2000

/** Says goodbye, and cuts a server off that does not close the connection. */
const endInTime = async (connection: pg.Client): Promise<void> => {
  const timer = setTimeout(() => connection.connection.stream.destroy(), endTimeoutMs)
  try {
    await connection.end()
  } finally {
    clearTimeout(timer)
  }
}

const cancelCode = 80_877_102

/** Asks the server to cancel what the connection runs, over a connection of its own. */
const cancel = (connection: pg.Client): void => {
  const { processID, secretKey, host, port } = connection as unknown as {
    readonly processID: number
    readonly secretKey: number
    readonly host: string
    readonly port: number
  }
  const message = Buffer.alloc(16)
  message.writeInt32BE(16, 0)
  message.writeInt32BE(cancelCode, 4)
  message.writeInt32BE(processID, 8)
  message.writeInt32BE(secretKey, 12)
  const socket = host.startsWith('/')
    ? connectSocket(`${host}/.s.PGSQL.${port}`)
    : connectSocket(port, host)
  socket.on('error', () => {})
  socket.end(message)
}
