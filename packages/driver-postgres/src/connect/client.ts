/** The socket under a connection, as far as the driver uses it. */
export interface PostgresStream {
  write(data: Buffer): boolean
  once(event: string, listener: () => void): unknown
  removeListener(event: string, listener: () => void): unknown
  readonly destroyed: boolean
  destroy(): unknown
}

/** The protocol connection of a client of `pg`, as far as the driver uses it. */
export interface PostgresConnection {
  readonly stream: PostgresStream
  // Typed by what each event brings; `pg` itself leaves them open.
  once(event: string, listener: (message: { readonly status?: string }) => void): unknown
  removeListener(event: string, listener: (message: { readonly status?: string }) => void): unknown
}

/** A query of one's own making, as `client.query` of `pg` takes it. */
export interface PostgresSubmittable {
  submit(connection: PostgresConnection): Error | null
  handleRowDescription(message: { readonly fields: readonly { readonly name: string }[] }): void
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void
  handleCommandComplete(message: { readonly text: string }): void
  handleEmptyQuery(): void
  handlePortalSuspended(): void
  handleCopyData(): void
  handleCopyInResponse(connection: PostgresConnection): void
  handleError(error: Error, connection?: PostgresConnection): void
  handleReadyForQuery(connection: PostgresConnection): void
}

/** A notice as `pg` gives it to listeners. */
export interface PostgresNotice {
  readonly routine?: string | undefined
}

/**
 * A connected client of `pg` that the program already has. The driver runs everything on it and does not close it; the
 * program must not use it meanwhile.
 */
export interface PostgresClient {
  query(query: PostgresSubmittable): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'notice', listener: (notice: PostgresNotice) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'notice', listener: (notice: PostgresNotice) => void): unknown
}

/** A client that is released to its pool. */
export interface PostgresPoolClient extends PostgresClient {
  release(destroy?: Error | boolean): void
}

/** A pool of `pg` that the program already has. One client of it is taken and released; non-transactional steps take a second. */
export interface PostgresPool {
  connect(): Promise<PostgresPoolClient>
}
