import type { DriverFactory } from '@mig/core/driver'
import { MysqlDriver } from './driver.ts'
import { resolveOptions, type MysqlClient, type MysqlDriverOptions } from './connect/options.ts'
import { MysqlSessions } from './session/session-pair.ts'
import { mysqlUrlNotes, readMysqlUrl } from './connect/url-options.ts'

const optionsOf = (from: string | MysqlDriverOptions | MysqlClient): MysqlDriverOptions => {
  if (typeof from === 'string') return readMysqlUrl(from)
  return 'query' in from ? { client: from } : from
}

/**
 * A driver for MySQL and MariaDB, to be handed to `createMigrator`.
 *
 * Takes a URL (`mysql://user:password@host:3306/name`, or golang-migrate's `mysql://user:password@tcp(host:3306)/name`),
 * options, or a connection or pool of `mysql2`, which is not closed.
 *
 * Throws `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import { createMigrator } from '@mig/core'
 * import { mysqlDriver } from '@mig/driver-mysql'
 *
 * const driver = mysqlDriver('mysql://root:secret@127.0.0.1:3306/shop')
 * const migrator = await createMigrator({ source: './migrations', driver })
 * try {
 *   await migrator.up()
 * } finally {
 *   await migrator.close()
 * }
 * ```
 */
export const mysqlDriver = (from: string | MysqlDriverOptions | MysqlClient): DriverFactory => {
  const options = optionsOf(from)
  // Wrong options are told at once, not when the connection is made.
  resolveOptions(options, {})
  return {
    name: 'mysql',
    ...(typeof from === 'string' ? { notes: mysqlUrlNotes(from) } : {}),
    open: async (settings) => {
      const config = resolveOptions(options, settings)
      const sessions = await MysqlSessions.open(config, options.client, settings.signal)
      return new MysqlDriver(sessions, settings.ledger)
    },
  }
}
