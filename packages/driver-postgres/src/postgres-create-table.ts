import { isMigrateError } from '@mig/core/driver'
import type { PostgresSession } from './postgres-session.ts'

const overtaken: ReadonlySet<string> = new Set(['23505', '42P07'])

const isOvertaken = (error: unknown): boolean =>
  isMigrateError(error) && overtaken.has(error.details.serverCode ?? '')

/**
 * Makes a table where there is none. Two at once collide in the catalog, whatever IF NOT EXISTS says; the second try
 * finds it.
 */
export const createTable = async (
  session: PostgresSession,
  definition: string,
  what: string,
): Promise<void> => {
  const sql = `CREATE TABLE IF NOT EXISTS ${definition}`
  try {
    await session.query(sql, what)
  } catch (error) {
    if (!isOvertaken(error)) throw error
    await session.query(sql, what)
  }
}
