import { goAtoi, goParseBool, goUnescape, toError } from '@mig/golang-migrate'

/** A DSN of golang-migrate's MySQL client, taken apart. It is no URL. */
export interface MysqlDsn {
  readonly user: string
  readonly password: string
  readonly network: string
  readonly address: string
  readonly database: string
  /** Parameters by name, the last of each, values as they stand. */
  readonly parameters: ReadonlyMap<string, string>
}

const noSlash = 'invalid DSN: missing the slash separating the database name'
const unclosed = 'invalid DSN: network address not terminated (missing closing brace)'
const strayText = 'invalid DSN: did you forget to escape a param value?'

/** Takes a DSN apart: the last slash ends the address, the last `@` before it the credentials. */
export const parseDsn = (dsn: string): MysqlDsn => {
  const slash = dsn.lastIndexOf('/')
  if (slash < 0 && dsn !== '') throw new Error(noSlash)
  const left = dsn.slice(0, Math.max(slash, 0))
  const at = left.lastIndexOf('@')
  const [database, query] = cut(dsn.slice(slash + 1), '?')
  return {
    ...readCredentials(left.slice(0, Math.max(at, 0))),
    ...readAddress(left.slice(at + 1)),
    database,
    parameters: readParameters(query ?? ''),
  }
}

const cut = (text: string, separator: string): readonly [string, string?] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

const readCredentials = (text: string): Pick<MysqlDsn, 'user' | 'password'> => {
  const [user, password = ''] = cut(text, ':')
  try {
    return { user: goUnescape(user, 'query'), password: goUnescape(password, 'query') }
  } catch (error) {
    // Only the password is a secret, and the message quotes a piece of what cannot be read.
    if (/%(?![0-9A-Fa-f]{2})/.test(user)) throw error
    throw new Error('invalid URL escape "***"')
  }
}

const readAddress = (text: string): Pick<MysqlDsn, 'network' | 'address'> => {
  const [network, rest] = cut(text, '(')
  if (rest === undefined) return { network, address: '' }
  if (!rest.endsWith(')')) throw new Error(rest.includes(')') ? strayText : unclosed)
  return { network, address: rest.slice(0, -1) }
}

const readParameters = (query: string): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&')) {
    const [name, value] = cut(pair, '=')
    if (value !== undefined) parameters.set(name, value)
  }
  return parameters
}

/** What golang-migrate itself takes from the parameters. */
export interface MysqlDropInSettings {
  readonly migrationsTable: string
  readonly noLock: boolean
  readonly statementTimeoutMs: number
}

/** Reads golang-migrate's own parameters. */
export const readSettings = ({ parameters }: MysqlDsn): MysqlDropInSettings => {
  const read = (name: string): string => goUnescape(parameters.get(name) ?? '', 'query')
  const table = read('x-migrations-table')
  const noLock = read('x-no-lock')
  const timeout = read('x-statement-timeout')
  return {
    migrationsTable: table === '' ? 'schema_migrations' : table,
    noLock: noLock !== '' && prefixed('could not parse x-no-lock as bool', goParseBool, noLock),
    statementTimeoutMs:
      timeout === ''
        ? 0
        : Number(prefixed('could not parse x-statement-timeout as float', goAtoi, timeout)),
  }
}

const prefixed = <Value>(prefix: string, read: (text: string) => Value, text: string): Value => {
  try {
    return read(text)
  } catch (error) {
    throw new Error(`${prefix}: ${toError(error).message}`, { cause: error })
  }
}
