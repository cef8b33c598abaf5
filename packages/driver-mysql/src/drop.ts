import type { DropReport } from '@mig/core/driver'
import { databaseError } from './steps/errors.ts'
import type { MysqlSession } from './session/session.ts'
import { qualified, text } from './tables/quote.ts'

const tablesAtOnce = 100

/** Drops every table of the database, as golang-migrate does. Views, routines and events stay. */
export const dropTables = async (session: MysqlSession, database: string): Promise<DropReport> => {
  try {
    const [result] = await session.query(
      'SELECT table_name FROM information_schema.tables ' +
        `WHERE table_schema = ${text(database)} AND table_type NOT LIKE '%VIEW' ORDER BY table_name`,
    )
    const names = (result?.rows ?? []).map(([name]) => name ?? '')
    await session.query('SET foreign_key_checks = 0')
    try {
      for (let at = 0; at < names.length; at += tablesAtOnce) {
        const list = names.slice(at, at + tablesAtOnce).map((name) => qualified(database, name))
        // As long as it takes: large tables are not gone in seconds.
        await session.run(`DROP TABLE IF EXISTS ${list.join(', ')}`)
      }
    } finally {
      if (session.broken === undefined) await session.query('SET foreign_key_checks = 1')
    }
    return { dropped: names }
  } catch (error) {
    throw databaseError('Dropping the tables', error)
  }
}
