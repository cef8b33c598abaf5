import { MigrateError } from '@mig/core/driver'

/** A way to log in, in the words of libpq's `require_auth`. */
export type LoginMethod = (typeof loginMethods)[number]

const loginMethods = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none'] as const

/** The ways to log in that the server may ask for. */
export type AllowedMethods = ReadonlySet<LoginMethod>

const invalid = (message: string): MigrateError =>
  new MigrateError('INVALID_OPTION', message, {
    hint: `Write some of ${loginMethods.join(', ')}, or all with "!" for what is not allowed.`,
    details: { option: 'require_auth' },
  })

/** Reads `require_auth`: a list of methods, or one of methods that are not allowed. Throws `INVALID_OPTION`. */
export const readAllowedMethods = (text: string | undefined): AllowedMethods | undefined => {
  if (text === undefined) return undefined
  const words = text.split(',').map((word) => word.trim())
  const negated = words.filter((word) => word.startsWith('!'))
  if (negated.length > 0 && negated.length < words.length) {
    throw invalid('require_auth names methods both with and without "!"')
  }
  const named = words.map((word) => {
    const name = word.replace(/^!/, '')
    const method = loginMethods.find((known) => known === name)
    if (method === undefined) throw invalid(`"${word}" is not a value for require_auth`)
    return method
  })
  if (new Set(named).size < named.length) throw invalid('require_auth names a method twice')
  return new Set(negated.length === 0 ? named : loginMethods.filter((m) => !named.includes(m)))
}
