/** What golang-migrate keeps in a database: one pair. `-1n` stands for no version, which can be dirty too. */
export interface DropInState {
  readonly version: bigint
  readonly dirty: boolean
}

/**
 * A database as golang-migrate uses it, for the drop-in command `migrate`. All it does can be seen in the database, and
 * every error has golang-migrate's words as its message.
 */
export interface DropInDriver {
  /** Waits until the lock is held, or until the signal ends the attempt. Rejects where it is held by this driver already. */
  lock(signal?: AbortSignal): Promise<void>
  /** Gives the lock back. Rejects where it is not held. */
  unlock(): Promise<void>
  /** Runs one migration script as a whole. */
  run(script: Uint8Array): Promise<void>
  /** Writes the pair, durably. `-1n` and clean leaves no row. */
  setVersion(version: bigint, dirty: boolean): Promise<void>
  version(): Promise<DropInState>
  /** Deletes what golang-migrate deletes. Afterwards the driver is only closed. */
  drop(): Promise<void>
  close(): Promise<void>
}

/** What a drop-in driver may know besides its URL. */
export interface DropInContext {
  /** The environment of the process: what the database client that golang-migrate uses would read from it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** To be called with every password that the driver takes from a place the caller does not see. */
  readonly onSecret?: (secret: string) => void
}

/** What a driver package exports for `migrate`. */
export interface DropInModule {
  /** Connects and makes the version table where it is missing. */
  openDropIn(url: string, context: DropInContext): Promise<DropInDriver>
}

/** How a driver package makes itself known to `migrate`. */
export interface DropInDescriptor {
  /** URL schemes as golang-migrate spells them; what stands before the first colon, to the letter. */
  readonly schemes: readonly string[]
  load(): Promise<DropInModule>
}
