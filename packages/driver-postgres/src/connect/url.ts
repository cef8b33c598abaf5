import { MigrateError, refuseVariables } from '@mig/core/driver'

/** A URL taken apart. Nothing is filled in. */
export interface PostgresUrl {
  readonly host?: string
  readonly port?: string
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly parameters: ReadonlyMap<string, string>
}

const invalid = (message: string, hint: string): MigrateError =>
  new MigrateError('INVALID_OPTION', message, { hint, details: { option: 'database' } })

const encodeHint =
  'Percent-encode the user and the password: "@" is %40, "/" is %2F, "?" is %3F, "#" is %23, "%" is %25.'

/** Decodes percent signs that encode something and leaves the others as they are. */
const decode = (text: string): string => {
  try {
    return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => decodeURIComponent(encoded))
  } catch {
    return text
  }
}

const hostAndPort = /^(?:\[([0-9a-f:.%a-z]+)\]|([^\s:@/?#[\]]*))(?::(\d*))?$/i

/**
 * Where the authority (`user:password@host:port`) ends. A raw password may hold `/`, `?` or `#`: then what stands
 * before the first of them is not a host, and the authority ends after the first `@` that a host follows.
 */
const endOfAuthority = (rest: string): number => {
  const standard = rest.search(/[/?#]/)
  const end = standard === -1 ? rest.length : standard
  const authority = rest.slice(0, end)
  if (authority.includes('@') || hostAndPort.test(authority)) return end
  for (let at = rest.indexOf('@', end); at !== -1; at = rest.indexOf('@', at + 1)) {
    const after = rest.slice(at + 1)
    const length = after.search(/[/?#]/)
    const host = length === -1 ? after : after.slice(0, length)
    if (hostAndPort.test(host)) return at + 1 + host.length
  }
  return end
}

/** Takes a `postgres://` URL apart. Passwords may stand raw as long as it is clear where they end. */
export const parsePostgresUrl = (url: string): PostgresUrl => {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0]
  if (scheme === undefined) {
    throw invalid(
      'The database URL does not begin with a scheme such as "postgres://"',
      'Write it as postgres://user:password@host:5432/database.',
    )
  }
  refuseVariables(
    url,
    'Write the value itself, or let the shell expand it; a "$" that is meant is %24.',
  )
  const rest = url.slice(scheme.length)
  const end = endOfAuthority(rest)
  const authority = rest.slice(0, end)
  const at = authority.lastIndexOf('@')
  const userinfo = at === -1 ? undefined : authority.slice(0, at)
  const server = authority.slice(at + 1)
  if (server.includes(',')) {
    throw invalid(
      'The database URL names more than one host',
      'Name the primary: migrations run on one server.',
    )
  }
  const match = hostAndPort.exec(server)
  if (match === null) {
    // What could not be read may be part of a password, so the message shows nothing of it.
    throw invalid('Host and port of the database URL cannot be read', encodeHint)
  }
  const query = rest.indexOf('?', end)
  const path = rest.slice(end, query === -1 ? undefined : query)
  if (/[@].*[/]/.test(path) || (path !== '' && !path.startsWith('/'))) {
    throw invalid('It is not clear where the password of the database URL ends', encodeHint)
  }
  const colon = userinfo?.indexOf(':') ?? -1
  const user = userinfo === undefined ? '' : userinfo.slice(0, colon === -1 ? undefined : colon)
  const host = decode(match[1] ?? match[2] ?? '')
  const port = match[3] ?? ''
  const database = decode(path.slice(1))
  return {
    ...(host === '' ? {} : { host }),
    ...(port === '' ? {} : { port }),
    ...(user === '' ? {} : { user: decode(user) }),
    ...(userinfo === undefined || colon === -1
      ? {}
      : { password: decode(userinfo.slice(colon + 1)) }),
    ...(database === '' ? {} : { database }),
    parameters: parseParameters(query === -1 ? '' : rest.slice(query + 1)),
  }
}

const parseParameters = (query: string): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = equals === -1 ? pair : pair.slice(0, equals)
    const value = equals === -1 ? '' : pair.slice(equals + 1)
    parameters.set(decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' ')))
  }
  return parameters
}
