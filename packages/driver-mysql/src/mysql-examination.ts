import {
  versionFromRow,
  type Examination,
  type ExaminationRequest,
  type Observation,
} from '@mig/core/driver'
import { examineBodies } from './mysql-catalog.ts'
import { databaseError, errno, isErrno } from './mysql-errors.ts'
import type { MysqlEngines } from './mysql-engines.ts'
import { ledgerColumnNames, ledgerName } from './mysql-ledger.ts'
import { MysqlLock } from './mysql-lock.ts'
import type { Row } from './mysql-session.ts'
import type { MysqlSessions } from './mysql-sessions.ts'
import { qualified, text } from './mysql-sql.ts'

/** Looks at what explains the state of the database, and changes nothing. */
export const examine = async (
  sessions: MysqlSessions,
  engines: MysqlEngines,
  { bodies }: ExaminationRequest,
): Promise<Examination> => {
  try {
    const [now] = await rowsOf(
      sessions,
      "SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')",
    )
    const observations: Observation[] = []
    for (const observe of [
      readOnly,
      lockHolder,
      cluster,
      rights,
      otherVersionTables,
      extraRows,
      ledger,
      durability,
    ]) {
      observations.push(...(await allowed(() => observe(sessions))))
    }
    return {
      bodies: await examineBodies(sessions, engines, bodies),
      observations,
      wholeBodies: false,
      serverTime: new Date(now?.[0] ?? Number.NaN),
    }
  } catch (error) {
    throw databaseError('Examining the database', error)
  }
}

const unknownTable = 1109

/** What may not be looked at, or is not there on this server, is left out. */
const allowed = async (
  observe: () => Promise<readonly Observation[]>,
): Promise<readonly Observation[]> => {
  try {
    return await observe()
  } catch (error) {
    const { accessDenied, tableAccessDenied, specificAccessDenied, noSuchTable } = errno
    const missing = [noSuchTable, errno.unknownVariable, unknownTable]
    if (isErrno(error, accessDenied, tableAccessDenied, specificAccessDenied, ...missing)) return []
    throw error
  }
}

const rowsOf = async ({ control }: MysqlSessions, sql: string): Promise<readonly Row[]> => {
  const [result] = await control.query(sql)
  return result?.rows ?? []
}

const variable = async (sessions: MysqlSessions, name: string): Promise<string | undefined> => {
  const [row] = await rowsOf(sessions, `SHOW GLOBAL VARIABLES LIKE ${likeText(name)}`)
  return row?.[1] ?? undefined
}

// SHOW takes no expression, so no hexadecimal literal; the names are ours.
const likeText = (name: string): string => `'${name}'`

const readOnly = async (sessions: MysqlSessions): Promise<Observation[]> => {
  for (const name of ['super_read_only', 'read_only']) {
    if ((await variable(sessions, name)) === 'ON') {
      return [{ kind: 'read-only', reason: `${name} is ON` }]
    }
  }
  return []
}

const lockHolder = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const { facts, config } = sessions
  const lock = new MysqlLock(facts.database, config.migrationsTable)
  const { holder } = await lock.report(sessions.control)
  return holder === undefined ? [] : [{ kind: 'lock-held', holder }]
}

const cluster = async (sessions: MysqlSessions): Promise<Observation[]> => {
  // Without a provider nothing is replicated, whatever wsrep_on says.
  const provider = (await variable(sessions, 'wsrep_provider')) ?? 'none'
  if (provider !== 'none' && (await variable(sessions, 'wsrep_on')) === 'ON') {
    return [{ kind: 'lock-per-node', cluster: 'Galera' }]
  }
  const [members] = await rowsOf(
    sessions,
    'SELECT COUNT(*) FROM performance_schema.replication_group_members ' +
      "WHERE member_state NOT IN ('OFFLINE', '')",
  )
  const grouped = Number(members?.[0] ?? 0) > 0
  return grouped ? [{ kind: 'lock-per-node', cluster: 'Group Replication' }] : []
}

const needed = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP', 'INDEX'] as const

