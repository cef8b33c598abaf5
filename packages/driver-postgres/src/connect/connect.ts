import { Socket } from 'node:net'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionOptions } from 'node:tls'
import { MigrateError } from '@mig/core/driver'
import pg from 'pg'
import { guardConnection } from './answer-guard.ts'
import { type CancelTarget, requestCancel } from '../session/cancel.ts'
import type { PostgresClient } from './client.ts'
import {
  connectError,
  isParameterRefused,
  isRefusedByRules,
  isTlsRefused,
} from './connect-error.ts'
import { guardLogin } from './login-guard.ts'
import type { PostgresSettings } from './options.ts'
import { ignoredPasswordFile, readPassword } from './passfile.ts'
import { PostgresSession } from '../session/session.ts'
import { isOneOf, quoteIdentifier, quoteLiteral } from '../tables/quote.ts'
import { requireTarget } from './target-session.ts'
import { tlsAttempts } from './tls.ts'

/** Where sessions come from: connections of one's own, a pool, or the one client that was handed in. */
export interface SessionSource {
  /** The session that holds the lock and runs the steps. Also called to replace a broken one. */
  open(signal?: AbortSignal): Promise<PostgresSession>
  /** A second one beside it, where there can be one. Nothing where a pool has no client left. */
  second?(signal?: AbortSignal): Promise<PostgresSession | undefined>
}

/**
 * Settings of mig's own. As start-up options they are what a reset of the session goes back to.
 *
 * The first makes the server notice within two seconds that the client is gone, in the middle of a statement too. The
 * next two keep a session that holds the lock while nothing runs. The last makes it an error where a policy would hide
 * rows, as `pg_dump` has it: rows that a migration does not see it does not change, and nobody would know.
 */
