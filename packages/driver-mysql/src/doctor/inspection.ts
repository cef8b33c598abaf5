import {
  versionFromRow,
  type Inspection,
  type InspectionRequest,
  type Observation,
} from '@mig/core/driver'
import { inspectScripts } from './catalog.ts'
import { databaseError, errno, isErrno } from '../steps/errors.ts'
import type { MysqlEngines } from '../tables/engines.ts'
import { quoteAccount } from './rights.ts'
import { ledgerName, ledgerProblem } from '../tables/ledger.ts'
import { MysqlLock } from '../lock/lock.ts'
import {
  countViews,
  inspectTables,
  kindProblem,
  nullProblem,
  ownTable,
  versionTableProblem,
  type TableProblem,
} from '../tables/own-tables.ts'
import type { Row } from '../session/session.ts'
import type { MysqlSessions } from '../session/session-pair.ts'
import { qualified, text } from '../tables/quote.ts'

/** Looks at what explains the state of the database, and changes nothing. */
export const inspect = async (
  sessions: MysqlSessions,
  engines: MysqlEngines,
  { scripts }: InspectionRequest,
): Promise<Inspection> => {
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
      ownTables,
      durability,
    ]) {
      observations.push(...(await allowed(() => observe(sessions))))
    }
    return {
      scripts: await inspectScripts(sessions, engines, scripts),
      observations,
      wholeScripts: false,
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
  const account = quoteAccount(me)
  const grantee = text(account)
  const rows = await rowsOf(
    sessions,
    `SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = ${grantee} ` +
      'UNION SELECT privilege_type FROM information_schema.schema_privileges ' +
      `WHERE grantee = ${grantee} AND ${text(database)} LIKE table_schema`,
  )
  const granted = new Set(rows.map(([right]) => right))
  const missing = needed.filter((right) => !granted.has(right))
  if (missing.length === 0) return excess(granted, account)
  return [
    {
      kind: 'missing-right',
      what: `${missing.join(', ')} in the database ${database}`,
      consequence: 'The version or the ledger cannot be written, or migrations that need it fail.',
      command: `GRANT ${missing.join(', ')} ON ${qualified(database, '*').replace('`*`', '*')} TO ${account}`,
    },
  ]
}

/** Rights on the whole server that no migration needs, and that let whoever has them do anything on it. */
const powers = ['SUPER', 'CREATE USER', 'FILE', 'SHUTDOWN'] as const

const excess = (
  granted: ReadonlySet<string | null | undefined>,
  account: string,
): Observation[] => {
  const found = powers.filter((right) => granted.has(right))
  if (found.length === 0) return []
  return [
    {
      kind: 'excess-rights',
      what: `${found.join(', ')} ON *.* (${account})`,
      advice: 'Make a user for migrations, with rights in this database only.',
    },
  ]
}

const mostOthers = 3

/** Where the version table is not there, but another table that looks like one. */
const otherVersionTables = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const { facts, config } = sessions
  const rows = await rowsOf(
    sessions,
    'SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t ' +
      'ON t.table_schema = c.table_schema AND t.table_name = c.table_name ' +
      `WHERE c.table_schema = ${text(facts.database)} AND t.table_type = 'BASE TABLE' GROUP BY c.table_name ` +
      "HAVING COUNT(*) = 2 AND SUM(LOWER(c.column_name) IN ('version', 'dirty')) = 2 ORDER BY c.table_name",
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

/** What a view calls would run with our rights. */
const isView = async (sessions: MysqlSessions): Promise<boolean> => {
  const { facts, config } = sessions
  const [row] = await rowsOf(sessions, `SELECT ${countViews(facts, [config.migrationsTable])}`)
  return row?.[0] !== '0'
}

const extraRows = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const { facts, config } = sessions
  if (await isView(sessions)) return []
  const [row] = await rowsOf(
    sessions,
    `SELECT COUNT(*) FROM ${qualified(facts.database, config.migrationsTable)}`,
  )
  const rows = Number(row?.[0] ?? 0)
  return rows > 1 ? [{ kind: 'extra-rows', rows }] : []
}

/** Version table and ledger that are not plain tables, or lack what they should have. */
const ownTables = async (sessions: MysqlSessions): Promise<Observation[]> => {
  const { facts, config, control } = sessions
  const { migrationsTable, trustVersionTable } = config
  const ledgerTable = ledgerName(migrationsTable)
  const tables = await inspectTables(control, facts.database, [migrationsTable, ledgerTable])
  const versionTable = ownTable(tables, migrationsTable)
  const ledger = ownTable(tables, ledgerTable)
  const observations: Observation[] = []
  const problem =
    versionTable === undefined
      ? undefined
      : (versionTableProblem(versionTable, trustVersionTable) ?? (await nullRow(sessions)))
  if (problem !== undefined) observations.push({ kind: 'untrusted-table', ...problem })
  if (ledger === undefined) return observations
  const kind = kindProblem(ledger, trustVersionTable)
  if (kind !== undefined) observations.push({ kind: 'untrusted-table', ...kind })
  const columns = ledgerProblem(ledger, true)
  if (kind === undefined && columns !== undefined) {
    observations.push({ kind: 'ledger-unusable', reason: columns.reason })
  }
  return observations
}

const nullRow = async (sessions: MysqlSessions): Promise<TableProblem | undefined> => {
  const { facts, config } = sessions
  const shown = qualified(facts.database, config.migrationsTable)
  const [row] = await rowsOf(
    sessions,
    `SELECT version FROM ${shown} WHERE version IS NULL OR dirty IS NULL ORDER BY version LIMIT 1`,
  )
  return row === undefined ? undefined : nullProblem(shown, row[0] === null ? 'version' : 'dirty')
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
