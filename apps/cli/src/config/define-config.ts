/** As in `@mig/core`, of which a project that only has a config file needs no types. */
type LockStrategy = 'advisory' | 'transaction' | 'table' | 'none'

/** Settings that a config file gives for all environments or for one of them. */
export interface EnvironmentConfig {
  /** Folder of the migrations, relative to the config file. Default is `migrations`. */
  readonly path?: string | undefined
  /** URL of the migrations, such as `file:///srv/migrations`; `file://DIR` is relative to the config file. Goes before `path`. */
  readonly source?: string | undefined
  /**
   * URL of the database. Paths in it are relative to the config file. An environment that is named and has the key with
   * nothing in it, as from a variable that is not set, is an error.
   */
  readonly database?: string | undefined
  /** Name of the version table. Default is `schema_migrations`, or what the URL says. */
  readonly migrationsTable?: string | undefined
  /** A role of the database to take on after connecting, as `SET ROLE` of PostgreSQL does. Default is none. */
  readonly role?: string | undefined
  /** Whether version table and ledger may have triggers, which run with every step. Default is `false`. */
  readonly trustVersionTable?: boolean | undefined
  /** How others are kept out. Default is the driver's first strategy. */
  readonly lock?: LockStrategy | undefined
  /** How long to wait for the lock, such as `60s`. Default is `60s`. */
  readonly lockTimeout?: string | undefined
  /** How long to wait for a database that does not answer yet, such as `30s`. Default is `0s`. */
  readonly wait?: string | undefined
  /** Whether a ledger is kept beside the version row. Default is `true`. */
  readonly ledger?: boolean | undefined
  /** What to do with versions on the way down that have no down file. Default is `error`. */
  readonly missingDown?: 'error' | 'skip' | undefined
  /** Versions below the database's that were never applied. Default is `error`. */
  readonly outOfOrder?: 'error' | 'warn' | 'apply' | undefined
  /** A database newer than every file is nothing to do. Default is `false`. */
  readonly allowAhead?: boolean | undefined
  /** What the first SIGINT or SIGTERM does: let the running step finish, or cancel it. Default is `finish`. */
  readonly onSignal?: 'finish' | 'cancel' | undefined
  /** Path of the files that new migrations begin with, without `.up.sql`, relative to the config file. */
  readonly template?: string | undefined
  /**
   * Ask for the database's name before down, redo, drop and force, also where the database is reached another way.
   * Default is `false`.
   */
  readonly protected?: boolean | undefined
}

/** What a `mig.config.ts`, `.js` or `.json` says. */
export interface MigConfig extends EnvironmentConfig {
  /** The environment to use where none is named. Default is none. */
  readonly env?: string | undefined
  /** Named environments. What one says goes before what the file says for all. */
  readonly environments?: Readonly<Record<string, EnvironmentConfig>> | undefined
}

/**
 * Gives a config file its types.
 *
 * @example
 * ```ts
 * import { defineConfig } from '@mig/cli/config'
 *
 * export default defineConfig({
 *   path: 'db/migrations',
 *   environments: {
 *     local: { database: 'sqlite://./dev.db' },
 *     production: { database: process.env['PRODUCTION_URL'], protected: true },
 *   },
 * })
 * ```
 */
export const defineConfig = (config: MigConfig): MigConfig => config
