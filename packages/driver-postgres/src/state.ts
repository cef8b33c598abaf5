import { isMigrateError, type LockStrategy, MigrateError } from '@mig/core/driver'
import type { SessionSource } from './connect/connect.ts'
import type { PostgresLock } from './lock/lock.ts'
import type { PostgresSettings } from './connect/options.ts'
import { sessionReset, type SessionReset } from './steps/reset-session.ts'
import type { Row } from './session/exchange.ts'
import type { PostgresSession } from './session/session.ts'
import type { TableName } from './tables/quote.ts'
import { ledgerTableOf } from './tables/ledger.ts'
import {
  allFactsOfTable,
  factsOfTable,
  type NamedTable,
  parseFacts,
  type TableFacts,
} from './tables/own-tables.ts'
import type { VersionTable } from './tables/version-table.ts'

/** What the server says of itself and of a session. */
export interface ServerFacts {
  /** `server_version_num`, such as 180006. */
  readonly versionNumber: number
  /** Such as `18.6`. */
  readonly version: string
  readonly database: string
  /** The schema that new objects go to; absent where the search path names none that exists. */
  readonly schema: string | undefined
  readonly searchPath: string
  readonly standardConformingStrings: boolean
  /** The server counts positions in bytes: its encoding knows no characters. */
  readonly countsBytes: boolean
  /** What identifies the backend, also after its process id went to another one. */
  readonly backend: { readonly pid: number; readonly startedAt: string }
}

/** What a new session is asked for. */
interface OpeningAnswer {
  readonly facts: ServerFacts
  readonly tables: OwnTables
}

/** What is known of the tables of mig's own. Of one that was not there when it was looked for last there is nothing. */
export interface OwnTables {
  readonly versionTable: TableFacts | undefined
  readonly ledger: TableFacts | undefined
}

/** Looks for the tables, as SQL columns. `ask` says how much is to be known. */
const selectOwnTables = (versionTable: NamedTable, ask = factsOfTable): string => {
  const ledger = { ...versionTable, ...ledgerNameOf(versionTable) }
  return `${ask(versionTable)} AS version_table, ${ask(ledger)} AS ledger`
}

const ledgerNameOf = ({ schema = '', name }: NamedTable): Pick<TableName, 'name'> => ({
  name: ledgerTableOf({ schema, name }).name,
})

/** All there is to know of the tables. */
export const lookClosely = async (
  session: PostgresSession,
  versionTable: NamedTable,
): Promise<OwnTables> => {
  const [row = {}] = await session.query(
    `SELECT ${selectOwnTables(versionTable, allFactsOfTable)}`,
    'The tables could not be looked at',
  )
  return ownTablesOf(row)
}

/** Reads the answer to {@link selectOwnTables}. */
const ownTablesOf = (row: Row): OwnTables => ({
  versionTable: parseFacts(row['version_table']),
  ledger: parseFacts(row['ledger']),
})

/** Asks a new session for the facts, and what there is in the place of the tables. */
const readFacts = async (session: PostgresSession, table: NamedTable): Promise<OpeningAnswer> => {
  const setting = (name: string): string => `pg_catalog.current_setting('${name}') AS ${name}`
  const [row = {}] = await session.query(
    'SELECT pg_catalog.current_database() AS database, pg_catalog.current_schema() AS schema, ' +
      ['server_version_num', 'server_version', 'search_path', 'standard_conforming_strings']
        .map(setting)
        .join(', ') +
      `, ${setting('server_encoding')}, pg_catalog.pg_backend_pid() AS pid, ` +
      // The view pg_stat_activity takes as long again, to learn of databases and roles.
      '(SELECT backend_start FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid())) AS started_at' +
      `, ${selectOwnTables(table)}`,
    'The server could not be asked what it is',
  )
  const facts = {
    versionNumber: Number(row['server_version_num']),
    version: (row['server_version'] ?? '').split(' ')[0] ?? '',
    database: row['database'] ?? '',
    schema: row['schema'] ?? undefined,
    searchPath: row['search_path'] ?? '',
    standardConformingStrings: row['standard_conforming_strings'] !== 'off',
    countsBytes: row['server_encoding'] === 'SQL_ASCII',
    backend: { pid: Number(row['pid']), startedAt: row['started_at'] ?? '' },
  }
  const tables = ownTablesOf(row)
  const more = tables.versionTable?.more === true || tables.ledger?.more === true
  return { facts, tables: more ? await lookClosely(session, table) : tables }
}

/** What the parts of one driver share: the session in use, and what is known of the database. */
export interface DriverState {
  readonly settings: PostgresSettings
  readonly source: SessionSource
  readonly lock: PostgresLock
  session: PostgresSession
  reset: SessionReset
  facts: ServerFacts
  versionTable: VersionTable
  /** What was there when it was looked for last. */
  tables: OwnTables
  /** That was on opening, and nothing was waited for since. */
  justOpened: boolean
  /** The ledger, as far as it is on and can be written. */
  ledger: TableName | undefined
  /** The journal's session, from the first non-transactional step on. */
  journal: PostgresSession | undefined
}

/** Opens a session and gets to know it, and what there is in the place of mig's tables. */
export const openSession = async (
  source: SessionSource,
  versionTable: NamedTable,
  role: string | undefined,
  signal?: AbortSignal,
): Promise<Pick<DriverState, 'session' | 'reset' | 'facts' | 'tables'>> => {
  const session = await source.open(signal)
  try {
    // What is looked at is looked at with the eyes of the role.
    const early =
      role === undefined || session.handle.owned ? undefined : await sessionReset(session, role)
    const { facts, tables } = await readFacts(session, versionTable)
    if (session.transaction !== 'I') {
      throw new MigrateError(
        'INVALID_OPTION',
        'The client that was handed in has an open transaction',
        {
          hint: 'Commit or roll back before migrating on it.',
          details: { option: 'client' },
        },
      )
    }
    return { session, facts, tables, reset: early ?? (await sessionReset(session, role)) }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** Ends whatever transaction is open and brings the session back to order. */
export const rollBack = async (state: DriverState): Promise<void> => {
  const { session, reset } = state
  const again = await tryRollBack(session)
  if (again) await session.query('ROLLBACK', rollbackFailed)
  await session.query(reset.all.join('; '), 'The session could not be reset')
}

const rollbackFailed = 'The transaction could not be rolled back'

/** `true` where a cancel request that came late hit this very statement, which then is to be run again. */
const tryRollBack = async (session: PostgresSession): Promise<boolean> => {
  try {
    await session.query('ROLLBACK', rollbackFailed)
    return false
  } catch (error) {
    if (isMigrateError(error) && error.details.serverCode === '57014') return true
    throw error
  }
}

/** The strategies in the order in which they are offered. */
export const lockStrategies: readonly LockStrategy[] = ['advisory', 'transaction', 'table', 'none']
