import { refuseVariables } from '@mig/core/driver'
import { invalidOption } from './options.ts'

/** A connection text cut into its parts. Nothing is decoded but what {@link readAddress} says. */
export interface MysqlDsn {
  readonly user?: string
  readonly password?: string
  readonly host?: string
  readonly port?: number
  readonly socketPath?: string
  readonly database?: string
  readonly parameters: readonly (readonly [string, string])[]
}

interface Parts {
  readonly credentials: string | undefined
  readonly address: string
  readonly database: string
  readonly query: string
}

const scheme = /^(?:mysql|mariadb):(?:\/\/)?/i
const netAddress = /^[a-z][a-z0-9]*\(.*\)$/i
const hostAddress = /^[^()@/?]*$/

/**
 * Cuts by golang-migrate's rule: the last slash separates the database, the last `@` before it the credentials.
 *
 * Where that gives no address (a parameter with a slash in it, such as a path), the first cut that does is taken.
 */
const cut = (text: string): Parts | undefined => {
  const slash = text.lastIndexOf('/')
  if (slash === -1) return undefined
  const at = text.lastIndexOf('@', slash)
  const strict = partsOf(text, at, slash)
  if (strict !== undefined) return strict
  for (let next = -1; ; next = text.indexOf('@', next + 1)) {
    const address = /^(?:[a-z][a-z0-9]*\([^)]*\)|[^()@/?]*)\//i.exec(text.slice(next + 1))
    if (address !== null) {
      const parts = partsOf(text, next, next + address[0].length)
      if (parts !== undefined) return parts
    }
    if (text.indexOf('@', next + 1) === -1) return undefined
  }
}

const partsOf = (text: string, at: number, slash: number): Parts | undefined => {
  const address = text.slice(at + 1, slash)
  if (!netAddress.test(address) && !hostAddress.test(address)) return undefined
  const rest = text.slice(slash + 1)
  const question = rest.indexOf('?')
  const database = question === -1 ? rest : rest.slice(0, question)
  if (/[/@]/.test(database)) return undefined
  return {
    credentials: at === -1 ? undefined : text.slice(0, at),
    address,
    database,
    query: question === -1 ? '' : rest.slice(question + 1),
  }
}

/** Percent-decodes; text that is not an encoding stands for itself, so that a raw password works. */
const decode = (text: string, plusIsSpace: boolean): string => {
  try {
    return decodeURIComponent(plusIsSpace ? text.replaceAll('+', ' ') : text)
  } catch {
    return text
  }
}

/** No text of the URL goes into the message: it may be a part of the password. */
const malformed = (message: string): Error =>
  invalidOption(
    'database',
    `The database URL cannot be read: ${message}`,
    'Write mysql://user:password@host:3306/name or mysql://user:password@tcp(host:3306)/name. ' +
      'In a password, write @ as %40, / as %2F and ? as %3F.',
  )

const readPort = (text: string): number => {
  const port = Number(text)
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port
  throw malformed('what stands after the host is not a port')
}

const readHost = (text: string): Pick<MysqlDsn, 'host' | 'port'> => {
  if (text === '') return {}
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text)
  const [host = '', port] =
    bracketed !== null
      ? [bracketed[1], bracketed[2]]
      : text.split(':').length === 2
        ? text.split(':')
        : [text]
  return {
    ...(host === '' ? {} : { host }),
    ...(port === undefined || port === '' ? {} : { port: readPort(port) }),
  }
}

const readAddress = (address: string): Pick<MysqlDsn, 'host' | 'port' | 'socketPath'> => {
  const net = /^([a-z][a-z0-9]*)\((.*)\)$/i.exec(address)
  if (net === null) return readHost(address)
  const [, name = '', inner = ''] = net
  switch (name.toLowerCase()) {
    case 'tcp':
    case 'tcp4':
    case 'tcp6':
      return readHost(inner)
    case 'unix':
      return inner === '' ? {} : { socketPath: inner }
    default:
      throw malformed(`"${name}" is not a network; there are "tcp" and "unix"`)
  }
}

/**
 * Reads both forms: golang-migrate's `mysql://user:password@tcp(host:3306)/name?…` and the plain URL
 * `mysql://user:password@host:3306/name?…`.
 *
 * Throws `INVALID_OPTION`.
 */
export const parseMysqlDsn = (text: string): MysqlDsn => {
  const prefix = scheme.exec(text)
  if (prefix === null) throw malformed('it does not begin with mysql://')
  refuseVariables(
    text,
    'Write the value itself, or let the shell expand it; a "$" that is meant is %24.',
  )
  const rest = text.slice(prefix[0].length)
  const parts = cut(rest)
  if (parts === undefined) {
    throw malformed(
      rest.includes('/')
        ? 'what stands between @ and the last slash is not an address'
        : 'the slash before the database name is missing',
    )
  }
  const isNet = netAddress.test(parts.address)
  const colon = parts.credentials?.indexOf(':') ?? -1
  const user = colon === -1 ? parts.credentials : parts.credentials?.slice(0, colon)
  const password = colon === -1 ? undefined : parts.credentials?.slice(colon + 1)
  return {
    ...(user === undefined || user === '' ? {} : { user: decode(user, isNet) }),
    ...(password === undefined ? {} : { password: decode(password, isNet) }),
    ...readAddress(parts.address),
    ...(parts.database === ''
      ? {}
      : { database: isNet ? parts.database : decode(parts.database, false) }),
    parameters: parts.query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const equals = pair.indexOf('=')
        return equals === -1
          ? ([decode(pair, true), ''] as const)
          : ([decode(pair.slice(0, equals), true), decode(pair.slice(equals + 1), true)] as const)
      }),
  }
}
