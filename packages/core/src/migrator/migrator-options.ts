import type { DriverFactory, LockStrategy } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import type { MigratorEventListener } from './events.ts'
import type { Version } from '../plan/migration.ts'
import type { RunOptions } from './run-options.ts'
import type { Source } from '../source/source.ts'

/** What a migrator is made of. */
export interface MigratorOptions {
  /** Path of a folder of migrations, or a source. */
  readonly source: string | Source
  /** What `postgresDriver(url)` and its siblings return. */
  readonly driver: DriverFactory
  /** Name of the version table. Default is `schema_migrations`, or what the URL says. */
  readonly migrationsTable?: string
  /** Whether a ledger is kept beside the version row. Default is `true`. */
  readonly ledger?: boolean
  /** Default is the driver's first strategy, or what the URL says. */
  readonly lock?: LockStrategy
  /**
   * A role to take on after connecting, as `SET ROLE` of PostgreSQL does. Default is none, or what the URL says. Throws
   * `INVALID_OPTION` with a driver that has no roles.
   */
  readonly role?: string
  /**
   * Version table and ledger may have triggers, which run with every step. Default is `false`, or what the URL says.
   */
  readonly trustVersionTable?: boolean
  /** How long to wait for the lock. Default is `60_000`. */
  readonly lockTimeoutMs?: number
  /** How long to wait for a server that does not answer yet. Default is `0`. */
  readonly waitMs?: number
  /** Cancels the attempt to connect. */
  readonly signal?: AbortSignal
  /** Receives events. */
  readonly onEvent?: MigratorEventListener
  /** Who runs, for the ledger. Default is `user@host` of the process. */
  readonly actor?: string
  /** What runs, for the ledger. Default is `@mig/core`. */
  readonly tool?: string
}

/** Options of {@link Migrator.up}. */
export interface UpOptions extends RunOptions {
  /** Apply at most this many. Default is all. */
  readonly steps?: number
  /** Apply up to this version. */
  readonly to?: Version
}

/** Options of {@link Migrator.down}. */
export interface DownOptions extends RunOptions {
  /** Revert at most this many, or `all`. Default is `1`. */
  readonly steps?: number | 'all'
}

/** Throws `INVALID_OPTION` for what is not a number of steps. */
export const requireSteps = (steps: number | undefined): void => {
  if (steps === undefined || (Number.isSafeInteger(steps) && steps >= 0)) return
  throw new MigrateError('INVALID_OPTION', `"${steps}" is not a number of steps`, {
    details: { option: 'steps' },
  })
}
