import type { Durability } from '@mig/core/driver'
import type { SqliteConnection } from '../session/session.ts'
import { messageOf } from '../steps/errors.ts'
import { whenFree, write } from '../lock/lock.ts'
import { readPragma } from '../session/pragma-snapshot.ts'

const full = 2
const extra = 3

/**
 * Runs an action whose commits are on disk when they return, and sets `synchronous` back.
 *
 * With a rollback journal a commit is final when the journal's removal is on disk, which only EXTRA sees to; with WAL
 * it is enough to sync the log, which a reopened file does not do by default.
 */
export const durably = async <T>(
  connection: SqliteConnection,
  action: () => Promise<T>,
): Promise<T> => {
  const { client } = connection
  const { before, journal } = await whenFree(connection, 'read how it is synced', () => ({
    before: Number(readPragma(client, 'synchronous')),
    journal: readPragma(client, 'journal_mode'),
  }))
  const needed = journal === 'wal' ? full : extra
  if (before >= needed) return action()
  client.exec(`PRAGMA synchronous=${needed}`)
  try {
    return await action()
  } finally {
    if (client.open) client.exec(`PRAGMA synchronous=${before}`)
  }
}

/**
 * Makes all commits so far durable by one more that really writes: SQLite skips a commit that changes no page, and an
 * update to equal values changes none. The row it writes is gone when it commits.
 */
export const makeDurable = async (connection: SqliteConnection): Promise<Durability> => {
  const { versionTable } = connection
  try {
    connection.requireIdle()
    await durably(connection, () =>
      write(connection, 'close the run with a durable write', () => {
        connection.statement(`INSERT INTO ${versionTable} (version, dirty) VALUES (NULL, 0)`).run()
        connection.statement(`DELETE FROM ${versionTable} WHERE version IS NULL`).run()
      }),
    )
    return { confirmed: true }
  } catch (error) {
    return { confirmed: false, reason: messageOf(error) }
  }
}
