import { dialText, queryError } from '@mig/core/golang-migrate'
import type { PostgresClient } from './postgres-drop-in-url.ts'

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

/** What the client says when a connection cannot be made. */
export const connectionText = (
  error: unknown,
  client: PostgresClient,
  {
    host,
    port,
    user,
    database,
  }: Readonly<Record<'host' | 'user' | 'database', string>> & {
    readonly port: number
  },
): string => {
  const dial = dialText(error, host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : host, port)
  const noTls = /server does not support SSL/i.test(String(error))
  if (client === 'pq') {
    return noTls ? 'pq: SSL is not enabled on the server' : (dial ?? clientText(error, client))
  }
  const reason =
    dial === undefined
      ? noTls
        ? 'tls error (server refused TLS connection)'
        : `server error (${clientText(error, client)})`
      : client === 'pgx4'
        ? `dial error (${dial})`
        : `dial error: ${dial}`
  const place = `\`host=${host} user=${user} database=${database}\``
  return client === 'pgx4'
    ? `failed to connect to ${place}: ${reason}`
    : `failed to connect to \`user=${user} database=${database}\`: ${host}:${port} (${host}): ${reason}`
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

/** A failed body in golang-migrate's words. */
export const bodyError = (error: unknown, body: string, client: PostgresClient): Error => {
  const base = { client: clientText(error, client), query: body, cause: error }
  if (!isServerError(error)) return queryError({ ...base, message: 'migration failed' })
  const { position } = error
  // pgx has position 0 where the server gives none.
  const known = position === undefined || position === '' ? client !== 'pq' : true
  const place = known ? placeOf(body, Number(position ?? 0)) : undefined
  const column = place === undefined ? '' : ` (column ${place.column})`
  const detail = error.detail === undefined || error.detail === '' ? '' : `, ${error.detail}`
  const message = `migration failed: ${error.message}${column}${detail}`
  return queryError({ ...base, message, line: place?.line ?? 0 })
}
