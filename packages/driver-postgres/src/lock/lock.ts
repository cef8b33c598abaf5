import { hostname } from 'node:os'
import {
  lockKey,
  type LockAttempt,
  type LockReport,
  MigrateError,
  type LockStrategy,
} from '@mig/core/driver'
import { createTable } from '../tables/create-table.ts'
import { allFactsOfTable, parseFacts, problemOf, untrusted } from '../tables/own-tables.ts'
import type { PostgresSession } from '../session/session.ts'
import {
  equals,
  isOneOfNumbers,
  operator,
  quoteTable,
  type TableName,
  thisDatabase,
} from '../tables/quote.ts'

/** What a lock is about. */
export interface LockSubject {
  /** The database's name as the server has it. */
  readonly database: string
  /** The name as the URL has it, where it has one. */
  readonly databaseInUrl: string | undefined
  readonly versionTable: TableName
  readonly lockTable: TableName
}

/** The lock of one migrator, on one session. */
export interface PostgresLock {
  readonly strategy: LockStrategy
  readonly held: boolean
  /** For the strategy `transaction`: takes the lock inside a step, or fails with a message of its own. */
  readonly inTransaction: readonly string[]
  tryLock(session: PostgresSession): Promise<LockAttempt>
  /** Throws `LOCK_LOST` where it was no longer held. */
  unlock(session: PostgresSession): Promise<void>
  /** Whether the server agrees that the session has it. */
  confirm(session: PostgresSession): Promise<boolean>
  /** Whether others wait for it inside a statement, as golang-migrate does. */
  hasWaiters(session: PostgresSession): Promise<boolean>
  /** Who has it, for people. */
  holder(session: PostgresSession): Promise<string | undefined>
  clear(session: PostgresSession): Promise<LockReport>
  /** The session is gone, and the lock of the session with it. */
  forget(): void
}

/** Stands in the server's message where the lock of a step was taken. */
const lockBusy = 'mig: the lock is taken: '

/** Whether a server's message is that of a step that found its lock taken. */
export const isLockBusy = (message: string): boolean => message.includes(lockBusy)

/**
 * The ids that golang-migrate knows one database by: opened by URL it takes the name with the slash of the URL's path,
 * opened on a connection of the program the name alone, and the bare slash where the path is just that. In this order.
 */
const lockIds = ({ database, databaseInUrl, versionTable }: LockSubject): readonly bigint[] => {
  const names = [`/${databaseInUrl ?? database}`, database, '/']
  return [...new Set(names.map((name) => lockKey(name, versionTable.schema, versionTable.name)))]
}

/** The ids of the lock table: it is one for all version tables of a database. */
const lockTableIds = ({ database, databaseInUrl }: LockSubject): readonly bigint[] => [
  ...new Set([`/${databaseInUrl ?? database}`, database, '/'].map((name) => lockKey(name))),
]

const what = 'The lock could not be used'

/** `mig HOST PROCESS`, as mig names its sessions. */
const applicationName = /^mig (\S+) (\d+)$/

/** Writes a holder for people. */
const describeHolder = (name: string, pid: string, since: string): string => {
  const match = applicationName.exec(name)
  if (match === null) return `${name || 'a session without a name'}, backend ${pid}, since ${since}`
  const [, host = '', process = ''] = match
  const gone = host === hostname() && isGone(Number(process)) ? ', which has ended' : ''
  return `mig on ${host}, process ${process}${gone}, since ${since}`
}

