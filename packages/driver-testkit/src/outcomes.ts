import { inspect } from 'node:util'
import { isMigrateError, type MigrateError, type MigrateErrorCode } from '@mig/core/driver'
import { expect } from 'vitest'

/** The error that an action must reject with. Fails as an assertion where there is none, or one of another kind. */
export const rejectionOf = async (
  action: Promise<unknown>,
  code?: MigrateErrorCode,
): Promise<MigrateError> => {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error === undefined) return expect.fail(`it did not reject${code ? ` with ${code}` : ''}`)
  if (!isMigrateError(error)) {
    return expect.fail(`it rejected with something that is no MigrateError: ${inspect(error)}`)
  }
  if (code !== undefined) expect(error.code, error.message).toBe(code)
  return error
}

/** What an action must come to. Fails as an assertion where it rejects, so that a test says what was expected. */
export const resultOf = async <T>(action: Promise<T>, what: string): Promise<T> => {
  try {
    return await action
  } catch (error) {
    return expect.fail(`${what} rejected: ${inspect(error)}`)
  }
}
