import { invalidOption, type MysqlTlsMode, type MysqlTlsOptions } from './options.ts'
import { asBoolean, readBoolean } from './url-values.ts'

/** How much TLS a parameter asks for, from the least to the most. */
const levels = ['off', 'preferred', 'encrypted', 'verify-ca', 'verify-full'] as const
type Level = (typeof levels)[number]

type Files = { -readonly [K in keyof MysqlTlsOptions]: MysqlTlsOptions[K] }

/** What one parameter asks for. */
interface Wish {
  readonly name: string
  readonly level: Level
  /** It says that no certificate is checked, rather than nothing about it. */
  readonly unchecked?: boolean
}

/** What all TLS parameters of a URL ask for, put together. */
export interface TlsWishes {
  readonly wishes: Wish[]
  readonly files: Files
  /** `tls` has the name of a configuration, which needs its authority. */
  custom: boolean
}

/** Nothing yet. */
export const noWishes = (): TlsWishes => ({ wishes: [], files: {}, custom: false })

const modes: Readonly<Record<string, Level>> = {
  DISABLED: 'off',
  DISABLE: 'off',
  PREFERRED: 'preferred',
  PREFER: 'preferred',
  REQUIRED: 'encrypted',
  REQUIRE: 'encrypted',
  TRUST: 'encrypted',
  VERIFY_CA: 'verify-ca',
  VERIFY_IDENTITY: 'verify-full',
  VERIFY_FULL: 'verify-full',
}

const readMode = (name: string, value: string): Wish => {
  const level = Object.entries(modes).find(
    ([word]) => word === value.toUpperCase().replaceAll('-', '_'),
  )?.[1]
  if (level !== undefined) return { name, level, unchecked: level === 'encrypted' }
  throw invalidOption(
    name,
    `"${value}" is not a value for ${name}`,
    'There are DISABLED, PREFERRED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY.',
  )
}

const readTls = (wishes: TlsWishes, name: string, value: string): Wish => {
  const known = asBoolean(value)
  if (known !== undefined) return { name, level: known ? 'verify-full' : 'off' }
  if (value === 'skip-verify') return { name, level: 'encrypted', unchecked: true }
  if (value === 'preferred') return { name, level: 'preferred' }
  wishes.custom = true
  return { name, level: 'verify-full' }
}

const sslHint =
  'Write tls=true, or ssl={"rejectUnauthorized":true}; the authority of a certificate is x-tls-ca=FILE.'

/** `ssl` of mysql2: a boolean, or its options as JSON, as PlanetScale hands them out. */
const readSsl = (files: Files, name: string, value: string): Wish => {
  const known = value === '' ? true : asBoolean(value)
  if (known !== undefined) return { name, level: known ? 'verify-full' : 'off' }
  const refuse = (what: string): Error => invalidOption(name, what, sslHint)
  let options: unknown
  try {
    options = JSON.parse(value)
  } catch {
    throw refuse('ssl is neither true nor false nor JSON')
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw refuse('ssl is JSON, and not an object')
  }
  let rejects = true
  for (const [key, item] of Object.entries(options)) {
    if (key === 'rejectUnauthorized' && typeof item === 'boolean') rejects = item
    else if (key === 'verifyIdentity' && item === true) continue
    else if (key === 'ca' && typeof item === 'string') files.ca = item
    else if ((key === 'minVersion' || key === 'maxVersion') && isVersion(item)) files[key] = item
    else throw refuse(`mig cannot do what "${key}" asks for inside ssl`)
  }
  return { name, level: rejects ? 'verify-full' : 'encrypted', unchecked: !rejects }
}

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

const isVersion = (value: unknown): value is (typeof versions)[number] =>
  versions.some((version) => version === value)

const readVersions = (files: Files, name: string, value: string): undefined => {
  const named = value.split(',').map((word) => word.trim())
  const known = versions.filter((version) => named.includes(version))
  if (known.length < named.length) {
    throw invalidOption(name, `"${value}" is not a value for ${name}`, 'Write TLSv1.2,TLSv1.3.')
  }
  files.minVersion = known[0]
  files.maxVersion = known.at(-1)
}

const readAccept = (name: string, value: string): Wish => {
  if (value === 'strict') return { name, level: 'verify-full' }
  if (value === 'accept_invalid_certs') return { name, level: 'encrypted', unchecked: true }
  throw invalidOption(
    name,
    `"${value}" is not a value for ${name}`,
    'Write "strict" or "accept_invalid_certs".',
  )
}

const whenTrue = (name: string, value: string, wish: Omit<Wish, 'name'>): Wish | undefined =>
  readBoolean(name, value) ? { name, ...wish } : undefined

