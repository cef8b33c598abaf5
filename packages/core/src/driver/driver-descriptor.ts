import type { DropInDescriptor } from '../golang-migrate/drop-in-driver.ts'
import type { DriverFactory } from './driver.ts'

/** What a driver package exports for the command line. */
export interface DriverModule {
  /** Makes a driver of a URL. Throws `INVALID_OPTION` for one it cannot read. */
  fromUrl(url: string, context: DriverUrlContext): DriverFactory
}

/** What the command line knows besides the URL. */
export interface DriverUrlContext {
  /** The variables the descriptor asked for, as far as they are set. They fill what the URL leaves out. */
  readonly environment?: Readonly<Record<string, string>>
  /**
   * To be called with every password that the driver takes from a place the caller does not see, such as a password
   * file, before it is used: what a server or a client says is then shown without it.
   */
  readonly onSecret?: (secret: string) => void
}

/** How a driver package makes itself known: the value of its `drivers` hook. Loads no client. */
export interface DriverDescriptor {
  /** Name of the driver, such as `postgres`. */
  readonly name: string
  /** URL schemes it takes, such as `['postgres', 'postgresql']`. */
  readonly schemes: readonly string[]
  /** Environment variables of the database's own client that fill what a URL leaves out, such as `PGHOST`. */
  readonly environment?: readonly string[]
  /** Loads the driver with its client. */
  load(): Promise<DriverModule>
  /** The database as golang-migrate uses it. Absent for a database that golang-migrate does not know. */
  readonly dropIn?: DropInDescriptor
}
