import type { Connect } from '../connect/connect.ts'
import type { MysqlConfig } from '../connect/options.ts'
import { readFacts, selectFacts, type ServerFacts } from '../connect/server.ts'
import { errno, isErrno } from '../steps/errors.ts'
import { MysqlSession, type Result } from './session.ts'
import { identifier, literal, text } from '../tables/quote.ts'

/** The session that migrations run in. */
export interface ScriptSession {
  readonly session: MysqlSession
  /** Takes back what a step changed of the session. */
  renew(): Promise<void>
  /** Lets go of it: ends it if it is ours, gives it back if not. */
  release(): Promise<void>
  /** It is ours: it may be killed, and another one opened in its place. */
  readonly own: boolean
}

// A script may wait for hours for a lock; the server must not end the other session meanwhile.
export const noIdleTimeout = 'wait_timeout = 31536000'

const settings = ({ sessionVariables }: MysqlConfig, facts: ServerFacts): string =>
  [
    'autocommit = 1',
    noIdleTimeout,
    ...Object.entries(sessionVariables).map(([name, value]) => `${name} = ${value}`),
    // The lexer was told of this mode; a reset would bring back the server's.
    `sql_mode = ${text(facts.sqlMode)}`,
  ].join(', ')

/** The server tells that something of the session changed, and not what it changed to. */
const track = "SET session_track_state_change = ON, session_track_system_variables = ''"

/** A session of our own, renewed by COM_RESET_CONNECTION. */
export const openScriptSession = async (
  connect: Connect,
  config: MysqlConfig,
  facts: ServerFacts,
): Promise<ScriptSession> => {
  const session = new MysqlSession(await connect(undefined, { sessionTracking: true }), true, {
    statementMs: config.ownStatementMs,
    own: true,
  })
  const set = `SET ${settings(config, facts)}`
  const charset = config.collation.split('_', 1)[0] ?? 'utf8mb4'
  const names = `SET NAMES ${charset} COLLATE ${config.collation}`
  const askId = 'SELECT CONNECTION_ID()'
  let first = [track]
  let results: readonly Result[]
  try {
    results = await session.query(askId, ...first, set)
  } catch (error) {
    // Other servers of the protocol may not know it. Then the session is set back after every step that writes data.
    if (!isErrno(error, errno.unknownVariable)) throw error
    first = []
    results = await session.query(askId, set)
  }
  session.id = results[0]?.rows[0]?.[0] ?? ''
  session.grantee = facts
  return {
    session,
    own: true,
    renew: async () => {
      await session.reset()
      // The reset keeps the database that a script chose, and takes the server's own character set.
      await session.run(...first, `USE ${identifier(facts.database)}`, names, set)
    },
    release: () => session.end(),
  }
}

const kept = [
  'sql_mode',
  'autocommit',
  'foreign_key_checks',
  'unique_checks',
  'sql_safe_updates',
  'sql_select_limit',
  'sql_notes',
  'time_zone',
  'character_set_client',
  'character_set_results',
  'collation_connection',
  'lock_wait_timeout',
  'innodb_lock_wait_timeout',
  'group_concat_max_len',
] as const

/**
 * A session on a connection of the program. It is not reset wholesale: what the program set up is its own. What
 * differs from before the step is set back.
 */
export const adoptScriptSession = async (
  session: MysqlSession,
  release: () => Promise<void>,
  migrationsTables: (database: string) => readonly string[],
): Promise<{ readonly script: ScriptSession; readonly facts: ServerFacts }> => {
  const first = await session.query(selectFacts)
  const facts = readFacts(first[0]?.rows[0])
  session.id = facts.id
  session.grantee = facts
  const isolation = facts.flavor === 'mariadb' ? 'tx_isolation' : 'transaction_isolation'
  const names = [...kept, isolation]
  const snapshot = await session.query(`SELECT ${names.map((name) => `@@${name}`).join(', ')}`)
  const values = snapshot[0]?.rows[0] ?? []
  const assignments = names.map((name, index) => {
    const value = values[index] ?? null
    return `${name} = ${value !== null && /^\d+$/.test(value) ? value : literal(value)}`
  })
  const restore = [
    'ROLLBACK',
    'UNLOCK TABLES',
    `DROP TEMPORARY TABLE IF EXISTS ${migrationsTables(facts.database).join(', ')}`,
    `USE ${identifier(facts.database)}`,
    `SET ${assignments.join(', ')}`,
  ]
  const renew = async (): Promise<void> => {
    await session.run(...restore)
  }
  return {
    facts,
    script: {
      session,
      own: false,
      renew,
      release: async () => {
        session.forget()
        await release()
      },
    },
  }
}
