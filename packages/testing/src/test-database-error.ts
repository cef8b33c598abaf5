/**
 * What went wrong:
 * - `DATABASE_UNAVAILABLE`: this machine has no way to a database of that kind;
 * - `SERVER_FAILED`: a server did not start, or does not accept connections;
 * - `INVALID_USE`: a call that cannot work, such as killing a server twice.
 */
export type TestDatabaseErrorCode = 'DATABASE_UNAVAILABLE' | 'SERVER_FAILED' | 'INVALID_USE'

/** The error of this package. Its message never holds a password. */
export class TestDatabaseError extends Error {
  override readonly name: string = 'TestDatabaseError'
  readonly code: TestDatabaseErrorCode

  constructor(code: TestDatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ')
  }
  return error instanceof Error ? error.message : String(error)
}