/** Rights on the whole database. Those that come by a role cannot be seen here, so nothing is said of such a user. */
const rights = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const { database } = sessions.facts
  const [who] = await rowsOf(sessions, 'SELECT CURRENT_USER(), CURRENT_ROLE()')
  const [me = '', role = null] = who ?? []
  if (me === null || (role !== null && role !== 'NONE')) return []
  const at = me.lastIndexOf('@')
  const account = `'${me.slice(0, at)}'@'${me.slice(at + 1)}'`
  const grantee = text(account)
  const rows = await rowsOf(
    sessions,
    `SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = ${grantee} ` +
      'UNION SELECT privilege_type FROM information_schema.schema_privileges ' +
      `WHERE grantee = ${grantee} AND ${text(database)} LIKE table_schema`,
  )
  const granted = new Set(rows.map(([right]) => right))
  const missing = needed.filter((right) => !granted.has(right))
  if (missing.length === 0) return []
  return [
    {
      kind: 'missing-right',
      what: `${missing.join(', ')} in the database ${database}`,
      consequence: 'The version or the ledger cannot be written, or migrations that need it fail.',
      command: `GRANT ${missing.join(', ')} ON ${qualified(database, '*').replace('`*`', '*')} TO ${account}`,
    },
  ]
}

const mostOthers = 3

/** Where the version table is not there, but another table that looks like one. */
const otherVersionTables = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const { facts, config } = sessions
  const rows = await rowsOf(
    sessions,
    'SELECT table_name FROM information_schema.columns ' +
      `WHERE table_schema = ${text(facts.database)} GROUP BY table_name ` +
      "HAVING COUNT(*) = 2 AND SUM(LOWER(column_name) IN ('version', 'dirty')) = 2 ORDER BY table_name",
  )
  const names = rows.map(([name]) => name ?? '')
  if (names.includes(config.migrationsTable)) return []
  const observations: Observation[] = []
  for (const name of names.slice(0, mostOthers)) {
    const table = qualified(facts.database, name)
    const [row] = await rowsOf(
      sessions,
      `SELECT version, dirty FROM ${table} ORDER BY version LIMIT 1`,
    )
    const [version = null, dirty] = row ?? []
    observations.push({
      kind: 'other-version-table',
      table,
      state: {
        version: version === null ? null : versionFromRow(version),
        dirty: dirty !== undefined && dirty !== '0',
      },
    })
  }
  return observations
}

const extraRows = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const { facts, config } = sessions
  const [row] = await rowsOf(
    sessions,
    `SELECT COUNT(*) FROM ${qualified(facts.database, config.migrationsTable)}`,
  )
  const rows = Number(row?.[0] ?? 0)
  return rows > 1 ? [{ kind: 'extra-rows', rows }] : []
}

const ledger = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const { facts, config } = sessions
  const name = ledgerName(config.migrationsTable)
  const rows = await rowsOf(
    sessions,
    'SELECT column_name FROM information_schema.columns ' +
      `WHERE table_schema = ${text(facts.database)} AND table_name = ${text(name)}`,
  )
  if (rows.length === 0) return []
  const found = new Set(rows.map(([column]) => column?.toLowerCase()))
  const missing = ledgerColumnNames.filter((column) => !found.has(column))
  if (missing.length === 0) return []
  const reason = `${qualified(facts.database, name)} is no ledger of mig: it has no column ${missing.join(', ')}`
  return [{ kind: 'ledger-unusable', reason }]
}

const durability = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const observations: Observation[] = []
  const weak = (setting: string, value: string | undefined, consequence: string): void => {
    if (value === undefined || value === '1') return
    observations.push({ kind: 'weak-durability', setting, value, consequence })
  }
  const loses = 'A crash of the machine can lose what was committed a moment before.'
  const flush = 'innodb_flush_log_at_trx_commit'
  weak(flush, await variable(sessions, flush), loses)
  if ((await variable(sessions, 'log_bin')) === 'ON') {
    weak(
      'sync_binlog',
      await variable(sessions, 'sync_binlog'),
      'After a crash of the machine replicas can have more than this server, or less.',
    )
  }
  return observations
}
