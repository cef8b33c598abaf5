import type { Direction, Migration, Version } from '../plan/migration.ts'

/** What a source holds. */
export interface MigrationListing {
  /** Every version once, in ascending order. */
  readonly migrations: readonly Migration[]
  /** Names that nearly look like migrations (`V1__x.sql`, `1_x.up.sql~`), to be mentioned. */
  readonly nearMisses: readonly string[]
}

/** Where migrations come from. */
export interface Source {
  /** For messages: a path or a URL without secrets. */
  readonly location: string
  /**
   * Lists all versions without reading a script.
   *
   * Throws `SOURCE_FAILED`, `DUPLICATE_VERSION`, `INVALID_FILENAME` (a version of 2^63 or more).
   */
  list(): Promise<MigrationListing>
  /**
   * Reads one script whole. Called only for what `list` named. The bytes belong to the caller, who may take their memory
   * back. Throws `SOURCE_FAILED`.
   */
  read(version: Version, direction: Direction): Promise<Uint8Array>
  /**
   * The same for a script that is to be run: a large one may come in pieces, so that it is never in memory whole. A piece
   * is good until the next one is asked for. Default is to `read`.
   */
  readPieces?(
    version: Version,
    direction: Direction,
  ): Promise<Uint8Array | AsyncIterable<Uint8Array>>
}
