import { isMigrateError, MigrateError } from '@mig/core/driver'
import { reasonOf, serverErrorOf } from '../steps/errors.ts'
import type { PostgresSettings } from './options.ts'

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'the server did not answer in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ECONNRESET: 'the server closed the connection',
  EPIPE: 'the server closed the connection',
  ENOENT: 'there is no such socket',
  EACCES: 'the socket may not be used',
}

const retryableServerCodes: ReadonlySet<string> = new Set([
  '57P03',
  '53300',
  '53400',
  '57P01',
  '57P02',
])

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'Check host and port, and that the server runs; --wait 30s waits for one that is starting.',
  ENOTFOUND: 'Check the host of the database URL.',
  ENOENT: 'Check the directory of the socket, and that the server runs.',
  '28P01': 'Check user and password of the database URL.',
  '28000':
    'The server does not let this user in from here: check user, database, sslmode and its pg_hba.conf.',
  '42501': 'Grant the role to the user, or check --role and x-role.',
  '3D000': 'Create the database first, or check its name.',
  '57P03': 'It is starting up or shutting down; --wait 30s waits for it.',
  '53300': 'All connections of the server are taken.',
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

const timeoutMessage = 'timeout expired'
const noPassword = /client password must be|empty password returned by client/
const tlsMessage =
  /does not support SSL|establishing an SSL|certificate|self-signed|SSL routines|wrong version number|altnames|key values mismatch/i

/** Whether an error means that no TLS is to be had on the connection. */
export const isTlsRefused = (error: unknown): boolean =>
  error instanceof Error && /does not support SSL|establishing an SSL/.test(error.message)

/** Whether the server's rules ask for the other choice between TLS and plain text. */
export const isRefusedByRules = (error: unknown): boolean => serverErrorOf(error)?.code === '28000'

/** Whether a start-up parameter was refused: an older server, or a pooler before it. */
export const isParameterRefused = (error: unknown): boolean => {
  const code = serverErrorOf(error)?.code
  return code === '42704' || code === '08P01' || code === '22023'
}

/** Where a connection was to go, for people. Never with a password. */
export const placeOf = ({ host, port }: Pick<PostgresSettings, 'host' | 'port'>): string =>
  host.startsWith('/')
    ? `${host}/.s.PGSQL.${port}`
    : `${host.includes(':') ? `[${host}]` : host}:${port}`

/** The `CONNECTION_FAILED` error of an attempt to connect. */
export const connectError = (error: unknown, settings: PostgresSettings): MigrateError => {
  if (isMigrateError(error)) return error
  const { code, reason, hint, retryable } = explain(error)
  return new MigrateError(
    'CONNECTION_FAILED',
    `Cannot connect to PostgreSQL at ${placeOf(settings)}, database "${settings.database}", ` +
      `user "${settings.user}": ${reason}`,
    {
      ...(hint === undefined ? {} : { hint }),
      details: { retryable, ...(code === undefined ? {} : { serverCode: code }) },
      cause: error,
    },
  )
}

const unknownAuthentication = /^Unknown authenticationOk message type (\d+)$/

/** What a server may ask for and mig cannot give, by the number in its request. */
const authenticationNames: Readonly<Record<string, string>> = {
  2: 'Kerberos V5',
  6: 'SCM credentials',
  7: 'GSSAPI',
  9: 'SSPI',
}

/** Why a request for an authentication that the client does not know ends the attempt. */
const explainAuthentication = (type: string): Explanation => {
  const name = Object.hasOwn(authenticationNames, type) ? authenticationNames[type] : undefined
  return {
    reason: `the server asks for ${name === undefined ? `an authentication of type ${type}` : `${name} authentication`}, which mig cannot do`,
    hint: 'In pg_hba.conf, allow scram-sha-256 (or cert) for this user and the address mig connects from, or use another user.',
    retryable: false,
  }
}

interface Explanation {
  readonly code?: string
  readonly reason: string
  readonly hint?: string | undefined
  readonly retryable: boolean
}

const explain = (error: unknown): Explanation => {
  const server = serverErrorOf(error)
  const message = reasonOf(error)
  if (server !== undefined && !noPassword.test(message)) {
    const { code } = server
    return { code, reason: message, hint: hints[code], retryable: retryableServerCodes.has(code) }
  }
  const authentication = unknownAuthentication.exec(message)?.[1]
  if (authentication !== undefined) return explainAuthentication(authentication)
  if (noPassword.test(message)) {
    const hint = 'Put it into the database URL, or set PGPASSWORD.'
    return { reason: 'the server asks for a password and none is given', hint, retryable: false }
  }
  const code = codeOf(error)
  const network = code === undefined ? undefined : networkReasons[code]
  if (network !== undefined) {
    return { reason: network, hint: hints[code ?? ''], retryable: true }
  }
  if (message === timeoutMessage) {
    const hint = 'Check the host, or raise connect_timeout.'
    return { reason: 'the server did not answer in time', hint, retryable: true }
  }
  if (tlsMessage.test(message)) {
    const hint = 'Check sslmode, sslrootcert and the certificate of the server.'
    return { reason: message, hint, retryable: false }
  }
  // What remains is a server that took the connection and dropped it, as one does that is not up yet.
  return { reason: message, retryable: message.startsWith('Connection terminated') }
}