const isGone = (processId: number): boolean => {
  try {
    process.kill(processId, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

const readHolder = async (session: PostgresSession, where: string): Promise<string | undefined> => {
  const [row] = await session.query(
    "SELECT a.application_name AS name, a.pid, pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', " +
      `'YYYY-MM-DD HH24:MI:SS') ${operator('||')} ' UTC'::pg_catalog.text AS since FROM pg_catalog.pg_stat_activity AS a WHERE ${where} ` +
      'ORDER BY a.backend_start LIMIT 1',
    what,
  )
  if (row === undefined) return undefined
  return describeHolder(row['name'] ?? '', row['pid'] ?? '?', row['since'] ?? 'an unknown time')
}

/** Rows of `pg_locks` that are about some advisory ids of this database. */
const locksOf = (ids: readonly bigint[]): string =>
  `l.locktype ${equals} 'advisory' AND l.objsubid ${equals} 1::int2 AND l.database ${equals} ${thisDatabase} AND ` +
  isOneOfNumbers(`((l.classid::bigint ${operator('<<')} 32) ${operator('|')} l.objid::bigint)`, ids)

/** Makes the lock that a strategy asks for. */
export const postgresLock = (strategy: LockStrategy, subject: LockSubject): PostgresLock => {
  switch (strategy) {
    case 'advisory':
      return advisoryLock(lockIds(subject))
    case 'transaction':
      return unheldLock('transaction', lockIds(subject))
    case 'table':
      return tableLock(subject.lockTable, lockTableIds(subject))
    case 'none':
      return unheldLock('none', lockIds(subject))
  }
}

const lost = (hint?: string): MigrateError =>
  new MigrateError(
    'LOCK_LOST',
    'The lock was no longer held when it was released',
    hint === undefined ? {} : { hint },
  )

const advisoryHolder = (
  ids: readonly bigint[],
  session: PostgresSession,
): Promise<string | undefined> =>
  readHolder(
    session,
    `a.pid ${equals} ANY (SELECT l.pid FROM pg_catalog.pg_locks AS l WHERE ${locksOf(ids)} AND l.granted)`,
  )

const advisoryWaiters = async (
  ids: readonly bigint[],
  session: PostgresSession,
): Promise<boolean> => {
  const rows = await session.query(
    `SELECT 1 FROM pg_catalog.pg_locks AS l WHERE ${locksOf(ids)} AND NOT l.granted LIMIT 1`,
    what,
  )
  return rows.length > 0
}

const advisoryLock = (ids: readonly bigint[]): PostgresLock => {
  let held = false
  const calls = (name: string, of: readonly bigint[]): string =>
    `SELECT ${of.map((id, i) => `pg_catalog.${name}(${id}) AS id${i}`).join(', ')}`

  const lock: PostgresLock = {
    strategy: 'advisory',
    get held() {
      return held
    },
    inTransaction: [],
    tryLock: async (session) => {
      // PostgreSQL gives a lock to its holder as often as it asks; the contract wants an exclusive one.
      if (held) return { held: false, holder: 'this migrator' }
      const [row = {}] = await session.query(calls('pg_try_advisory_lock', ids), what)
      const got = ids.filter((_, i) => row[`id${i}`] === 't')
      held = got.length === ids.length
      if (held) return { held }
      if (got.length > 0) await session.query(calls('pg_advisory_unlock', got), what)
      const holder = await lock.holder(session)
      return { held, ...(holder === undefined ? {} : { holder }) }
    },
    unlock: async (session) => {
      if (!held) throw lost()
      held = false
      const [row = {}] = await session.query(calls('pg_advisory_unlock', ids), what)
      if (ids.some((_, i) => row[`id${i}`] !== 't')) throw lost()
    },
    confirm: async (session) => {
      const [row] = await session.query(
        `SELECT pg_catalog.count(*) AS held FROM pg_catalog.pg_locks AS l WHERE ${locksOf(ids)} ` +
          `AND l.granted AND l.pid ${equals} pg_catalog.pg_backend_pid()`,
        what,
      )
      if (Number(row?.['held']) === ids.length) return true
      // What is left of it is released, so that taking it again leaves each id taken once.
      await session.query(calls('pg_advisory_unlock', ids), what)
      held = false
      return false
    },
    hasWaiters: (session) => advisoryWaiters(ids, session),
    holder: (session) => advisoryHolder(ids, session),
    clear: async (session) => {
      const holder = held ? undefined : await lock.holder(session)
      return { cleared: false, ...(holder === undefined ? {} : { holder }) }
    },
    forget: () => {
      held = false
    },
  }
  return lock
}

/** `transaction`, where each step takes the lock by itself, and `none`. */
const unheldLock = (strategy: 'transaction' | 'none', ids: readonly bigint[]): PostgresLock => {
  const tries = ids.map((id) => `pg_catalog.pg_try_advisory_xact_lock(${id})`).join(' AND ')
  let held = false
  return {
    strategy,
    get held() {
      return held
    },
    inTransaction:
      strategy === 'none'
        ? []
        : [
            `SELECT CASE WHEN ${tries} THEN 1 ` +
              `ELSE ('${lockBusy}'::pg_catalog.text ${operator('||')} pg_catalog.pg_backend_pid()::pg_catalog.text)::int END`,
          ],
    tryLock: async (session) => {
      if (held) return { held: false, holder: 'this migrator' }
      if (strategy === 'transaction') {
        // Ends with the statement; it tells whether somebody is in the middle of something now.
        const [row] = await session.query(`SELECT ${tries} AS free`, what)
        if (row?.['free'] !== 't') {
          const holder = await advisoryHolder(ids, session)
          return { held: false, ...(holder === undefined ? {} : { holder }) }
        }
      }
      held = true
      return { held }
    },
    unlock: async () => {
      if (!held) throw lost()
      held = false
    },
    confirm: async () => true,
    hasWaiters: (session) => advisoryWaiters(ids, session),
    holder: (session) => advisoryHolder(ids, session),
    clear: async (session) => {
      const holder = await advisoryHolder(ids, session)
      return { cleared: false, ...(holder === undefined ? {} : { holder }) }
    },
    forget: () => undefined,
  }
}

/** A table of rows, one per lock taken, as golang-migrate's pgx driver has it. A row outlives its process. */
const tableLock = (table: TableName, ids: readonly bigint[]): PostgresLock => {
  let held = false
  const name = quoteTable(table)
  const rows = isOneOfNumbers('lock_id', ids)
  const holder = `a row in ${name}`
  /** Throws `VERSION_TABLE_UNTRUSTED` where there is something in its place that is not to be used. */
  const isThere = async (session: PostgresSession): Promise<boolean> => {
    const [row] = await session.query(`SELECT ${allFactsOfTable(table)} AS facts`, what)
    const facts = parseFacts(row?.['facts'])
    const problem = facts === undefined ? undefined : problemOf(table, facts, false)
    if (problem !== undefined) throw untrusted('lock table', problem)
    return facts !== undefined
  }
  return {
    strategy: 'table',
    get held() {
      return held
    },
    inTransaction: [],
    tryLock: async (session) => {
      if (held) return { held: false, holder: 'this migrator' }
      if (!(await isThere(session))) {
        const definition = `${name} (lock_id BIGINT NOT NULL PRIMARY KEY)`
        // Where somebody else was first it has to be looked at.
        if (!(await createTable(session, definition, what))) await isThere(session)
      }
      const taken = await session.query(
        `INSERT INTO ${name} (lock_id) SELECT id FROM (VALUES ${ids.map((id) => `(${id})`).join(', ')}) AS v (id) ` +
          `WHERE NOT EXISTS (SELECT FROM ${name} WHERE ${rows}) ON CONFLICT DO NOTHING RETURNING lock_id`,
        what,
      )
      held = taken.length === ids.length
      if (held) return { held }
      const got = taken.map((row) => row['lock_id'] ?? '')
      if (got.length > 0) {
        await session.query(`DELETE FROM ${name} WHERE ${isOneOfNumbers('lock_id', got)}`, what)
      }
      return { held, holder }
    },
    unlock: async (session) => {
      if (!held) throw lost()
      held = false
      const gone = await session.query(`DELETE FROM ${name} WHERE ${rows} RETURNING lock_id`, what)
      if (gone.length < ids.length) throw lost('Somebody removed the row from the lock table.')
    },
    confirm: async (session) =>
      (await session.query(`SELECT lock_id FROM ${name} WHERE ${rows}`, what)).length ===
      ids.length,
    hasWaiters: async () => false,
    holder: async () => holder,
    clear: async (session) => {
      if (!(await isThere(session))) return { cleared: false }
      const gone = await session.query(`DELETE FROM ${name} WHERE ${rows} RETURNING lock_id`, what)
      return { cleared: gone.length > 0 }
    },
    // The row stays, and with it the lock.
    forget: () => undefined,
  }
}
