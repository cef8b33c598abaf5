import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { MigrateError } from '@mig/core/driver'
import type { PostgresSettings } from './postgres-options.ts'

/** How much TLS a connection wants, in libpq's words. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

/** All of them, from the least to the most. */
export const sslModes: readonly SslMode[] = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
]

/** Whether a text is an {@link SslMode}. */
export const isSslMode = (value: string): value is SslMode =>
  sslModes.some((mode) => mode === value)

/** What to connect with, in this order, until one is not refused for its TLS. `false` is plain text. */
export type TlsAttempts = readonly [false | ConnectionOptions, ...(false | ConnectionOptions)[]]

const readFile = (option: string, path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new MigrateError('INVALID_OPTION', `The file of ${option}, "${path}", cannot be read`, {
      hint: 'Check the path and its permissions.',
      details: { option, file: path },
      cause: error,
    })
  }
}

/** Reads the certificates that a mode needs. Throws `INVALID_OPTION` for a file that cannot be read. */
export const tlsAttempts = (settings: PostgresSettings): TlsAttempts => {
  const { sslMode, ssl } = settings
  // A Unix socket has no TLS, whatever the mode says.
  if (settings.host.startsWith('/')) return [false]
  if (ssl !== undefined) return [ssl === true ? {} : ssl]
  switch (sslMode) {
    case 'disable':
      return [false]
    case 'allow':
      return [false, tlsOptions(settings)]
    case 'prefer':
      return [tlsOptions(settings), false]
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return [tlsOptions(settings)]
  }
}

const tlsOptions = (settings: PostgresSettings): ConnectionOptions => {
  const { sslMode, sslRootCert, sslCert, sslKey, sslPassword } = settings
  // libpq: with a root certificate at hand, "require" checks the chain as "verify-ca" does.
  const chain =
    sslMode === 'verify-ca' ||
    sslMode === 'verify-full' ||
    (sslMode === 'require' && sslRootCert !== undefined)
  return {
    rejectUnauthorized: chain,
    ...(chain && sslMode !== 'verify-full' ? { checkServerIdentity: () => undefined } : {}),
    ...(sslRootCert === undefined || sslRootCert === 'system' || !chain
      ? {}
      : { ca: readFile('sslrootcert', sslRootCert) }),
    ...(sslCert === undefined ? {} : { cert: readFile('sslcert', sslCert) }),
    ...(sslKey === undefined ? {} : { key: readFile('sslkey', sslKey) }),
    ...(sslPassword === undefined ? {} : { passphrase: sslPassword }),
  }
}
