import { resolve } from 'node:path'
import type { DatabaseTarget, DriverFactory, DriverUrlContext } from '@mig/core/driver'
import { withEnvironment } from './connect/environment.ts'
import { mysqlDriver } from './factory.ts'
import { resolveOptions, type MysqlDriverOptions } from './connect/options.ts'
import { mysqlUrlNotes, readMysqlUrl } from './connect/url-options.ts'

/** The options of a URL: files are looked for where the URL stands, variables of the client fill what it leaves out. */
const read = (url: string, { environment, folder }: DriverUrlContext): MysqlDriverOptions => {
  const options = readMysqlUrl(url)
  return withEnvironment(
    folder === undefined ? options : inFolder(options, folder),
    environment ?? {},
  )
}

const fileOptions = ['caFile', 'certFile', 'keyFile'] as const

const inFolder = (options: MysqlDriverOptions, folder: string): MysqlDriverOptions => {
  const { tls } = options
  if (typeof tls !== 'object') return options
  const files = fileOptions.flatMap((name) => {
    const path = tls[name]
    return path === undefined || path === '' ? [] : [[name, resolve(folder, path)]]
  })
  return { ...options, tls: { ...tls, ...Object.fromEntries(files) } }
}

/** Makes a driver of a URL. */
export const fromUrl = (url: string, context: DriverUrlContext): DriverFactory => ({
  ...mysqlDriver(read(url, context)),
  notes: mysqlUrlNotes(url),
})

/** Says which database of which server a URL leads to. Some servers do not tell capitals in a name from small letters. */
export const target = (url: string, context: DriverUrlContext): DatabaseTarget => {
  const { host, port, socketPath, database } = resolveOptions(read(url, context), {})
  const server = socketPath === undefined ? { host, port } : { host: socketPath }
  return { server, database: database?.toLowerCase() ?? '' }
}
