import {
  isMigrateError,
  AnswerLimitError,
  MigrateError,
  type PreparedStep,
  type StatementFailure,
} from '@mig/core/driver'
import { missingGrant } from '../doctor/rights.ts'
import { MessageError } from '../session/session.ts'

/** What mysql2 puts on its errors. */
interface ClientError {
  readonly message: string
  readonly code?: string
  readonly errno?: number
  readonly fatal?: boolean
  readonly sqlState?: string
}

/** Server errors that the driver tells apart. */
export const errno = {
  accessDenied: 1044,
  accessDeniedForUser: 1045,
  unknownDatabase: 1049,
  unknownColumn: 1054,
  duplicateEntry: 1062,
  unknownThread: 1094,
  noSuchTable: 1146,
  unknownVariable: 1193,
  tableAccessDenied: 1142,
  lockWaitTimeout: 1205,
  deadlock: 1213,
  specificAccessDenied: 1227,
  interrupted: 1317,
  outOfRange: 1690,
} as const

/** The client's own error after what a session threw. */
export const clientError = (error: unknown): unknown =>
  error instanceof MessageError ? error.error : error

const facts = (error: unknown): ClientError => {
  const inner = clientError(error)
  if (inner instanceof Error) return inner
  return { message: String(inner) }
}

/** The server's error number, if it is one of the server's. */
const errnoOf = (error: unknown): number | undefined => {
  const { errno: number } = facts(error)
  // Errors of the system have negative numbers.
  return number !== undefined && number > 0 ? number : undefined
}

export const isErrno = (error: unknown, ...numbers: readonly number[]): boolean =>
  numbers.includes(errnoOf(error) ?? 0)

// A client that was killed or timed out, a server that shuts down.
const goodbyes = new Set([1053, 1080, 1152, 1184, 1927, 3168, 3169, 4031])
const networkCodes = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
])

/** Whether the connection is gone with this error. */
export const isConnectionLost = (error: unknown): boolean => {
  const { code, fatal, errno: number } = facts(error)
  return fatal === true || networkCodes.has(code ?? '') || goodbyes.has(number ?? 0)
}

const readOnly = new Set([1290, 1792, 1836, 3977])
const denied = new Set<number>([
  errno.accessDenied,
  errno.tableAccessDenied,
  errno.specificAccessDenied,
  1143,
  1370,
])

/** Whether a right is missing. */
export const isDenied = (error: unknown): boolean => denied.has(errnoOf(error) ?? 0)

const cannotTrustFunctions = 1419

/** What to do about a missing right: the GRANT, where the server's words tell which. */
const grantAdvice = (error: unknown, command?: string): string => {
  const number = errnoOf(error) ?? 0
  if (number === cannotTrustFunctions) {
    return 'Set log_bin_trust_function_creators = 1 on the server, or migrate as a user with SUPER.'
  }
  const grantee = error instanceof MessageError ? error.grantee : undefined
  const grant =
    grantee === undefined ? undefined : missingGrant(number, facts(error).message, grantee, command)
  return grant === undefined
    ? 'Grant the missing privilege, or connect as another user.'
    : `Grant the missing privilege, or connect as another user: ${grant};`
}

/** What to do about an error whose message does not say it. `command` is the statement's, where it is a script's. */
const advice = (error: unknown, command?: string): string | undefined => {
  const number = errnoOf(error)
  if (number === undefined) return undefined
  if (readOnly.has(number)) {
    return 'The server takes no writes: it is a replica or was set to read-only. Connect to the primary.'
  }
  if (denied.has(number) || number === cannotTrustFunctions) {
    const grant = grantAdvice(error, command)
    return command === undefined ? grant : `The file is fine. ${grant}`
  }
  switch (number) {
    case 1114:
    case 1021:
    case 1041:
      return 'The server has run out of space. Make room, then run the command again.'
    case 1205:
      return 'Another session held a lock for too long. See who with "SHOW PROCESSLIST".'
    case 3024:
    case 1969:
      return 'The server ended the statement by its own time limit (max_execution_time, max_statement_time).'
    default:
      return undefined
  }
}

/** Server number, such as `1064`. */
const serverCodeOf = (error: unknown): string | undefined => {
  const number = errnoOf(error)
  return number === undefined ? facts(error).code : String(number)
}

/** A statement of mig itself that the server refused, or a connection that broke under it. */
export const databaseError = (doing: string, error: unknown): MigrateError => {
  if (isMigrateError(error)) return error
  if (isConnectionLost(error)) return connectionLost(doing, error)
  const serverCode = serverCodeOf(error)
  const hint = advice(error)
  return new MigrateError('DATABASE_FAILED', `${doing} failed: ${facts(error).message}`, {
    ...(hint === undefined ? {} : { hint }),
    details: serverCode === undefined ? {} : { serverCode },
    cause: clientError(error),
  })
}

