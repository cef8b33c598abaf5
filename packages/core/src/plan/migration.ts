/** A migration's version: 0 to 2^63-1. Nanosecond timestamps do not fit a JavaScript number, hence a bigint. */
export type Version = bigint

/** The highest version a version row can hold (2^63-1, a signed 64-bit column). */
export const maxVersion: Version = 9_223_372_036_854_775_807n

/** Which of a migration's two scripts is meant. */
export type Direction = 'up' | 'down'

/** One script of a migration as a source lists it. */
export interface MigrationFile {
  /** What the source calls it, such as the file name `000001_users.up.sql`. */
  readonly name: string
  /** The part between version and direction. May be empty. */
  readonly title: string
}

/** One version of a source, with what exists for each direction. At least one of the two does. */
export interface Migration {
  readonly version: Version
  readonly up?: MigrationFile
  readonly down?: MigrationFile
}

/** One migration in one direction, with the version row's version before and after it. */
export interface MigrationStep {
  readonly version: Version
  readonly direction: Direction
  readonly title: string
  /** The file with the script. Absent where the source has none for this direction: the version row moves, nothing runs. */
  readonly file?: string
  readonly from: Version | null
  readonly to: Version | null
}
