import { hostname } from 'node:os'
import {
  AnswerLimitError,
  MigrateError,
  isMigrateError,
  longestServerMessageBytes,
} from '@mig/core/driver'
import { createConnection, type Connection, type ConnectionOptions, type SslOptions } from 'mysql2'
import { cutOff, streamOf } from './answer-guard.ts'
import { connectionFailed } from '../steps/errors.ts'
import { readPem } from './pem.ts'
import { passwordPlugins } from './public-key.ts'
import { invalidOption, type MysqlConfig, type MysqlTlsOptions } from './options.ts'

/** How a connection differs from the others. */
interface ConnectionNeeds {
  /**
   * The server may tell of changes of the session. Such a connection must not be told of the character set, or mysql2
   * would follow a script's SET NAMES, where files are UTF-8. Default is `false`.
   */
  readonly sessionTracking?: boolean
}

/** Makes connections of one kind, one after the other. */
export type Connect = (signal?: AbortSignal, needs?: ConnectionNeeds) => Promise<Connection>

/**
 * What mysql2 turns on by itself and a migration must not see: IGNORE_SPACE makes function names reserved words, the
 * others change row counts or look at local files.
 */
const alwaysOff = ['-FOUND_ROWS', '-IGNORE_SPACE', '-LOCAL_FILES', '-ODBC']

const noSessionTracking = '-SESSION_TRACK'

/** The flags of a connection that needs nothing special. */
export const clientFlags: readonly string[] = [...alwaysOff, noSessionTracking]

/** What a waiter is told about who holds the lock, where the server keeps these. */
export const connectAttributes = (): Record<string, string> => ({
  program_name: 'mig',
  mig_host: hostname(),
  mig_pid: String(process.pid),
})

/** Host and port, or the socket. */
export const locationOf = ({ host, port, socketPath }: MysqlConfig): string =>
  socketPath ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

const readTls = async (tls: MysqlTlsOptions): Promise<SslOptions> => {
  const ca = tls.caFile === undefined ? tls.ca : await readPem('x-tls-ca', tls.caFile)
  if (ca?.includes('-----BEGIN') === false) {
    throw invalidOption('x-tls-ca', 'x-tls-ca holds no certificate in PEM form')
  }
  return {
    rejectUnauthorized: tls.skipVerify !== true,
    verifyIdentity: tls.skipVerify !== true && tls.verifyHost !== false,
    ...(ca === undefined ? {} : { ca }),
    ...(tls.certFile === undefined ? {} : { cert: await readPem('x-tls-cert', tls.certFile) }),
    ...(tls.keyFile === undefined ? {} : { key: await readPem('x-tls-key', tls.keyFile) }),
    ...(tls.minVersion === undefined ? {} : { minVersion: tls.minVersion }),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
  }
}

const sslOptions = (tls: MysqlConfig['tls']): Promise<SslOptions | undefined> => {
  if (tls === false) return Promise.resolve(undefined)
  if (tls === true) return readTls({})
  return readTls(typeof tls === 'string' ? { skipVerify: true } : tls)
}

/** Opens one connection. The promise settles when the server has let it in, or with the signal. */
export const openConnection = (
  options: ConnectionOptions,
  where: string,
  signal?: AbortSignal,
): Promise<Connection> =>
  new Promise((resolve, reject) => {
    const aborted = (): MigrateError =>
      new MigrateError('ABORTED', 'The connection was not waited for', { cause: signal?.reason })
    if (signal?.aborted === true) {
      reject(aborted())
      return
    }
    let connection: Connection
    try {
      // Rows are read as they come: making and compiling code for each form of them takes longer than the few there are.
      connection = createConnection({ ...options, disableEval: true })
    } catch (error) {
      // mysql2 checks its options at once; a broken certificate throws here too.
      reject(connectionFailed(where, error))
      return
    }
    const onAbort = (): void => {
      cutOff(connection)
      reject(aborted())
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    // What a server says before it has let us in is short, and a client keeps all of it.
    let received = 0
    const stream = streamOf(connection)
    const count = (chunk: Buffer): void => {
      received += chunk.length
      if (received <= longestServerMessageBytes) return
      stream?.off('data', count)
      cutOff(connection)
      reject(connectionFailed(where, AnswerLimitError.endless(longestServerMessageBytes)))
    }
    stream?.on('data', count)
    // After a failed handshake mysql2 may emit once more, and an unheard error would end the process.
    connection.on('error', () => undefined)
    connection.connect((error) => {
      signal?.removeEventListener('abort', onAbort)
      stream?.off('data', count)
      if (error === null || error === undefined) {
        resolve(connection)
      } else {
        cutOff(connection)
        reject(connectionFailed(where, error))
      }
    })
  })

/** Makes connections as the options say. Reads certificates when it first connects. */
export const connector = (config: MysqlConfig): Connect => {
  const where = locationOf(config)
  let ssl: Promise<SslOptions | undefined> | undefined
  let plain = false
  const attempt = async (
    encrypt: boolean,
    signal: AbortSignal | undefined,
    { sessionTracking = false }: ConnectionNeeds,
  ): Promise<Connection> => {
    ssl ??= sslOptions(config.tls)
    const tls = encrypt ? await ssl : undefined
    return openConnection(
      {
        ...(config.socketPath === undefined
          ? { host: config.host, port: config.port }
          : { socketPath: config.socketPath }),
        ...(config.user === undefined ? {} : { user: config.user }),
        ...(config.password === undefined ? {} : { password: config.password }),
        ...(config.database === undefined ? {} : { database: config.database }),
        ...(tls === undefined ? await passwordPlugins(config) : { ssl: tls }),
        charset: config.collation,
        connectTimeout: config.connectTimeoutMs,
        enableCleartextPlugin: config.allowCleartextPassword,
        connectAttributes: connectAttributes(),
        flags: sessionTracking ? [...alwaysOff] : [...clientFlags],
        multipleStatements: true,
      },
      where,
      signal,
    )
  }
  return async (signal, needs = {}) => {
    if (config.tls !== 'preferred' || plain) return attempt(!plain, signal, needs)
    try {
      return await attempt(true, signal, needs)
    } catch (error) {
      const cause = isMigrateError(error) ? error.cause : undefined
      const noTls = cause instanceof Error && 'code' in cause
      if (!noTls || cause.code !== 'HANDSHAKE_NO_SSL_SUPPORT') throw error
      plain = true
      return attempt(false, signal, needs)
    }
  }
}