/** A connection that broke. */
export const connectionLost = (doing: string, error: unknown): MigrateError =>
  new MigrateError(
    'CONNECTION_LOST',
    clientError(error) instanceof AnswerLimitError
      ? `${doing}: ${facts(error).message}`
      : `${doing}: the connection broke: ${facts(error).message}`,
    {
      hint: 'See whether the server is up and what its error log says, look at "mig status", then run the command again.',
      cause: clientError(error),
    },
  )

// The server may not be up yet, or be full for a moment.
const retryableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
])
const retryableNumbers = new Set([1040, 1053, 1203, 1226])

const wrongPassword =
  'Check user and password. In a URL, write @ as %40, / as %2F, ? as %3F and % as %25.'
const notUp = 'Start the server, check the address, or wait for it with --wait 30s.'

const adviceByNumber: Readonly<Record<number, string>> = {
  1040: 'The server has no connection left. Wait, or raise max_connections.',
  1044: 'The user has no right to this database: GRANT it, or connect as another user.',
  1045: wrongPassword,
  1049: 'Create it first ("CREATE DATABASE …"), or check the name after the last slash of the URL.',
  1130: 'The server takes no connections from this machine: see the host part of its users.',
  1203: 'The server has no connection left. Wait, or raise max_connections.',
  1698: wrongPassword,
  3118: wrongPassword,
}

const adviceByCode: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'Check the spelling of the host.',
  ECONNREFUSED: notUp,
  EHOSTUNREACH: 'Check host, port and the firewalls between.',
  ENOENT: notUp,
  ENOTFOUND: 'Check the spelling of the host.',
  ETIMEDOUT: 'Check host, port and the firewalls between.',
  PUBLIC_KEY_RETRIEVAL:
    "Use TLS: tls=true. Or name the server's key with server-public-key-path, or trust the network with allowPublicKeyRetrieval=true.",
  HANDSHAKE_NO_SSL_SUPPORT: 'The server has no TLS. Use tls=preferred or tls=false.',
  HANDSHAKE_SSL_ERROR:
    'Name the authority of the certificate with x-tls-ca, or use tls=skip-verify.',
}

/** A connection that could not be made. `where` is host and port, or the socket. */
export const connectionFailed = (where: string, error: unknown): MigrateError => {
  if (isMigrateError(error)) return error
  const client = facts(error)
  const serverCode = serverCodeOf(error)
  // An error without a word of its own, as the system makes them where a name has several addresses.
  const reason = client.message === '' ? (client.code ?? 'no reason given') : client.message
  const hint = adviceByNumber[client.errno ?? 0] ?? adviceByCode[client.code ?? '']
  return new MigrateError('CONNECTION_FAILED', `Cannot connect to ${where}: ${reason}`, {
    ...(hint === undefined ? {} : { hint }),
    details: {
      retryable: retryableCodes.has(client.code ?? '') || retryableNumbers.has(client.errno ?? 0),
      ...(serverCode === undefined ? {} : { serverCode }),
    },
    cause: clientError(error),
  })
}

/**
 * Where in a statement the server stumbled, as it words it: `… near 'TEXT' at line N`, counted from the statement's
 * first character. Few errors say it.
 */
const offsetInStatement = (statement: string, serverMessage: string): number | undefined => {
  const found = /near '([\s\S]*)' at line (\d+)$/.exec(serverMessage)
  if (found === null) return undefined
  const [, near = '', line = '1'] = found
  let lineStart = 0
  for (let n = 1; n < Number(line); n++) {
    const newline = statement.indexOf('\n', lineStart)
    if (newline === -1) break
    lineStart = newline + 1
  }
  if (near === '') return Math.max(lineStart, statement.length - 1)
  // The server cuts the text after 80 bytes, if need be through a character.
  const at = statement.indexOf(near.replace(/\uFFFD+$/, ''), lineStart)
  return at === -1 ? lineStart : at
}

/** What the server said about a failing statement of a script, with its place. */
export const statementFailure = (
  step: PreparedStep,
  index: number | undefined,
  error: unknown,
): StatementFailure => {
  const { message } = facts(error)
  const serverCode = serverCodeOf(error)
  const statement = index === undefined ? undefined : step.parsed.statements.at(index)
  const within = statement === undefined ? undefined : offsetInStatement(statement.text, message)
  const hint = advice(error, statement?.command)
  return {
    message,
    cause: clientError(error),
    ...(index === undefined ? {} : { index }),
    ...(statement === undefined || within === undefined
      ? {}
      : { offset: statement.start + within }),
    ...(serverCode === undefined ? {} : { serverCode }),
    ...(hint === undefined ? {} : { hint }),
  }
}
