import { isIPv6 } from 'node:net'
import { goEscape, goUnescape, isValidEncoded } from './go-escape.ts'
import { goQuote } from './go-strconv.ts'
import { maskUrl, maskWithin } from './mask-url.ts'

/** A URL as Go's `net/url` reads it. The WHATWG parser of Node reads many of them differently. */
export interface GoUrl {
  readonly scheme: string
  /** What follows the colon where no slash does. */
  readonly opaque: string
  readonly user?: { readonly name: string; readonly password?: string }
  /** Host and port, case kept. */
  readonly host: string
  /** Decoded. */
  readonly path: string
  readonly rawPath: string
  readonly rawQuery: string
  readonly forceQuery: boolean
  readonly omitHost: boolean
  readonly fragment: string
}

const cut = (text: string, separator: string): readonly [string, string] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** Reads a URL. The message of the error is Go's, but for a password, which is masked. */
export const parseGoUrl = (url: string): GoUrl => {
  const [withoutFragment, fragment] = cut(url, '#')
  try {
    const parsed = parse(withoutFragment)
    return { ...parsed, fragment: goUnescape(fragment, 'fragment') }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const shown = maskUrl(url) === url ? withoutFragment : maskUrl(url)
    throw new Error(`parse ${goQuote(shown)}: ${maskWithin(reason, url)}`, { cause: error })
  }
}

const parse = (url: string): Omit<GoUrl, 'fragment'> => {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(url)) throw new Error('net/url: invalid control character in URL')
  const [scheme, afterScheme] = splitScheme(url)
  const forceQuery = afterScheme.indexOf('?') === afterScheme.length - 1 && afterScheme !== ''
  const [rest, rawQuery] = cut(afterScheme, '?')
  const common = { scheme, rawQuery, forceQuery, opaque: '', host: '', omitHost: false }
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...common, opaque: rest, ...readPath('') }
    if (cut(rest, '/')[0].includes(':')) {
      throw new Error('first path segment in URL cannot contain colon')
    }
    return { ...common, ...readPath(rest) }
  }
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///'))) {
    return { ...common, omitHost: scheme !== '', ...readPath(rest) }
  }
  const authority = /^[^/]*/.exec(rest.slice(2))?.[0] ?? ''
  return {
    ...common,
    ...readAuthority(authority),
    ...readPath(rest.slice(2 + authority.length)),
  }
}

const splitScheme = (url: string): readonly [string, string] => {
  if (url.startsWith(':')) throw new Error('missing protocol scheme')
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]
  return scheme === undefined ? ['', url] : [scheme.toLowerCase(), url.slice(scheme.length + 1)]
}

const readPath = (text: string): Pick<GoUrl, 'path' | 'rawPath'> => {
  const path = goUnescape(text, 'path')
  return { path, rawPath: goEscape(path, 'path') === text ? '' : text }
}

const readAuthority = (authority: string): Pick<GoUrl, 'host' | 'user'> => {
  const at = authority.lastIndexOf('@')
  const host = readHost(authority.slice(at + 1))
  if (at < 0) return { host }
  const userinfo = authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) {
    throw new Error('net/url: invalid userinfo')
  }
  const [name, password] = cut(userinfo, ':')
  const user = { name: goUnescape(name, 'userinfo') }
  return userinfo.includes(':')
    ? { host, user: { ...user, password: goUnescape(password, 'userinfo') } }
    : { host, user }
}

const requirePort = (text: string): void => {
  if (!/^(?::[0-9]*)?$/.test(text)) throw new Error(`invalid port ${goQuote(text)} after host`)
}

const readHost = (host: string): string => {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) throw new Error('invalid IP-literal')
  if (bracket === 0) {
    const end = host.lastIndexOf(']')
    if (end < 0) throw new Error("missing ']' in host")
    requirePort(host.slice(end + 1))
    const address = host.slice(1, end).replace('%25', '%')
    if (isIPv6(address)) return `[${address}]${host.slice(end + 1)}`
    throw new Error(`invalid host: ParseAddr(${goQuote(address)}): unable to parse IP`)
  }
  const colon = host.lastIndexOf(':')
  if (colon >= 0) requirePort(host.slice(colon))
  return goUnescape(host, 'host')
}

/** Writes a URL as Go does, which is what database clients get to see. */
export const formatGoUrl = (url: GoUrl): string => {
  const fragment = url.fragment === '' ? '' : `#${goEscape(url.fragment, 'fragment')}`
  const query = url.forceQuery || url.rawQuery !== '' ? `?${url.rawQuery}` : ''
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`
  return `${scheme}${url.opaque === '' ? formatPlace(url) : url.opaque}${query}${fragment}`
}

const formatPlace = ({ scheme, user, host, path, rawPath, omitHost }: GoUrl): string => {
  const valid = rawPath !== '' && isValidEncoded(rawPath, 'path')
  const escapedPath = valid ? rawPath : goEscape(path, 'path')
  const hasPlace = host !== '' || user !== undefined
  if ((scheme === '' && !hasPlace) || (omitHost && !hasPlace)) return escapedPath
  const slashes = hasPlace || path !== '' ? '//' : ''
  const gap = escapedPath !== '' && !escapedPath.startsWith('/') && host !== '' ? '/' : ''
  return `${slashes}${formatUser(user)}${goEscape(host, 'host')}${gap}${escapedPath}`
}

const formatUser = (user: GoUrl['user']): string => {
  if (user === undefined) return ''
  const password = user.password === undefined ? '' : `:${goEscape(user.password, 'userinfo')}`
  return `${goEscape(user.name, 'userinfo')}${password}@`
}

/** What golang-migrate takes for the scheme of a URL, also of one that is none: all before the first colon. */
export const schemeOfUrl = (url: string): string => {
  if (url === '') throw new Error('URL cannot be empty')
  const colon = url.indexOf(':')
  if (colon < 1) throw new Error('no scheme')
  return url.slice(0, colon)
}
