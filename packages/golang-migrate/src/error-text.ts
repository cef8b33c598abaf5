/** What golang-migrate says of a failed query. */
export interface QueryFailure {
  /** What the database client said. */
  readonly client: string
  readonly query: string
  /** What golang-migrate puts in front. */
  readonly message?: string
  readonly line?: number
  readonly cause?: unknown
}

/** A failed query in golang-migrate's words. */
export const queryError = ({ client, query, message = '', line = 0, cause }: QueryFailure): Error =>
  new Error(
    message === ''
      ? `${client} in line ${line}: ${query}`
      : `${message} in line ${line}: ${query} (details: ${client})`,
    { cause },
  )

/** Several errors as one: a line for each. */
export const joinErrors = (...errors: readonly (Error | undefined)[]): Error | undefined => {
  const present = errors.filter((error) => error !== undefined)
  if (present.length <= 1) return present[0]
  return new Error(present.map((error) => error.message).join('\n'), { cause: present[0] })
}

/** Whatever was thrown, as an error. */
export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown))

const systemTexts: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'connect: cannot assign requested address',
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'read: connection reset by peer',
  EEXIST: 'file exists',
  EHOSTUNREACH: 'connect: no route to host',
  EINVAL: 'invalid argument',
  EIO: 'input/output error',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'file name too long',
  ENETUNREACH: 'connect: network is unreachable',
  ENFILE: 'too many open files in system',
  ENOENT: 'no such file or directory',
  ENOMEM: 'cannot allocate memory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  ERR_INVALID_ARG_VALUE: 'invalid argument',
  ETIMEDOUT: 'connect: connection timed out',
}

/** The system's own name for an error, such as `ENOENT`. */
export const systemCode = (error: unknown): string | undefined => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** What the system says of an error, as Go writes it. */
export const systemText = (error: unknown): string => {
  const code = systemCode(error)
  return (code === undefined ? undefined : systemTexts[code]) ?? toError(error).message
}

/** What Go says of a port that is none, or nothing. */
export const portText = (port: string): string | undefined => {
  if (!/^\d+$/.test(port)) return `dial tcp: lookup tcp/${port}: unknown port`
  return Number(port) > 65_535 ? `dial tcp: address ${port}: invalid port` : undefined
}

/** What Go says when a connection cannot be made, or nothing where that was not the reason. */
export const dialText = (error: unknown, host: string, port: number): string | undefined => {
  const code = systemCode(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `dial tcp: lookup ${host}: ${code === 'ENOTFOUND' ? 'no such host' : 'server misbehaving'}`
  }
  const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : []
  const text = systemTexts[systemCode(first) ?? code ?? '']
  if (text === undefined) return undefined
  if (host.startsWith('/')) return `dial unix ${host}: connect: ${text.replace(/^connect: /, '')}`
  const { address = host } = (first ?? error) as { readonly address?: string }
  return `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port}: ${text}`
}
