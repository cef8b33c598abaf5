import type { ServerKind } from './database-kind.ts'
import type { Provider, StartServerOptions } from './test-server.ts'

/** A running server, as it travels between processes. */
export interface ServerInfo {
  readonly id: string
  readonly kind: ServerKind
  readonly url: string
  readonly version: string
  readonly providedBy: Provider
}

export type ServerAction = 'kill' | 'start' | 'pause' | 'unpause' | 'stop'

/**
 * Whoever holds the servers of a test run: this process, or the one that the test runner started
 * first, so that its workers share servers and none outlives the run.
 */
export interface ServerHost {
  /** The one server of this kind that the run shares; started by the first who asks. */
  shared(kind: ServerKind): Promise<ServerInfo>
  startOwn(kind: ServerKind, options: StartServerOptions): Promise<ServerInfo>
  control(id: string, action: ServerAction): Promise<void>
  /** Creates an empty database and returns its URL. */
  createDatabase(id: string, name: string): Promise<string>
  dropDatabase(id: string, name: string): Promise<void>
}
