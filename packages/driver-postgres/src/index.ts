import type { DriverFactory, DriverModule } from '@mig/core/driver'
import { openPostgresDriver } from './driver.ts'
import { inFolder } from './connect/files.ts'
import {
  type PostgresDriverOptions,
  type PostgresSettings,
  resolvePostgresOptions,
} from './connect/options.ts'

export type {
  PostgresClient,
  PostgresConnection,
  PostgresNotice,
  PostgresPool,
  PostgresPoolClient,
  PostgresStream,
  PostgresSubmittable,
} from './connect/client.ts'
export type { PostgresDriverOptions } from './connect/options.ts'

const factory = (settings: PostgresSettings): DriverFactory => ({
  name: 'postgres',
  notes: settings.notes,
  open: (driver) => openPostgresDriver(settings, driver),
})

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
  factory(
    resolvePostgresOptions(typeof urlOrOptions === 'string' ? { url: urlOrOptions } : urlOrOptions),
  )

/** Makes the driver of a URL, with `PG*` variables for what the URL leaves out. For the command line. */
export const fromUrl: DriverModule['fromUrl'] = (url, { environment, folder, onSecret }) => {
  const settings = inFolder(resolvePostgresOptions({ url }, environment), url, folder)
  return factory(onSecret === undefined ? settings : { ...settings, onSecret })
}

/** Says which database of which server a URL leads to. For the command line. */
export const target: NonNullable<DriverModule['target']> = (url, { environment }) => {
  const { host, port, database } = resolvePostgresOptions({ url }, environment)
  return { server: { host, port }, database }
}
