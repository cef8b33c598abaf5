import type { DriverFactory, MigrateErrorCode } from '@mig/core/driver'

/** The few statements the suite needs, in the driver's language, without a `;` at the end. */
export interface DriverTestSql {
  /** Makes a thing (a table, say) and fails where there is one of that name. Names are like `kit_users`. */
  readonly create: (name: string) => string
  /** Removes a thing and fails where there is none. */
  readonly drop: (name: string) => string
  /** Fails when it runs, not before; could run in a transaction. Such as `select * from kit_nowhere`. */
  readonly fail: string
  /** Cannot run in a transaction, or ends the one it runs in. Succeeds. Such as `vacuum`. */
  readonly outside: string
  /**
   * Makes and removes a thing inside a transaction, where `create` cannot: rows, for a database whose DDL commits by
   * itself. Required without `transactionalDdl`. Default is `create` and `drop`.
   */
  readonly transactional?: {
    readonly create: (name: string) => string
    readonly drop: (name: string) => string
  }
  /** Runs for about so many milliseconds. Required with `serverCancel` or `multiProcess`. */
  readonly slow?: (ms: number) => string
  /** Returns rows. Required with `multiProcess`. */
  readonly select?: string
  /** A comment on a line of its own. Default is `-- ` and the text. */
  readonly comment?: (text: string) => string
  /** Opens and closes a transaction, where scripts may bring one along. */
  readonly block?: { readonly begin: string; readonly commit: string }
  /** A statement that changes something of the session, and one that fails while that change is in force. */
  readonly session?: { readonly change: string; readonly check: string }
}

/** A connection that cannot be made. */
export interface BadConnection {
  /** What is wrong with it, for the test's name: `wrong password`. */
  readonly name: string
  readonly open: () => DriverFactory
  readonly code: Extract<MigrateErrorCode, 'CONNECTION_FAILED' | 'INVALID_OPTION'>
  /** What must appear nowhere in the error, such as the password, raw and encoded. */
  readonly secrets?: readonly string[]
}

/** How a second process opens the same database. */
export interface SecondProcess {
  /** A module that exports a function `open` like {@link DriverTestOptions.open}. It must not import vitest. */
  readonly module: URL
  /** Added to the environment of the process. */
  readonly env?: Readonly<Record<string, string>>
}

/** What {@link testDriver} needs to know of a driver. */
export interface DriverTestOptions {
  /** Stands in the names of the tests. */
  readonly name: string
  /** Makes a factory for the one database that the tests have for themselves. Called many times. */
  readonly open: () => DriverFactory
  /** Empties that database, over a connection of your own: also version table, ledger and locks. Called before each test. */
  readonly reset: () => Promise<void>
  /**
   * Lists what there is in the database, over a connection of your own: the things that `create` makes (also those of
   * `transactional`), the version table and the ledger, each by its plain name.
   */
  readonly objects: () => Promise<readonly string[]>
  readonly sql: DriverTestSql
  /** Required with `multiProcess`: how a second process opens the database, to be killed. */
  readonly secondProcess?: SecondProcess
  /** Connections that cannot be made. At least one is required with `multiProcess`. */
  readonly badConnections?: readonly BadConnection[]
  /** What must appear in no error and no description, such as the password of the URL, raw and encoded. */
  readonly secrets?: readonly string[]
}
