import { setTimeout as sleep } from 'node:timers/promises'
import { MigrateError } from '@mig/core/driver'
import type { SqliteConnection } from '../session/session.ts'
import { databaseError, isBusy, isReadOnly } from '../steps/errors.ts'
import { withBusyTimeout } from '../session/pragma-snapshot.ts'

/*
 * There is no lock around a run. SQLite has one write lock, which the system takes back when its holder dies; holding it
 * for longer than a transaction is not possible on the connection that migrates. So each step takes it for itself with
 * BEGIN IMMEDIATE and compares the version row under it: whoever comes second finds the version row moved and plans anew, and
 * whoever finds the lock taken says `busy` at once and is called again.
 *
 * For the same reason nothing in this package opens the database file beside SQLite: closing any descriptor of a file
 * drops all locks that the process holds on it.
 */

const pauseMs = 10
/** How long SQLite itself sleeps in one attempt to commit. */
const commitAttemptMs = 100

/**
 * Repeats an action that leaves nothing when it finds the database locked. Throws `LOCK_TIMEOUT`, or
 * `DATABASE_FAILED` with what it was about to do.
 */
export const whenFree = async <T>(
  connection: SqliteConnection,
  what: string,
  action: () => T,
): Promise<T> => {
  const startedAt = performance.now()
  for (;;) {
    try {
      return withBusyTimeout(connection.client, 0, action)
    } catch (error) {
      if (!isBusy(error)) throw databaseError(error, what, connection.client.name)
      if (performance.now() - startedAt > connection.patienceMs) {
        throw lockTimeout(connection, error)
      }
    }
    await sleep(pauseMs * (0.5 + Math.random()))
  }
}

const lockTimeout = ({ patienceMs }: SqliteConnection, cause: unknown): MigrateError =>
  new MigrateError('LOCK_TIMEOUT', `The database was locked for ${patienceMs / 1000} s`, {
    details: { timeoutMs: patienceMs },
    cause,
  })

/** Rejects as `ABORTED` where a signal has fired. */
export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted !== true) return
  throw new MigrateError('ABORTED', 'The run was cancelled', { cause: signal.reason })
}

/** Takes the write lock, or says at once that another connection has it. */
export const begin = (
  connection: SqliteConnection,
  sql: 'BEGIN IMMEDIATE' | 'BEGIN EXCLUSIVE' = 'BEGIN IMMEDIATE',
): boolean => {
  try {
    const { client } = connection
    withBusyTimeout(client, 0, () => client.exec(sql))
    connection.atWork = true
    return true
  } catch (error) {
    if (isBusy(error)) return false
    throw databaseError(error, 'begin a transaction', connection.client.name)
  }
}

/** Whether the write lock could be had now. Takes it and gives it back; writes nothing. */
export const probeLock = (connection: SqliteConnection): boolean => {
  connection.requireIdle()
  const { client } = connection
  try {
    withBusyTimeout(client, 0, () => client.exec('BEGIN IMMEDIATE'))
  } catch (error) {
    if (isBusy(error)) return false
    // There is nothing to lock in a file that cannot be written; whoever tries to write hears of it.
    if (isReadOnly(error)) return true
    throw databaseError(error, 'take the lock')
  }
  client.exec('ROLLBACK')
  return true
}

/**
 * Commits. Readers can be in the way: then it is tried again, and after a while everything is rolled back and the
 * answer is `false`. Throws SQLite's own error where the commit is refused, with the transaction still open.
 */
export const commit = async (connection: SqliteConnection): Promise<boolean> => {
  const { client } = connection
  const startedAt = performance.now()
  for (;;) {
    try {
      withBusyTimeout(client, commitAttemptMs, () => client.exec('COMMIT'))
      connection.atWork = false
      return true
    } catch (error) {
      if (!isBusy(error)) throw error
    }
    if (performance.now() - startedAt > connection.patienceMs) {
      rollback(connection)
      return false
    }
    await yieldToEventLoop(connection)
  }
}

/** Rolls back what is open of ours. SQLite has often done so by itself. */
export const rollback = (connection: SqliteConnection): void => {
  const { client, atWork } = connection
  if (atWork && client.open && client.inTransaction) client.exec('ROLLBACK')
  connection.atWork = false
}

/**
 * Lets signals and timers have their turn inside a transaction. Not on a client that the program handed in: what the
 * program did with it meanwhile would become part of the transaction.
 */
export const yieldToEventLoop = async ({ owned }: SqliteConnection): Promise<void> => {
  if (owned) await sleep(1)
}

/** Runs writes of our own in one transaction. Waits for others that write. */
export const write = async <T>(
  connection: SqliteConnection,
  what: string,
  work: () => T,
): Promise<T> => {
  const startedAt = performance.now()
  try {
    for (;;) {
      if (begin(connection)) {
        const result = work()
        if (await commit(connection)) return result
      }
      if (performance.now() - startedAt > connection.patienceMs) {
        throw lockTimeout(connection, undefined)
      }
      await sleep(pauseMs * (0.5 + Math.random()))
    }
  } catch (error) {
    rollback(connection)
    throw databaseError(error, what, connection.client.name)
  }
}
