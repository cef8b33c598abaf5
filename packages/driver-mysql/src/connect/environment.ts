import { MigrateError } from '@mig/core/driver'
import type { MysqlDriverOptions } from './options.ts'

const readPort = (name: string, value: string): number => {
  const port = Number(value)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new MigrateError('INVALID_OPTION', `${name} is "${value}", which is not a port`, {
    details: { option: name },
  })
}

/**
 * Fills what a URL leaves out from the variables of MySQL's own client, and of its container images.
 *
 * A URL that names a host keeps its port and never goes over a socket.
 */
export const withEnvironment = (
  options: MysqlDriverOptions,
  environment: Readonly<Record<string, string>>,
): MysqlDriverOptions => {
  const filled: { -readonly [K in keyof MysqlDriverOptions]: MysqlDriverOptions[K] } = {
    ...options,
  }
  const given = (name: string): string | undefined => environment[name] || undefined

  if (options.host === undefined && options.socketPath === undefined) {
    const host = given('MYSQL_HOST')
    const socketPath = given('MYSQL_UNIX_PORT')
    const port = given('MYSQL_TCP_PORT')
    const local = host === undefined || host === 'localhost'
    if (local && socketPath !== undefined && options.port === undefined) {
      filled.socketPath = socketPath
    } else {
      if (host !== undefined) filled.host = host
      if (options.port === undefined && port !== undefined)
        filled.port = readPort('MYSQL_TCP_PORT', port)
    }
  }
  const user = given('MYSQL_USER')
  const password = given('MYSQL_PWD') ?? given('MYSQL_PASSWORD')
  const database = given('MYSQL_DATABASE')
  if (options.user === undefined && user !== undefined) filled.user = user
  if (options.password === undefined && password !== undefined) filled.password = password
  if (options.database === undefined && database !== undefined) filled.database = database
  return filled
}
