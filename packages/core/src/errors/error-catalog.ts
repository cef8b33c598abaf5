/** What a code means for everybody who meets it. */
export interface ErrorCatalogEntry {
  /** One sentence, for the reference page. */
  readonly summary: string
  /** The usual next step, where the error itself gives none. */
  readonly hint?: string
}

/** Facts, not advice: once released, a code never changes its meaning. */
export type MigrateErrorCode =
  | 'DIRTY_DATABASE'
  | 'LOCK_TIMEOUT'
  | 'LOCK_LOST'
  | 'MIGRATION_FAILED'
  | 'INVALID_BODY'
  | 'VERSION_NOT_FOUND'
  | 'MISSING_FILE'
  | 'CHANGED_FILE'
  | 'OUT_OF_ORDER'
  | 'DUPLICATE_VERSION'
  | 'MISSING_DOWN'
  | 'INVALID_FILENAME'
  | 'INVALID_OPTION'
  | 'NO_MIGRATIONS'
  | 'SOURCE_FAILED'
  | 'UNKNOWN_SCHEME'
  | 'CONNECTION_FAILED'
  | 'CONNECTION_LOST'
  | 'DATABASE_FAILED'
  | 'VERSION_TABLE_UNTRUSTED'
  | 'STATE_CHANGED'
  | 'CANNOT_REPAIR'
  | 'CANNOT_BASELINE'
  | 'ABORTED'
  | 'USAGE'
  | 'INVALID_CONFIG'
  | 'CONFIRMATION_REQUIRED'
  | 'DRIVER_FAILED'
  | 'PLUGIN_FAILED'
  | 'INTERNAL_ERROR'

/** Every code with its meaning. */
export const errorCatalog: Readonly<Record<MigrateErrorCode, ErrorCatalogEntry>> = {
  DIRTY_DATABASE: {
    summary:
      'A step started and did not finish, so the database may be half-way between two versions.',
    hint: 'See what the step left with "mig doctor", then repair it with "mig repair".',
  },
  LOCK_TIMEOUT: {
    summary: 'Someone else held the lock for longer than the lock timeout.',
    hint: 'Wait for the other run to end, or raise --lock-timeout.',
  },
  LOCK_LOST: {
    summary: 'The lock was gone before the run had ended.',
    hint: 'Check whether a migration releases locks itself, and look at "mig status" before going on.',
  },
  MIGRATION_FAILED: {
    summary: 'A statement of a migration failed.',
  },
  INVALID_BODY: {
    summary: 'A migration script cannot be run as it stands; nothing of it was sent.',
  },
  VERSION_NOT_FOUND: {
    summary: 'The version asked for has no migration file.',
    hint: 'List the versions there are with "mig status".',
  },
  MISSING_FILE: {
    summary: 'The database is at a version that has no migration file.',
    hint: 'Deploy the files of that version, or check --path: the database may have been migrated by a newer release.',
  },
  CHANGED_FILE: {
    summary: 'A file was changed after it was applied.',
    hint: 'Restore the file and write a new migration.',
  },
  OUT_OF_ORDER: {
    summary: 'A version below the version row has a file and was never applied.',
    hint: 'Give it a number above the newest one, or pass --out-of-order=apply to apply it now.',
  },
  DUPLICATE_VERSION: {
    summary: 'Two files claim the same version and direction.',
    hint: 'Rename or remove one of them.',
  },
  MISSING_DOWN: {
    summary: 'A version on the way down has no down file.',
    hint: 'Write the missing files, or pass --missing-down=skip to move the version row over them without running anything.',
  },
  INVALID_FILENAME: {
    summary: 'A file name cannot be used as a migration.',
  },
  INVALID_OPTION: {
    summary: 'An option has a value that cannot be used.',
  },
  NO_MIGRATIONS: {
    summary: 'The source has no migration at all.',
    hint: 'Check the path; create a first migration with "mig create NAME".',
  },
  SOURCE_FAILED: {
    summary: 'The source could not be listed or read.',
  },
  UNKNOWN_SCHEME: {
    summary: 'No installed driver takes URLs of this scheme.',
    hint: 'See what is installed with "mig drivers".',
  },
  CONNECTION_FAILED: {
    summary: 'No connection to the database could be made.',
  },
  CONNECTION_LOST: {
    summary: 'The connection to the database broke.',
  },
  DATABASE_FAILED: {
    summary: 'The database refused a statement of mig itself, such as one on the version table.',
  },
  VERSION_TABLE_UNTRUSTED: {
    summary:
      'The version table is not a plain table as mig or golang-migrate makes it: a view, a table with triggers or with other columns, say.',
    hint: 'See what is wrong with it, and what repairs it, with "mig doctor".',
  },
  STATE_CHANGED: {
    summary: 'Someone else moved the version while this run was under way.',
    hint: 'Look at "mig status", then run the command again.',
  },
  CANNOT_REPAIR: {
    summary: 'Repairing the database would need a guess, or contradicts what it shows.',
    hint: 'See "mig doctor".',
  },
  CANNOT_BASELINE: {
    summary: 'The database does not look like the version it is to be adopted at.',
    hint: 'Name the version it is at.',
  },
  ABORTED: {
    summary: 'The run was cancelled.',
  },
  USAGE: {
    summary: 'The command line cannot be understood.',
  },
  INVALID_CONFIG: {
    summary: 'A config file cannot be read, or says something that cannot be used.',
  },
  CONFIRMATION_REQUIRED: {
    summary: 'The command asks a question first, and there is nobody to answer it.',
  },
  DRIVER_FAILED: {
    summary: 'The driver for the database is installed and cannot be loaded.',
  },
  PLUGIN_FAILED: {
    summary: 'A plugin could not be installed, linked or removed.',
  },
  INTERNAL_ERROR: {
    summary: 'Something failed that mig did not expect, probably because of a mistake in mig.',
  },
}

/** Whether a code is one of this release. A driver may bring a later copy of this package, with codes of its own. */
export const isKnownCode = (code: string): code is MigrateErrorCode =>
  Object.hasOwn(errorCatalog, code)

/** The catalog's hint for a code; none for a code that only a later release knows. */
export const usualHint = (code: string): string | undefined =>
  isKnownCode(code) ? errorCatalog[code].hint : undefined
