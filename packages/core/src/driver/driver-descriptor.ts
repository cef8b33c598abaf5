import type { DropInDescriptor } from './drop-in-driver.ts'
import type { DriverFactory } from './driver.ts'

/** What a driver package exports for the command line. */
export interface DriverModule {
  /** Makes a driver of a URL. Throws `INVALID_OPTION` for one it cannot read. */
  fromUrl(url: string, context: DriverUrlContext): DriverFactory
  /**
   * Says what a URL leads to, without connecting. The command line compares this with the databases of protected
   * environments. Without it, host, port and path of the URL are compared. Throws `INVALID_OPTION` as `fromUrl` does.
   */
  target?(url: string, context: DriverUrlContext): DatabaseTarget
}

/** The database that a URL leads to. Give `file` for a database that is a file, else `server` and `database`. */
export interface DatabaseTarget {
  /** Absolute path of the file. Absent as well for a database in memory. */
  readonly file?: string
  readonly server?: ServerAddress
  /** Name of the database on its server. */
  readonly database?: string
}

/** Where a server listens. */
export interface ServerAddress {
  /** Name or address, or the absolute path of a Unix socket or its folder. */
  readonly host: string
  /** With the default filled in. Absent where it is not known, as with a socket. */
  readonly port?: number
}

/** What the command line knows besides the URL. */
export interface DriverUrlContext {
  /** The variables the descriptor asked for, as far as they are set. They fill what the URL leaves out. */
  readonly environment?: Readonly<Record<string, string>>
  /**
   * Absolute path of the folder that relative paths in the URL are relative to: that of the config file or `.env` where
   * the URL stands. Default is the working folder.
   */
  readonly folder?: string
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
