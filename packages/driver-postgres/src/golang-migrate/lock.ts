import { setTimeout as sleep } from 'node:timers/promises'
import { lockedText, lockKey, queryError, toError } from '@mig/golang-migrate'
import { clientText } from './errors.ts'
import { equals } from '../tables/quote.ts'
import { quoteIdentifier } from './version-table.ts'
import type { PostgresDropInSettings, PostgresTableName } from './url.ts'
import type { PostgresSession } from './session.ts'

/** How a drop-in keeps others out. */
export interface PostgresDropInLock {
  /** Makes the lock table, for the strategy that has one. */
  makeTable(): Promise<void>
  acquire(signal?: AbortSignal): Promise<void>
  release(): Promise<void>
  /** A table that drop must leave alone. */
  readonly keptTable?: string
}

interface LockInput {
  readonly session: PostgresSession
  /** Opens one more connection, which no script has used. */
  readonly openAnother: () => Promise<PostgresSession>
  readonly settings: PostgresDropInSettings
  readonly name: PostgresTableName
  readonly databaseName: string
}

const firstPauseMs = 5
const longestPauseMs = 100

/** The lock of the strategy that the URL names. */
export const postgresDropInLock = (input: LockInput): PostgresDropInLock => {
  const { client, lockStrategy } = input.settings
  if (client !== 'pgx4' || lockStrategy === 'advisory') return advisoryLock(input)
  if (lockStrategy === 'table') return tableLock(input)
  const unknown = async (): Promise<never> => {
    throw new Error(`unknown lock strategy "${lockStrategy}"`)
  }
  return { makeTable: async () => {}, acquire: unknown, release: unknown }
}

/**
 * golang-migrate's lock, taken by asking again and again. Waiting inside `pg_advisory_lock`, as golang-migrate does, is
 * a deadlock when the holder creates an index concurrently.
 */
const advisoryLock = ({ session, settings, name, databaseName }: LockInput): PostgresDropInLock => {
  const { client } = settings
  const id = lockKey(databaseName, name.schema, name.table).toString()

  const ask = async (): Promise<boolean> => {
    try {
      const [[held] = []] = await session.rows(
        'SELECT pg_catalog.pg_try_advisory_lock($1::bigint)',
        id,
      )
      return held === true
    } catch (error) {
      const query = 'SELECT pg_advisory_lock($1)'
      const text = clientText(error, client)
      throw queryError({ client: text, query, message: 'try lock failed', cause: error })
    }
  }

  return {
    makeTable: async () => {},
    acquire: async (signal) => {
      let pauseMs = firstPauseMs
      while (!(await ask())) {
        signal?.throwIfAborted()
        await sleep(pauseMs, undefined, signal === undefined ? {} : { signal })
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      }
    },
    release: async () => {
      const query = 'SELECT pg_advisory_unlock($1)'
      try {
        await session.rows('SELECT pg_catalog.pg_advisory_unlock($1::bigint)', id)
      } catch (error) {
        throw queryError({ client: clientText(error, client), query, cause: error })
      }
    },
  }
}

interface Asking {
  readonly message?: string
  /** What is sent in place of the query that golang-migrate's errors show, with the server's own names qualified. */
  readonly sent?: string
  readonly on?: PostgresSession
}

const isThisLock = `lock_id ${equals} $1::bigint`

/** The lock of pgx: a row in a table, which a crash leaves. */
const tableLock = ({
  session,
  openAnother,
  settings,
  databaseName,
}: LockInput): PostgresDropInLock => {
  const { client, lockTable } = settings
  const table = quoteIdentifier(lockTable)
  const id = lockKey(databaseName).toString()

  const ask = async (
    query: string,
    values: readonly string[],
    { message = '', sent = query, on = session }: Asking = {},
  ): Promise<readonly (readonly unknown[])[]> => {
    try {
      return await on.rows(sent, ...values)
    } catch (error) {
      throw queryError({ client: clientText(error, client), query, message, cause: error })
    }
  }

  return {
    keptTable: lockTable,
    makeTable: async () => {
      const query =
        'SELECT COUNT(1) FROM information_schema.tables WHERE table_name = $1 AND table_schema = (SELECT current_schema()) LIMIT 1'
      const sent =
        'SELECT pg_catalog.count(*) FROM information_schema.tables ' +
        `WHERE table_name::pg_catalog.name ${equals} $1::pg_catalog.name ` +
        `AND table_schema::pg_catalog.name ${equals} (SELECT pg_catalog.current_schema()) LIMIT 1`
      const [[count] = []] = await ask(query, [lockTable], { sent })
      if (count === '1') return
      await ask(`CREATE TABLE ${table} (lock_id BIGINT NOT NULL PRIMARY KEY)`, [])
    },
    acquire: async () => {
      await session.rows('begin')
      try {
        const found = await ask(`SELECT * FROM ${table} WHERE lock_id = $1`, [id], {
          message: 'failed to fetch migration lock',
          sent: `SELECT * FROM ${table} WHERE ${isThisLock}`,
        })
        if (found.length > 0) throw new Error(lockedText)
        await ask(`INSERT INTO ${table} (lock_id) VALUES ($1)`, [id], {
          message: 'failed to set migration lock',
        })
        await session.rows('commit')
      } catch (error) {
        await session.rows('rollback').catch(() => {})
        throw toError(error)
      }
    },
    release: async () => {
      const query = `DELETE FROM ${table} WHERE lock_id = $1`
      const other = await openAnother()
      try {
        await ask(query, [id], {
          message: 'failed to release migration lock',
          sent: `DELETE FROM ${table} WHERE ${isThisLock}`,
          on: other,
        })
      } finally {
        await other.close()
      }
    },
  }
}