const readFile = (
  files: Files,
  key: 'caFile' | 'certFile' | 'keyFile',
  value: string,
): undefined => {
  if (value !== '') files[key] = value
}

/** Takes a parameter in, by its first name, if it is about TLS. Throws `INVALID_OPTION`. */
export const takeTlsParameter = (wishes: TlsWishes, name: string, value: string): boolean => {
  const { files } = wishes
  const read = (): Wish | undefined | false => {
    switch (name) {
      case 'tls':
        return readTls(wishes, name, value)
      case 'ssl-mode':
        return readMode(name, value)
      case 'ssl':
        return readSsl(files, name, value)
      case 'sslaccept':
        return readAccept(name, value)
      case 'useSSL':
        return { name, level: readBoolean(name, value) ? 'encrypted' : 'off' }
      case 'requireSSL':
        return whenTrue(name, value, { level: 'encrypted' })
      case 'trustServerCertificate':
        return whenTrue(name, value, { level: 'encrypted', unchecked: true })
      case 'ssl_verify_cert':
        return whenTrue(name, value, { level: 'verify-ca' })
      case 'ssl-verify-server-cert':
        return whenTrue(name, value, { level: 'verify-full' })
      case 'x-tls-insecure-skip-verify':
        if (value !== '') files.skipVerify = readBoolean(name, value)
        return undefined
      case 'x-tls-ca':
      case 'ssl-ca':
      case 'sslcert':
        return readFile(files, 'caFile', value)
      case 'x-tls-cert':
      case 'ssl-cert':
        return readFile(files, 'certFile', value)
      case 'x-tls-key':
      case 'ssl-key':
        return readFile(files, 'keyFile', value)
      case 'tls-version':
        return readVersions(files, name, value)
      default:
        return false
    }
  }
  const wish = read()
  if (wish !== undefined && wish !== false) wishes.wishes.push(wish)
  return wish !== false
}

/**
 * What the parameters mean together: the most that one of them asks for. An authority or a certificate alone asks for a
 * checked connection. Throws `INVALID_OPTION` for parameters that contradict each other: none of them may get less than
 * it says.
 */
export const joinTls = ({
  wishes,
  files,
  custom,
}: TlsWishes): MysqlTlsMode | MysqlTlsOptions | undefined => {
  const authority = files.caFile ?? files.ca
  if (custom && authority === undefined) {
    throw invalidOption(
      'tls',
      'A TLS configuration by name needs its authority',
      'Give x-tls-ca, or write tls=true, tls=skip-verify, tls=preferred or tls=false.',
    )
  }
  const contradicts = (name: string, other: string): Error =>
    invalidOption(
      name,
      `${name} and ${other} contradict each other`,
      'Leave one of them out. With x-tls-ca alone, or with tls=true, the certificate of the server is checked.',
    )
  const byLevel = wishes.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level))
  const [least, most] = [byLevel[0], byLevel.at(-1)]
  if (least !== undefined && most !== undefined && least.level === 'off' && most.level !== 'off') {
    throw contradicts(least.name, most.name)
  }
  const asks = Object.entries(files).some(([key, value]) => key !== 'skipVerify' || value === true)
  // Only a configuration with a name of its own may have an authority and check nothing, as golang-migrate has it.
  const level: Level | undefined =
    authority !== undefined && most?.level === 'encrypted' && most.unchecked !== true
      ? 'verify-full'
      : (most?.level ?? (asks ? 'verify-full' : undefined))
  const name = most?.name ?? 'tls'
  if (level === undefined || level === 'off' || level === 'preferred') {
    if (!asks) return level === 'off' ? false : level
    throw contradicts(name, nameOf(files))
  }
  if (authority !== undefined && level === 'encrypted') throw contradicts(name, 'x-tls-ca')
  const checks = wishes.some((wish) => wish.level.startsWith('verify'))
  if (files.skipVerify === true && checks && !custom) {
    throw contradicts(name, 'x-tls-insecure-skip-verify')
  }
  return optionsOf(level, files, custom)
}

const nameOf = (files: Files): string => {
  if (files.caFile !== undefined) return 'x-tls-ca'
  if (files.certFile !== undefined || files.keyFile !== undefined) return 'x-tls-cert'
  return files.skipVerify === undefined ? 'tls-version' : 'x-tls-insecure-skip-verify'
}

const optionsOf = (level: Level, files: Files, custom: boolean): MysqlTlsMode | MysqlTlsOptions => {
  const isFile = Object.keys(files).length > 0
  if (level === 'encrypted') return isFile ? { ...files, skipVerify: true } : 'skip-verify'
  if (level === 'verify-ca') return { ...files, verifyHost: false }
  return isFile || custom ? files : true
}
