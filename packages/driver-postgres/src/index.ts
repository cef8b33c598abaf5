import type { DriverFactory, DriverModule, DriverUrlContext } from '@mig/core/driver'
import { openPostgresDriver } from './postgres-driver.ts'
import {
  type PostgresDriverOptions,
  type PostgresSettings,
  resolvePostgresOptions,
} from './postgres-options.ts'

export type {
  PostgresClient,
  PostgresConnection,
  PostgresNotice,
  PostgresPool,
  PostgresPoolClient,
  PostgresStream,
  PostgresSubmittable,
} from './postgres-client.ts'
export type { PostgresDriverOptions } from './postgres-options.ts'

const factory = (
  options: PostgresDriverOptions,
  { environment, onSecret }: DriverUrlContext = {},
): DriverFactory => {
  const settings: PostgresSettings = {
    ...resolvePostgresOptions(options, environment),
    ...(onSecret === undefined ? {} : { onSecret }),
  }
  return { name: 'postgres', open: (driver) => openPostgresDriver(settings, driver) }
}

/**
 * Reaches a PostgreSQL database by URL, or on a client or pool of `pg` that the program already has.
 *
 * Nothing is connected before a migrator opens it. What was handed in is not closed.
 *
 * Throws `INVALID_OPTION` for a URL or option that cannot be read.
 *
 * @example
 * ```ts
 * import { createMigrator } from '@mig/core'
 * import { postgresDriver } from '@mig/driver-postgres'
 *
 * const migrator = await createMigrator({
 *   source: './migrations',
 *   driver: postgresDriver('postgres://app:secret@localhost:5432/app'),
 * })
 * try {
 *   await migrator.up()
 * } finally {
 *   await migrator.close()
 * }
 * ```
 */
export const postgresDriver = (urlOrOptions: string | PostgresDriverOptions): DriverFactory =>
  factory(typeof urlOrOptions === 'string' ? { url: urlOrOptions } : urlOrOptions)

/** Makes the driver of a URL, with `PG*` variables for what the URL leaves out. For the command line. */
export const fromUrl: DriverModule['fromUrl'] = (url, context) => factory({ url }, context)
