import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { MigrateError } from '@mig/core/driver'
import type { PostgresSettings } from './options.ts'

/** What to connect with, in this order, until one is not refused for its TLS. `false` is plain text. */
export type TlsAttempts = readonly [false | ConnectionOptions, ...(false | ConnectionOptions)[]]

const invalid = (option: string, message: string, hint: string, cause?: unknown): MigrateError =>
  new MigrateError('INVALID_OPTION', message, { hint, details: { option }, cause })

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

/** A file of the user's own folder, as libpq looks for it, if it is there. */
const ownFile = (name: string): string | undefined => {
  const data = process.env['APPDATA']
  const folder =
    process.platform === 'win32' && data !== undefined
      ? join(data, 'postgresql')
      : join(homedir(), '.postgresql')
  const path = join(folder, name)
  return existsSync(path) ? path : undefined
}

/** Reads the certificates that a mode needs. Throws `INVALID_OPTION` for a file that cannot be read. */
export const tlsAttempts = (settings: PostgresSettings): TlsAttempts => {
  const { sslMode, ssl } = settings
  // A Unix socket has no TLS, whatever the mode says.
  if ((settings.hostAddress ?? settings.host).startsWith('/')) return [false]
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
  const { sslMode, sslMinVersion, sslMaxVersion, host, hostAddress } = settings
  const rootCert = settings.sslRootCert ?? ownFile('root.crt')
  // libpq: with a root certificate at hand, "require" checks the chain as "verify-ca" does.
  const chain =
    sslMode === 'verify-ca' ||
    sslMode === 'verify-full' ||
    (sslMode === 'require' && rootCert !== undefined)
  return {
    rejectUnauthorized: chain,
    ...(chain && sslMode !== 'verify-full' ? { checkServerIdentity: () => undefined } : {}),
    ...(rootCert === undefined || rootCert === 'system' || !chain
      ? {}
      : { ca: readFile('sslrootcert', rootCert) }),
    ...revocations(settings, chain),
    ...clientCertificate(settings),
    ...(sslMinVersion === undefined ? {} : { minVersion: sslMinVersion }),
    ...(sslMaxVersion === undefined ? {} : { maxVersion: sslMaxVersion }),
    // The client would check the certificate against the address that it connects to.
    ...(hostAddress === undefined ? {} : { host, servername: host }),
  }
}

/** Lists of revoked certificates. They say something only where the chain is checked. */
const revocations = (
  { sslCrl, sslCrlDir }: PostgresSettings,
  chain: boolean,
): Pick<ConnectionOptions, 'crl'> => {
  const option = sslCrl === undefined ? 'sslcrldir' : 'sslcrl'
  if (!chain) {
    if (sslCrl === undefined && sslCrlDir === undefined) return {}
    throw invalid(
      option,
      `${option} says which certificates are revoked, and none is checked`,
      'Write sslmode=verify-full, with sslrootcert=FILE where the authority is your own.',
    )
  }
  const folder = sslCrlDir === undefined ? [] : crlsOf(sslCrlDir)
  const file = sslCrl ?? (sslCrlDir === undefined ? ownFile('root.crl') : undefined)
  const crl = [...(file === undefined ? [] : [readFile('sslcrl', file)]), ...folder]
  return crl.length === 0 ? {} : { crl }
}

const crlsOf = (folder: string): readonly Buffer[] => {
  try {
    return readdirSync(folder)
      .filter((name) => /^[0-9a-f]{8}\.r\d+$/i.test(name))
      .map((name) => readFile('sslcrldir', join(folder, name)))
  } catch (error) {
    throw invalid('sslcrldir', `The folder "${folder}" cannot be read`, 'Check sslcrldir.', error)
  }
}

/** The client's certificate: the one that is named, or that of the user's own folder. */
const clientCertificate = (
  settings: PostgresSettings,
): Pick<ConnectionOptions, 'cert' | 'key' | 'passphrase'> => {
  const { sslPassword, withoutClientCert } = settings
  const cert = settings.sslCert ?? ownFile('postgresql.crt')
  if (withoutClientCert || cert === undefined) return {}
  const key = settings.sslKey ?? ownFile('postgresql.key')
  if (key === undefined) {
    throw invalid(
      'sslkey',
      `sslcert names "${cert}", the certificate of the client, and there is no key for it`,
      'Give the key with sslkey=FILE. If it is the certificate of the server or its authority, write sslrootcert=FILE.',
    )
  }
  requirePrivate(key)
  return {
    cert: readFile('sslcert', cert),
    key: readFile('sslkey', key),
    ...(sslPassword === undefined ? {} : { passphrase: sslPassword }),
  }
}

/** As libpq does, refuses a key that others may read; one of root may be read by a group. */
const requirePrivate = (path: string): void => {
  if (process.platform === 'win32') return
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  const open = stats.uid === 0 ? 0o037 : 0o077
  if ((stats.mode & open) === 0) return
  throw invalid(
    'sslkey',
    `Others may read the private key "${path}"`,
    `Close it to them: chmod 600 ${path}`,
  )
}
