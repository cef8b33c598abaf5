import { applyOwnSettings } from '../connect/connect.ts'
import { type PostgresSession, takeRole } from '../session/session.ts'
import { equals, isOneOf, operator, quoteIdentifier, quoteLiteral } from '../tables/quote.ts'

/** How a session is brought back to where it was before a step. One statement each. */
export interface SessionReset {
  /** Puts role and session authorization back; can run in a transaction. */
  readonly roles: readonly string[]
  /** Puts everything back; runs after the COMMIT of a step. */
  readonly all: readonly string[]
  /** Runs before a client that was handed in is released. */
  readonly leave: readonly string[]
}

/** Keeps the advisory lock, which `DISCARD ALL` drops. */
const resetAll: readonly string[] = [
  'RESET SESSION AUTHORIZATION',
  'RESET ROLE',
  'RESET ALL',
  'CLOSE ALL',
  'UNLISTEN *',
  'DEALLOCATE ALL',
  'DISCARD SEQUENCES',
  'DISCARD TEMP',
]

/** What a step may change on a client that the program goes on using. */
const watchedSettings: readonly string[] = [
  'search_path',
  'TimeZone',
  'DateStyle',
  'IntervalStyle',
  'client_encoding',
  'client_min_messages',
  'standard_conforming_strings',
  'escape_string_warning',
  'bytea_output',
  'xmloption',
  'extra_float_digits',
  'check_function_bodies',
  'row_security',
  'default_tablespace',
  'default_table_access_method',
  'default_transaction_isolation',
  'default_transaction_read_only',
  'default_transaction_deferrable',
  'session_replication_role',
  'synchronous_commit',
  'statement_timeout',
  'lock_timeout',
  'transaction_timeout',
  'idle_session_timeout',
  'idle_in_transaction_session_timeout',
  'client_connection_check_interval',
  'work_mem',
  'maintenance_work_mem',
]

/** How to reset a session. One that was handed in is looked at first, and mig's own settings are made on it. */
export const sessionReset = async (
  session: PostgresSession,
  role: string | undefined,
): Promise<SessionReset> => {
  const { owned, settings = [] } = session.handle
  if (owned) {
    const [authorization = '', resetRole = '', ...others] = resetAll
    const roles = [authorization, role === undefined ? resetRole : takeRole(role)]
    return { roles, all: [...roles, ...others, ...settings], leave: [] }
  }
  const [authorization = '', ownRole = ''] = await readRoles(session)
  if (role !== undefined) await session.takeRole(role)
  const roles = [authorization, role === undefined ? ownRole : takeRole(role)]
  const before = await readSettings(session)
  await applyOwnSettings(session)
  const during = await readSettings(session)
  return {
    roles,
    all: [...roles, setBack(during)],
    leave: [authorization, ownRole, setBack(before)],
  }
}

const readSettings = async (session: PostgresSession): Promise<ReadonlyMap<string, string>> => {
  const rows = await session.query(
    'SELECT name, pg_catalog.current_setting(name) AS value FROM pg_catalog.pg_settings ' +
      `WHERE ${isOneOf('name', watchedSettings)}`,
    'The settings of the session could not be read',
  )
  return new Map(rows.map(({ name, value }) => [name ?? '', value ?? '']))
}

const readRoles = async (session: PostgresSession): Promise<readonly string[]> => {
  const [row] = await session.query(
    "SELECT pg_catalog.current_setting('role') AS role, session_user AS session_user, " +
      `(SELECT usename FROM pg_catalog.pg_stat_activity WHERE pid ${equals} pg_catalog.pg_backend_pid()) AS login`,
    'The role of the session could not be read',
  )
  const { role, session_user: user, login } = row ?? {}
  return [
    user === login || user === null || user === undefined
      ? 'RESET SESSION AUTHORIZATION'
      : `SET SESSION AUTHORIZATION ${quoteIdentifier(user)}`,
    role === 'none' || role === null || role === undefined
      ? 'SET ROLE NONE'
      : `SET ROLE ${quoteIdentifier(role)}`,
  ]
}

/** One statement that sets what differs and leaves the rest alone. */
const setBack = (values: ReadonlyMap<string, string>): string => {
  const rows = [...values].map(([name, value]) => `(${quoteLiteral(name)}, ${quoteLiteral(value)})`)
  return (
    'SELECT pg_catalog.set_config(v.name, v.value, false) ' +
    `FROM (VALUES ${rows.join(', ')}) AS v (name, value) ` +
    `WHERE pg_catalog.current_setting(v.name) ${operator('<>')} v.value`
  )
}
