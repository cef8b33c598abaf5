import { dialText, queryError } from '@mig/golang-migrate'
import type { PostgresClient } from './url.ts'

/** What the server says of an error, as far as it is here of interest. */
export interface ServerError extends Error {
  readonly severity: string
  readonly code: string
  readonly position?: string
  readonly detail?: string
}

/** Whether an error came from the server. */
export const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error && 'severity' in error && 'code' in error && 'routine' in error

/** An error in the words of golang-migrate's client. */
export const clientText = (error: unknown, client: PostgresClient): string => {
  if (!isServerError(error)) return error instanceof Error ? error.message : String(error)
  return client === 'pq'
    ? `pq: ${error.message}`
    : `${error.severity}: ${error.message} (SQLSTATE ${error.code})`
}

/** What was to be connected to. */
export interface ConnectionPlace {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

const unknownAuthentication = /^Unknown authenticationOk message type (\d+)$/
const noKerberos = 'kerberos error: no GSSAPI provider registered'
const unimplemented: Readonly<Record<string, string>> = { 6: 'AuthTypeSCMCreds', 9: 'AuthTypeSSPI' }

/** What golang-migrate's clients say where the server asks for an authentication that they do not know. */
const authenticationReason = (type: string, client: PostgresClient): Reason => {
  if (client === 'pq') {
    const text =
      type === '7'
        ? `${noKerberos} (import github.com/lib/pq/auth/kerberos if you need Kerberos support)`
        : `unknown authentication response: ${type}`
    return { stage: 'server error', text: `pq: ${text}` }
  }
  if (type === '7') {
    return {
      stage: 'failed GSS auth',
      text: `${noKerberos}, see https://github.com/otan/gopgkrb5`,
    }
  }
  const name = Object.hasOwn(unimplemented, type) ? unimplemented[type] : undefined
  const text =
    name === undefined ? `unknown authentication type: ${type}` : `${name} is unimplemented`
  return { stage: 'failed to receive message', text }
}

interface Reason {
  readonly stage: string
  readonly text: string
}

const reasonOf = (
  error: unknown,
  client: PostgresClient,
  { host, port, user }: ConnectionPlace,
): Reason => {
  const dial = dialText(error, host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : host, port)
  if (dial !== undefined) return { stage: 'dial error', text: dial }
  if (/server does not support SSL/i.test(String(error))) {
    return { stage: 'tls error', text: 'server refused TLS connection' }
  }
  if (/client password must be a (?:non-empty )?string/.test(String(error))) {
    // `pg` does not try without a password. This is what the server says to the others, who do.
    const text = `password authentication failed for user "${user}"`
    return {
      stage: 'failed SASL auth',
      text: client === 'pq' ? `pq: ${text}` : `FATAL: ${text} (SQLSTATE 28P01)`,
    }
  }
  const asked = unknownAuthentication.exec(error instanceof Error ? error.message : '')?.[1]
  if (asked !== undefined) return authenticationReason(asked, client)
  const wrongPassword = isServerError(error) && error.code === '28P01'
  return {
    stage: wrongPassword ? 'failed SASL auth' : 'server error',
    text: clientText(error, client),
  }
}

const addressOf = (error: unknown): string | undefined => {
  const { address } = (error ?? {}) as { readonly address?: string }
  return address
}

const joinHostPort = (host: string, port: number): string => {
  if (host.startsWith('/')) return `${host}/.s.PGSQL.${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What the client says when a connection cannot be made, with the failures of all its attempts. */
export const connectionText = (
  failures: readonly unknown[],
  client: PostgresClient,
  place: ConnectionPlace,
): string => {
  const { host, port, user, database } = place
  const reasons = failures.map((error) => reasonOf(error, client, place))
  const { stage, text } = reasons.at(-1) ?? { stage: 'dial error', text: 'no attempt' }
  if (client === 'pq') return stage === 'tls error' ? 'pq: SSL is not enabled on the server' : text
  if (client === 'pgx4') {
    return `failed to connect to \`host=${host} user=${user} database=${database}\`: ${stage} (${text})`
  }
  const lines = failures
    .flatMap((error) => (error instanceof AggregateError ? error.errors : [error]))
    .map((error: unknown) => {
      const reason = reasonOf(error, client, place)
      return `${joinHostPort(host.startsWith('/') ? host : (addressOf(error) ?? host), port)} (${host}): ${reason.stage}: ${reason.text}`
    })
  const told =
    lines.length === 1 ? ` ${lines[0] ?? ''}` : lines.map((line) => `\n\t${line}`).join('')
  return `failed to connect to \`user=${user} database=${database}\`:${told}`
}

interface Place {
  readonly line: number
  readonly column: number
}

/** Line and column of a position that counts characters from 1. CRLF counts as one, as golang-migrate has it. */
const placeOf = (text: string, position: number): Place | undefined => {
  const characters = [...text.replaceAll('\r\n', '\n')]
  if (position > characters.length) return undefined
  const before = characters.slice(0, position)
  return {
    line: 1 + before.filter((character) => character === '\n').length,
    column: position - 1 - before.lastIndexOf('\n'),
  }
}

/** A failed script in golang-migrate's words. */
export const scriptError = (error: unknown, script: string, client: PostgresClient): Error => {
  const base = { client: clientText(error, client), query: script, cause: error }
  if (!isServerError(error)) return queryError({ ...base, message: 'migration failed' })
  const { position } = error
  // pgx has position 0 where the server gives none.
  const known = position === undefined || position === '' ? client !== 'pq' : true
  const place = known ? placeOf(script, Number(position ?? 0)) : undefined
  const column = place === undefined ? '' : ` (column ${place.column})`
  const detail = error.detail === undefined || error.detail === '' ? '' : `, ${error.detail}`
  const message = `migration failed: ${error.message}${column}${detail}`
  return queryError({ ...base, message, line: place?.line ?? 0 })
}
