// Users whose `lib` is older would miss Symbol.asyncDispose.
/// <reference lib="esnext.disposable" preserve="true" />

import type { DatabaseKind } from './database-kind.ts'

/** How a database came to be there. */
export type Provider = 'environment' | 'testcontainers' | 'embedded' | 'file'

/** An empty database of one's own on a {@link TestServer}. */
export interface TestDatabase {
  readonly kind: DatabaseKind
  /** `postgres://`, `mysql://` or `sqlite://`, with user and password. */
  readonly url: string
  /** The database's name; for SQLite the path of the file. */
  readonly name: string
  /** Deletes the database and ends all sessions in it. A second call does nothing. */
  drop(): Promise<void>
  /** The same as {@link drop}. */
  [Symbol.asyncDispose](): Promise<void>
}

/** A running server that databases can be created on. */
export interface TestServer {
  readonly kind: DatabaseKind
  /** URL of an administrator: `postgres://…` or `mysql://…`. */
  readonly url: string
  /** As the server tells it, such as `18.6`, `9.7.4` or `10.11.18-MariaDB`. */
  readonly version: string
  readonly providedBy: Provider
  /**
   * Creates an empty database.
   *
   * @param name - Default is a name that no other database has.
   */
  createDatabase(name?: string): Promise<TestDatabase>
}

/** A server that belongs to one test, which may kill it. Made by `startServer`. */
export interface OwnServer extends TestServer {
  /** Ends the server by SIGKILL and returns when it is gone. What it had on disk stays. */
  kill(): Promise<void>
  /** Starts a killed server on the same port and returns when it accepts connections. */
  start(): Promise<void>
  /** Freezes the server: connections stay open, nothing answers. */
  pause(): Promise<void>
  /** Lets a paused server go on. */
  unpause(): Promise<void>
  /** Ends the server for good and deletes its data. A second call does nothing. */
  stop(): Promise<void>
  /** The same as {@link stop}. */
  [Symbol.asyncDispose](): Promise<void>
}

/** How a server of one's own is started. */
export interface StartServerOptions {
  /**
   * Arguments for the server program, such as `['-c', 'max_connections=5']` for PostgreSQL or
   * `['--max-allowed-packet=1M']` for MySQL. Default is none.
   */
  serverArgs?: readonly string[]
  /** How long the server may take until it accepts connections. Default is `60_000`. */
  timeoutMs?: number
}
