import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { goQuote, systemText } from '@mig/golang-migrate'
import type { Parameters } from './parameters.ts'
import type { PostgresClient } from './url.ts'

/** One way to connect: encrypted with these options, or not. */
export type TlsAttempt = ConnectionOptions | false

const readFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`open ${path}: ${systemText(error)}`, { cause: error })
  }
}

const certificates = (parameters: Parameters): ConnectionOptions => {
  const folder = join(homedir(), '.postgresql')
  const certificate = parameters['sslcert'] ?? join(folder, 'postgresql.crt')
  if (!existsSync(certificate)) return {}
  const key = parameters['sslkey'] ?? join(folder, 'postgresql.key')
  return { cert: readFile(certificate), key: readFile(key) }
}

const authority = ({ sslrootcert }: Parameters): ConnectionOptions =>
  sslrootcert === undefined ? {} : { ca: readFile(sslrootcert) }

const anyHost = (): undefined => undefined

/** The ways to connect that a parameter `sslmode` means for a client, in order. */
export const tlsAttempts = (
  client: PostgresClient,
  parameters: Parameters,
): readonly TlsAttempt[] => {
  const mode = parameters['sslmode'] ?? ''
  const trusting = (): TlsAttempt => ({ ...certificates(parameters), rejectUnauthorized: false })
  const verifying = (): TlsAttempt => ({
    ...certificates(parameters),
    ...authority(parameters),
    checkServerIdentity: anyHost,
  })
  // A host that is a path is a socket, where nothing is encrypted.
  if (client !== 'pq' && parameters['host']?.startsWith('/') === true) return [false]
  switch (mode) {
    case 'disable':
      return [false]
    case 'require': {
      const root = parameters['sslrootcert']
      return [root !== undefined && existsSync(root) ? verifying() : trusting()]
    }
    case 'verify-ca':
      return [verifying()]
    case 'verify-full':
      return [{ ...certificates(parameters), ...authority(parameters) }]
    case 'allow':
    case 'prefer':
      if (client !== 'pq') return mode === 'allow' ? [false, trusting()] : [trusting(), false]
      throw unsupported(mode)
    default:
      if (client === 'pq') throw unsupported(mode)
      throw new Error('failed to configure TLS (sslmode is invalid)')
  }
}

const unsupported = (mode: string): Error =>
  new Error(
    `pq: unsupported sslmode ${goQuote(mode)}; only "require" (default), "verify-full", "verify-ca", and "disable" supported`,
  )
