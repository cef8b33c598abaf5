import { isMigrateError } from '@mig/core/driver'
import type { PostgresSession } from '../session/session.ts'

const overtaken: ReadonlySet<string> = new Set(['23505', '42P07'])

const isOvertaken = (error: unknown): boolean =>
  isMigrateError(error) && overtaken.has(error.details.serverCode ?? '')

/**
 * Makes a table. `false` where there is one by now: whose it is has to be looked at then, which IF NOT EXISTS would
 * leave out.
 */
export const createTable = async (
  session: PostgresSession,
  definition: string,
  what: string,
): Promise<boolean> => {
  try {
    await session.query(`CREATE TABLE ${definition}`, what)
    return true
  } catch (error) {
    if (!isOvertaken(error)) throw error
    return false
  }
}
