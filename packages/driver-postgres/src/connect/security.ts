import type { SecureVersion } from 'node:tls'
import { MigrateError } from '@mig/core/driver'
import { readAllowedMethods, type AllowedMethods } from './allowed-methods.ts'
import type { GivenParameters } from './given.ts'

/** How much TLS a connection wants, in libpq's words. */
type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

/** All of them, from the least to the most. */
const sslModes: readonly SslMode[] = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
]

/** Whether the login is tied to the TLS connection, in libpq's words. */
type ChannelBinding = 'disable' | 'prefer' | 'require'

/** What keeps others from listening to a connection, or from answering in the server's place. */
export interface PostgresSecurity {
  readonly sslMode: SslMode
  readonly sslRootCert: string | undefined
  readonly sslCert: string | undefined
  readonly sslKey: string | undefined
  readonly sslPassword: string | undefined
  readonly sslCrl: string | undefined
  readonly sslCrlDir: string | undefined
  readonly sslMinVersion: SecureVersion | undefined
  readonly sslMaxVersion: SecureVersion | undefined
  /** No client certificate is sent, not even the one of the user's own folder. */
  readonly withoutClientCert: boolean
  readonly directTls: boolean
  readonly channelBinding: ChannelBinding
  readonly allowedMethods: AllowedMethods | undefined
}

const invalid = (option: string, message: string, hint: string): MigrateError =>
  new MigrateError('INVALID_OPTION', message, { hint, details: { option } })

/** Reads one of several words. Throws `INVALID_OPTION` for any other. */
export const readWord = <T extends string>(
  option: string,
  value: string,
  words: readonly T[],
): T => {
  const known = words.find((word) => word === value)
  if (known !== undefined) return known
  throw invalid(
    option,
    `"${value}" is not a value for ${option}`,
    `It is one of ${words.join(', ')}.`,
  )
}

const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

const readVersion = (option: string, value: string | undefined): SecureVersion | undefined => {
  if (value === undefined) return undefined
  const known = versions.find((version) => version.toLowerCase() === value.toLowerCase())
  return known ?? readWord(option, value, versions)
}

/** `ssl` of node-postgres and of Postgres.js. Both check the certificate where it is just `true`. */
const sslWords: Readonly<Record<string, SslMode>> = {
  true: 'verify-full',
  '1': 'verify-full',
  false: 'disable',
  '0': 'disable',
  'no-verify': 'require',
}

const readMode = (given: GivenParameters): SslMode | undefined => {
  const read = (option: string, value: string): SslMode =>
    value === 'no-verify' ? 'require' : readWord(option, value, sslModes)
  const inUrl = given.inUrl('sslmode')
  if (inUrl !== undefined) return read('sslmode', inUrl)
  const ssl = given.read('ssl')
  if (ssl !== undefined) return sslWords[ssl] ?? read('ssl', ssl)
  const mode = given.read('sslmode')
  if (mode !== undefined) return read('sslmode', mode)
  return given.read('requiressl')?.startsWith('1') === true ? 'require' : undefined
}

/** `sslaccept` of Prisma says whether the certificate is checked. */
const withAccept = (mode: SslMode | undefined, accept: string | undefined): SslMode | undefined => {
  if (accept === undefined) return mode
  const strict = readWord('sslaccept', accept, ['strict', 'accept_invalid_certs']) === 'strict'
  const checks = mode === 'verify-ca' || mode === 'verify-full'
  if (strict ? mode === 'disable' : checks) throw contradiction('sslaccept', 'sslmode')
  return strict ? 'verify-full' : (mode ?? 'require')
}

const contradiction = (one: string, other: string): MigrateError =>
  invalid(one, `${one} and ${other} contradict each other`, `Say it once, with ${other}.`)

/** Reads and checks all of it. Throws `INVALID_OPTION` for what cannot be, or would be weaker than it sounds. */
export const resolveSecurity = (given: GivenParameters): PostgresSecurity => {
  const { read } = given
  const named = withAccept(readMode(given), read('sslaccept'))
  const sslRootCert = read('sslrootcert')
  const sslMode = named ?? (sslRootCert === 'system' ? 'verify-full' : 'prefer')
  if (sslRootCert === 'system' && sslMode !== 'verify-full') {
    throw invalid(
      'sslmode',
      `sslmode=${sslMode} is too weak for sslrootcert=system`,
      'Anybody can have a certificate of these authorities. Write sslmode=verify-full.',
    )
  }
  const directTls =
    readWord('sslnegotiation', read('sslnegotiation') ?? 'postgres', ['postgres', 'direct']) ===
    'direct'
  if (directTls && sslModes.indexOf(sslMode) < sslModes.indexOf('require')) {
    throw invalid(
      'sslnegotiation',
      `sslmode=${sslMode} is too weak for sslnegotiation=direct`,
      'Write sslmode=require, verify-ca or verify-full.',
    )
  }
  const certMode = readWord('sslcertmode', read('sslcertmode') ?? 'allow', [
    'disable',
    'allow',
    'require',
  ])
  if (certMode === 'require') {
    throw invalid(
      'sslcertmode',
      'mig cannot do what sslcertmode=require asks for',
      'Node.js does not say whether a server asked for the certificate. Leave sslcertmode out.',
    )
  }
  refuseGssapi(read('gssencmode'))
  const [sslMinVersion, sslMaxVersion] = [
    readVersion('ssl_min_protocol_version', read('ssl_min_protocol_version')),
    readVersion('ssl_max_protocol_version', read('ssl_max_protocol_version')),
  ]
  if (
    sslMinVersion !== undefined &&
    sslMaxVersion !== undefined &&
    versions.indexOf(sslMinVersion) > versions.indexOf(sslMaxVersion)
  ) {
    throw invalid(
      'ssl_min_protocol_version',
      'ssl_min_protocol_version is above ssl_max_protocol_version',
      'Leave one of them out.',
    )
  }
  return {
    sslMode,
    sslRootCert,
    sslCert: read('sslcert'),
    sslKey: read('sslkey'),
    sslPassword: read('sslpassword'),
    sslCrl: read('sslcrl'),
    sslCrlDir: read('sslcrldir'),
    sslMinVersion,
    sslMaxVersion,
    withoutClientCert: certMode === 'disable',
    directTls,
    channelBinding: readWord('channel_binding', bindingOf(given), ['disable', 'prefer', 'require']),
    allowedMethods: readAllowedMethods(read('require_auth')),
  }
}

const bindingOf = ({ read }: GivenParameters): string => {
  const enabled = read('enableChannelBinding')
  const fallback = enabled === 'false' || enabled === '0' ? 'disable' : 'prefer'
  return read('channel_binding') ?? fallback
}

const refuseGssapi = (mode = 'prefer'): void => {
  if (readWord('gssencmode', mode, ['disable', 'prefer', 'require']) !== 'require') return
  throw invalid(
    'gssencmode',
    'mig cannot do what gssencmode=require asks for',
    'mig has no GSSAPI. Encrypt with TLS: sslmode=verify-full.',
  )
}
