import { unknownParameterNote } from '@mig/core/driver'
import { mysqlParameters } from './connection-parameters.ts'
import { parseMysqlDsn } from './url.ts'
import { invalidOption, type MysqlDriverOptions } from './options.ts'
import { joinTls, noWishes, takeTlsParameter } from './url-tls.ts'
import { readBoolean, readDuration, readNumber } from './url-values.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What a person should know of parameters without effect. Throws `INVALID_OPTION` for one that is refused. */
export const mysqlUrlNotes = (url: string): readonly string[] => {
  const notes = new Set<string>()
  for (const [name] of parseMysqlDsn(url).parameters) {
    const parameter = mysqlParameters.find(name)
    const note =
      parameter === undefined
        ? name.startsWith('x-')
          ? unknownParameterNote(name)
          : undefined
        : mysqlParameters.check(name, parameter)
    if (note !== undefined) notes.add(note)
  }
  return [...notes]
}

/** Reads a URL or DSN with its parameters. Throws `INVALID_OPTION`. */
export const readMysqlUrl = (url: string): MysqlDriverOptions => {
  const { parameters, ...place } = parseMysqlDsn(url)
  const options: Mutable<MysqlDriverOptions> = { ...place }
  const variables = new Map<string, string>()
  const tls = noWishes()
  for (const [name, value] of parameters) {
    const parameter = mysqlParameters.find(name)
    if (parameter === undefined) {
      if (!name.startsWith('x-')) variables.set(name, value)
      continue
    }
    mysqlParameters.check(name, parameter)
    const [first = name] = parameter.names
    if (parameter.fate === 'used' && !takeTlsParameter(tls, first, value)) {
      takeParameter(options, first, value)
    }
  }
  const mode = joinTls(tls)
  if (mode !== undefined) options.tls = mode
  if (variables.size > 0) options.sessionVariables = Object.fromEntries(variables)
  return options
}

const takeParameter = (options: Mutable<MysqlDriverOptions>, name: string, value: string): void => {
  switch (name) {
    case 'x-migrations-table':
      if (value !== '') options.migrationsTable = value
      break
    case 'x-trust-version-table':
      if (value !== '') options.trustVersionTable = readBoolean(name, value)
      break
    case 'x-no-lock':
      options.lock = value !== '' && readBoolean(name, value) ? 'none' : 'advisory'
      break
    case 'x-statement-timeout':
      if (value !== '') options.statementTimeoutMs = readNumber(name, value, 'milliseconds')
      break
    case 'timeout':
      options.connectTimeoutMs = readDuration(name, value)
      break
    case 'connectTimeout':
      options.connectTimeoutMs = readNumber(name, value, 'milliseconds')
      break
    case 'connect-timeout':
      options.connectTimeoutMs = 1000 * readNumber(name, value, 'seconds')
      break
    case 'collation':
    case 'connectionCollation':
      options.collation = value
      break
    case 'charset': {
      // Java calls it UTF-8, and means all of it.
      const charset = value.split(',')[0]?.replace(/^utf-8$/i, 'utf8mb4') ?? ''
      options.collation ??= `${charset}_general_ci`
      break
    }
    case 'allowCleartextPasswords':
      options.allowCleartextPassword = readBoolean(name, value)
      break
    case 'serverPubKey':
      if (value !== '') options.serverPublicKeyFile = value
      break
    case 'get-server-public-key':
      options.allowPublicKeyRetrieval = readBoolean(name, value)
      break
    default:
      takePlace(options, name, value)
  }
}

/** Where the server is and who we are. What the URL itself says goes before its parameters. */
const takePlace = (options: Mutable<MysqlDriverOptions>, name: string, value: string): void => {
  switch (name) {
    case 'user':
    case 'password':
    case 'database':
    case 'host':
      if (value !== '') options[name] ??= value
      break
    case 'port':
      options.port ??= readNumber(name, value, 'ports')
      break
    case 'socket':
      if (value === '') break
      options.socketPath ??= value
      break
    case 'allowNativePasswords':
      if (!readBoolean(name, value)) throw cannot(name, value)
      break
    case 'insecureAuth':
      if (readBoolean(name, value)) throw cannot(name, value)
      break
    case 'protocol': {
      const socket = /^socket$/i.test(value)
      if (socket ? options.socketPath === undefined : !/^tcp$/i.test(value))
        throw cannot(name, value)
      break
    }
    default:
      throw new Error(`The parameter "${name}" is said to be used, and is not`)
  }
}

const cannot = (name: string, value: string): Error =>
  invalidOption(name, `mig cannot do what ${name}=${value} asks for`, 'Leave it out.')
