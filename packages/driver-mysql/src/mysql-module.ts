import type { DriverFactory, DriverUrlContext } from '@mig/core/driver'
import { withEnvironment } from './mysql-environment.ts'
import { mysqlDriver } from './mysql-factory.ts'
import { mysqlUrlNotes, readMysqlUrl } from './mysql-url-options.ts'

/** Makes a driver of a URL; the client's own variables fill what it leaves out. */
export const fromUrl = (url: string, context: DriverUrlContext): DriverFactory => ({
  ...mysqlDriver(withEnvironment(readMysqlUrl(url), context.environment ?? {})),
  notes: mysqlUrlNotes(url),
})
