import { isMigrateError } from '@mig/core/driver'
import type { PostgresSession } from './postgres-session.ts'

const overtaken: ReadonlySet<string> = new Set(['23505', '42P07'])

const isOvertaken = (error: unknown): boolean =>
  isMigrateError(error) && overtaken.has(error.details.serverCode ?? '')

/** Runs a `CREATE TABLE IF NOT EXISTS`. Two at once collide in the catalog, whatever that says; the second try finds it. */
export const createTable = async (
  session: PostgresSession,
  sql: string,
  what: string,
): Promise<void> => {
  try {
    await session.query(sql, what)
  } catch (error) {
    if (!isOvertaken(error)) throw error
    await session.query(sql, what)
  }
}