const ownSettings: readonly (readonly [name: string, value: string])[] = [
  ['client_connection_check_interval', '2s'],
  ['idle_session_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
  ['row_security', 'off'],
]

/** What names this process to whoever waits for its lock. */
const defaultApplicationName = (): string => `mig ${hostname()} ${process.pid}`

/** The source that the settings ask for. `limitMs` is how long a statement of mig's own may take. */
export const sessionSource = (settings: PostgresSettings, limitMs: number): SessionSource => {
  const { client, pool } = settings
  if (client !== undefined) {
    let taken = false
    return {
      open: async () => {
        if (taken) {
          throw new MigrateError('CONNECTION_LOST', 'The client that was handed in is disconnected')
        }
        taken = true
        return handedIn(client, limitMs, async () => undefined)
      },
    }
  }
  if (pool !== undefined) {
    const open = async (): Promise<PostgresSession> => {
      try {
        const pooled = await pool.connect()
        return await handedIn(pooled, limitMs, async (broken) => pooled.release(broken))
      } catch (error) {
        throw connectError(error, settings)
      }
    }
    return { open, second: () => openInTime(() => openUnderRole(open, settings.role)) }
  }
  return {
    open: (signal) => connectOwn(settings, limitMs, signal),
    second: (signal) => connectOwn(settings, limitMs, signal),
  }
}

/** A second session on a client that was handed in, which nothing resets but what is done here. */
const openUnderRole = async (
  open: () => Promise<PostgresSession>,
  role: string | undefined,
): Promise<PostgresSession> => {
  const session = await open()
  if (role === undefined) return session
  return orClosed(session, async () => {
    await session.takeRole(role)
    session.beforeClose = ['RESET ROLE']
  })
}

/** The session, once it is set up. Where that fails it is closed: an open connection would keep the process alive. */
const orClosed = async (
  session: PostgresSession,
  setUp: () => Promise<void>,
): Promise<PostgresSession> => {
  try {
    await setUp()
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

const poolTimeoutMs = 2000

/** A pool may have no client left, and then would wait for the one that is held here. */
const openInTime = async (
  open: () => Promise<PostgresSession>,
): Promise<PostgresSession | undefined> => {
  const opening = open()
  const tooLong = sleep(poolTimeoutMs, undefined, { ref: false })
  const session = await Promise.race([opening, tooLong])
  // One that comes after all goes straight back; of one that never comes there is nothing to release.
  if (session === undefined) void opening.then((unused) => unused.close()).catch(() => undefined)
  return session
}

const handedIn = async (
  client: PostgresClient,
  limitMs: number,
  release: (broken: boolean) => Promise<void>,
): Promise<PostgresSession> => {
  if ('pipeline' in client && client.pipeline === true) {
    throw new MigrateError('INVALID_OPTION', 'The client that was handed in is in pipeline mode', {
      hint: 'Hand in a client of pg without the option "pipeline".',
      details: { option: 'client' },
    })
  }
  return new PostgresSession({
    client,
    owned: false,
    release,
    cancel: () => cancel(client),
    limitMs,
  })
}

/** Connects, with TLS and start-up options as far as the server takes them. */
const connectOwn = async (
  settings: PostgresSettings,
  limitMs: number,
  signal?: AbortSignal,
): Promise<PostgresSession> => {
  let failure: unknown
  for (const tls of tlsAttempts(settings)) {
    try {
      const session = await connectWithOptions(settings, limitMs, tls, signal)
      return await orClosed(session, () => requireTarget(session, settings))
    } catch (error) {
      failure = error
      const otherTls = tls === false ? isRefusedByRules : isRefusedWithTls
      if (!otherTls(error)) break
    }
  }
  throw connectError(failure, settings)
}

const isRefusedWithTls = (error: unknown): boolean => isTlsRefused(error) || isRefusedByRules(error)

const connectWithOptions = async (
  settings: PostgresSettings,
  limitMs: number,
  tls: false | ConnectionOptions,
  signal: AbortSignal | undefined,
): Promise<PostgresSession> => {
  const parameters = [...settings.parameters]
  try {
    const client = await connectClient(
      settings,
      tls,
      [...ownSettings, ...parameters, ...roleSetting(settings)],
      signal,
    )
    return new PostgresSession(ownHandle(client, limitMs))
  } catch (error) {
    if (!isParameterRefused(error)) throw error
  }
  const client = await connectClient(settings, tls, parameters, signal)
  const made: string[] = []
  const session = new PostgresSession({ ...ownHandle(client, limitMs), settings: made })
  return orClosed(session, async () => {
    made.push(...(await applyOwnSettings(session)))
    if (settings.role !== undefined) await session.takeRole(settings.role)
  })
}

const roleSetting = ({ role }: PostgresSettings): readonly (readonly [string, string])[] =>
  role === undefined ? [] : [['role', role]]

const ownHandle = (client: pg.Client, limitMs: number): PostgresSession['handle'] => ({
  client,
  limitMs,
  owned: true,
  release: (broken) => endClient(client, broken),
  cancel: () => cancel(client),
})

/** Makes mig's own settings on a session that did not get them at its start. Returns what was run. */
export const applyOwnSettings = async (session: PostgresSession): Promise<readonly string[]> => {
  const names = ownSettings.map(([name]) => name)
  const rows = await session.query(
    `SELECT name FROM pg_catalog.pg_settings WHERE ${isOneOf('name', names)}`,
    'The settings of the session could not be read',
  )
  const known = new Set(rows.map(({ name }) => name))
  const statements = ownSettings
    .filter(([name]) => known.has(name))
    .map(([name, value]) => `SET ${quoteIdentifier(name)} = ${quoteLiteral(value)}`)
  for (const statement of statements) {
    // One that the platform cannot do is a comfort less, and no reason to fail.
    await session.exchange([{ texts: [statement] }])
  }
  return statements
}

const connectClient = async (
  settings: PostgresSettings,
  tls: false | ConnectionOptions,
  parameters: readonly (readonly [name: string, value: string])[],
  signal: AbortSignal | undefined,
): Promise<pg.Client> => {
  const { port, user, database, connectTimeoutMs } = settings
  const options = commandLine(parameters, settings.sessionOptions)
  const client = new pg.Client({
    host: settings.hostAddress ?? settings.host,
    port,
    user,
    database,
    // Always a function: where there is no value the client would look for one in the environment.
    password: () => passwordOf(settings),
    ssl: tls,
    enableChannelBinding: tls !== false && settings.channelBinding !== 'disable',
    sslnegotiation: settings.directTls && tls !== false ? 'direct' : 'postgres',
    application_name: settings.applicationName ?? defaultApplicationName(),
    keepAlive: settings.keepAlive,
    keepAliveInitialDelayMillis: settings.keepAliveDelayMs,
    ...(options === '' ? {} : { options }),
    ...(connectTimeoutMs === 0 ? {} : { connectionTimeoutMillis: connectTimeoutMs }),
  })
  guardConnection(client.connection)
  const guard = guardLogin(client, settings, tls !== false)
  // Errors after the one that ends the attempt are of no use to anybody.
  client.on('error', () => undefined)
  const abandon = (): void => {
    client.connection.stream.destroy()
  }
  signal?.addEventListener('abort', abandon, { once: true })
  try {
    if (signal?.aborted === true) throw abortedError(signal)
    await client.connect()
    // The end of the login may have come in one piece with what the guard refused.
    if (guard.refusal !== undefined) throw guard.refusal
    return client
  } catch (error) {
    abandon()
    throw signal?.aborted === true ? abortedError(signal) : (guard.refusal ?? error)
  } finally {
    signal?.removeEventListener('abort', abandon)
  }
}

const abortedError = (signal: AbortSignal): MigrateError =>
  new MigrateError('ABORTED', 'The attempt to connect was cancelled', { cause: signal.reason })

const passwordOf = async (settings: PostgresSettings): Promise<string> => {
  const given = await settings.password?.()
  if (given !== undefined) return given
  const found = await readPassword(settings.passwordFile, settings)
  if (found !== undefined) {
    settings.onSecret?.(found)
    return found
  }
  const ignored = ignoredPasswordFile(settings.passwordFile)
  if (ignored === undefined) return ''
  throw new MigrateError(
    'CONNECTION_FAILED',
    `The server asks for a password, and the password file ${ignored} is ignored because others may read it`,
    {
      hint: `Run "chmod 600 ${ignored}", or give the password in PGPASSWORD.`,
      details: { retryable: false },
    },
  )
}

/** Settings in the form of the server's command line, which the start-up parameter `options` takes. */
const commandLine = (
  parameters: readonly (readonly [name: string, value: string])[],
  more: string | undefined,
): string => {
  const own = parameters.map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, '\\$&')}`)
  return [...own, ...(more === undefined ? [] : [more])].join(' ')
}

const endTimeoutMs = 2000

/**
 * Says goodbye. The server takes some milliseconds to end the session, and nobody needs to wait for them: what was
 * asked of it is answered, the lock is released, and a process that ends meanwhile has nothing more to send.
 */
const endClient = async (client: pg.Client, broken: boolean): Promise<void> => {
  const { stream } = client.connection
  if (broken || stream.destroyed) {
    stream.destroy()
    return
  }
  if (stream instanceof Socket) stream.unref()
  const timer = setTimeout(() => stream.destroy(), endTimeoutMs).unref()
  void client.end().finally(() => clearTimeout(timer))
}

const cancel = async (client: PostgresClient): Promise<void> => {
  const target = cancelTargetOf(client)
  if (target !== undefined) await requestCancel(target)
}

/** What a client of `pg` knows of its backend, which its types leave out. */
interface BackendKey {
  readonly host?: unknown
  readonly port?: unknown
  readonly processID?: unknown
  readonly secretKey?: unknown
  readonly connection?: { readonly stream?: { readonly remoteAddress?: unknown } }
}

/** The very server that the client talks to: its name may stand for several. */
const cancelTargetOf = (client: PostgresClient & BackendKey): CancelTarget | undefined => {
  const { host, port, processID, secretKey } = client
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return undefined
  if (typeof host !== 'string' || typeof port !== 'number') return undefined
  const address = client.connection?.stream?.remoteAddress
  return {
    host: typeof address === 'string' && !host.startsWith('/') ? address : host,
    port,
    processId: processID,
    secretKey,
  }
}
