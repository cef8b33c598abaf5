import { setTimeout as sleep } from 'node:timers/promises'
import { MigrateError } from '@mig/core/driver'
import {
  adoptScriptSession,
  noIdleTimeout,
  openScriptSession,
  type ScriptSession,
} from './script-session.ts'
import { adoptClient } from '../connect/client.ts'
import { connector, locationOf, type Connect } from '../connect/connect.ts'
import { connectionLost, databaseError, errno, isErrno } from '../steps/errors.ts'
import { ledgerName } from '../tables/ledger.ts'
import { invalidOption, type MysqlClient, type MysqlConfig } from '../connect/options.ts'
import { readFacts, selectFacts, type ServerFacts } from '../connect/server.ts'
import { MysqlSession, type SessionLimits } from './session.ts'
import { qualified, text } from '../tables/quote.ts'

const longestGhostMs = 60_000
/** The most that max_allowed_packet may be, in bytes. */
const longestMessage = 1_073_741_824

/**
 * The two sessions of a driver. `control` holds the lock and writes version row and ledger; scripts run on the other one, so
 * that nothing they do to their session (USE, SET, LOCK TABLES, an open transaction, RELEASE_ALL_LOCKS) reaches those.
 */
export class MysqlSessions {
  readonly facts: ServerFacts
  readonly location: string
  /** Whether the session for scripts is ours, and not one that the program handed in. */
  readonly ownScript: boolean
  readonly #config: MysqlConfig
  readonly #connect: Connect
  #control: MysqlSession
  #script: Promise<ScriptSession> | undefined
  readonly #acquireScript: () => Promise<ScriptSession>
  #renewal: Promise<void> | undefined

  private constructor(
    parts: Pick<MysqlSessions, 'facts' | 'location' | 'ownScript'> & {
      readonly config: MysqlConfig
      readonly connect: Connect
      readonly control: MysqlSession
      readonly acquireScript: () => Promise<ScriptSession>
    },
  ) {
    this.facts = parts.facts
    this.location = parts.location
    this.ownScript = parts.ownScript
    this.#config = parts.config
    this.#connect = parts.connect
    this.#control = parts.control
    this.#acquireScript = parts.acquireScript
  }

  /** Opens the control session, and adopts the client where there is one. */
  static async open(
    config: MysqlConfig,
    client: MysqlClient | undefined,
    signal: AbortSignal | undefined,
  ): Promise<MysqlSessions> {
    if (client !== undefined) return MysqlSessions.#adopt(config, client, signal)
    const connect = connector(config)
    const { session, facts } = await openControl(connect, config, config.sessionVariables, signal)
    return new MysqlSessions({
      facts,
      location: locationOf(config),
      ownScript: true,
      config,
      connect,
      control: session,
      acquireScript: () => openScriptSession(connect, config, facts),
    })
  }

  static async #adopt(
    config: MysqlConfig,
    client: MysqlClient,
    signal: AbortSignal | undefined,
  ): Promise<MysqlSessions> {
    const adopted = adoptClient(client)
    const acquire = async (): Promise<Awaited<ReturnType<typeof adoptScriptSession>>> => {
      const { connection, release } = await adopted.acquire()
      const session = new MysqlSession(connection, adopted.multipleStatements, {
        statementMs: config.ownStatementMs,
        own: false,
      })
      try {
        return await adoptScriptSession(session, release, (database) =>
          [config.migrationsTable, ledgerName(config.migrationsTable)].map((name) =>
            qualified(database, name),
          ),
        )
      } catch (error) {
        session.forget()
        await release()
        throw databaseError("Reading the connection's settings", error)
      }
    }
    const { script, facts } = await acquire()
    try {
      const { connect } = adoptClient(client, facts.database)
      const { session } = await openControl(connect, config, {}, signal)
      const sessions = new MysqlSessions({
        facts,
        location: adopted.location,
        ownScript: false,
        config,
        connect,
        control: session,
        acquireScript: async () => (await acquire()).script,
      })
      sessions.#script = Promise.resolve(script)
      return sessions
    } catch (error) {
      await script.release()
      throw error
    }
  }

  /** The session of lock, version row and ledger. Where it broke, the lock is gone with it. */
  get control(): MysqlSession {
    const { broken } = this.#control
    if (broken !== undefined) throw connectionLost('The session that holds the lock', broken)
    return this.#control
  }

  /** What broke the control session, where it is broken. */
  get broken(): unknown {
    return this.#control.broken
  }

  /** Begins to open the session for scripts, so that it is there when the first one comes. */
  expectScript(): void {
    this.#script ??= this.#acquireScript()
    // Whoever asks for it hears of it.
    this.#script.catch(() => undefined)
  }

  /** The session for a script, as new. */
  async script(): Promise<MysqlSession> {
    const renewal = this.#renewal
    this.#renewal = undefined
    try {
      await renewal
      const opened = await (this.#script ??= this.#acquireScript())
      if (opened.session.broken === undefined) return opened.session
    } catch (error) {
      const script = this.#script
      this.#script = undefined
      // Why it could not be opened is the error at hand.
      const opened = await script?.catch(() => undefined)
      if (opened?.own === false) throw databaseError('Setting the session back', error)
      opened?.session.destroy()
      if (script !== undefined && opened === undefined) throw error
    }
    this.#script = this.#acquireScript()
    const { session } = await this.#script
    return session
  }

  /** What a step changed of the session is being taken back. */
  get renewing(): boolean {
    return this.#renewal !== undefined
  }

  /** Begins to take back what a step changed of the session; whoever needs it next waits for that. */
  renewScript(): void {
    const script = this.#script
    if (script === undefined) return
    this.#renewal = script.then((opened) => opened.renew())
    // `parsed` looks at how it ended.
    this.#renewal.catch(() => undefined)
  }

  /** Ends what a failed step left running, and waits until the server has done so. */
  async discardScript(): Promise<void> {
    const script = this.#script
    this.#renewal = undefined
    if (script === undefined) return
    // One that was never opened runs nothing; whoever asks for a script hears why.
    const opened = await script.catch(() => undefined)
    if (opened === undefined) {
      this.#script = undefined
      return
    }
    if (!opened.own && opened.session.broken === undefined) {
      await opened.renew().catch((error: unknown) => {
        throw databaseError('Rolling back', error)
      })
      return
    }
    this.#script = undefined
    const { id } = opened.session
    opened.session.destroy()
    await this.#endGhost(id)
  }

  /** A new control session in place of a broken one. The lock is not held afterwards. */
  async restoreControl(): Promise<'kept' | 'new'> {
    if (this.#control.broken === undefined) {
      try {
        await this.#control.query('DO 0')
        return 'kept'
      } catch {
        // Broken without having noticed.
      }
    }
    const ghost = this.#control.id
    this.#control.destroy()
    const { session } = await openControl(this.#connect, this.#config, {}, undefined)
    this.#control = session
    await this.#endGhost(ghost)
    return 'new'
  }

  /** Kills a session of ours that has lost its client: the server would run its statement on. */
  async #endGhost(id: string): Promise<void> {
    if (id === '') return
    const { control } = this
    const isThere = `SELECT 1 FROM information_schema.processlist WHERE id = ${id}`
    const startedAt = performance.now()
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 250)) {
      try {
        const [result] = await control.query(isThere)
        if (result?.rows.length === 0) return
        await control.query(`KILL ${id}`)
      } catch (error) {
        if (isErrno(error, errno.unknownThread)) return
        throw databaseError('Ending the broken session', error)
      }
      if (performance.now() - startedAt > longestGhostMs) {
        throw new MigrateError(
          'CONNECTION_LOST',
          `The statement of the broken session (connection ${id}) is still running on the server`,
          { hint: 'Wait for it to end ("SHOW PROCESSLIST"), then look at "mig status".' },
        )
      }
      await sleep(pauseMs)
    }
  }

  /** Stops what a session is running, over a connection of its own. */
  async cancel(id: string): Promise<void> {
    const session = new MysqlSession(await this.#connect(), true, limitsOf(this.#config))
    try {
      await session.query(`KILL QUERY ${id}`)
    } catch (error) {
      if (!isErrno(error, errno.unknownThread)) throw databaseError('Cancelling', error)
    } finally {
      await session.end()
    }
  }

  async close(): Promise<void> {
    // There is nothing to close of one that was never opened.
    const script = await this.#script?.catch(() => undefined)
    const renewal = this.#renewal
    this.#script = undefined
    this.#renewal = undefined
    // The program finds what ails its own client when it uses it next.
    if (script?.own === false) await renewal?.catch(() => undefined)
    await Promise.all([script?.release(), this.#control.end()])
  }

  /** Options of the driver that sessions were opened with. */
  get config(): MysqlConfig {
    return this.#config
  }
}

/** The limits of a session that mig opened. */
const limitsOf = ({ ownStatementMs }: MysqlConfig): SessionLimits => ({
  statementMs: ownStatementMs,
  own: true,
})

/**
 * Opens a session for lock, version row and ledger. Its settings are fixed, whatever server or URL say; what the URL asks
 * for is tried on it first, so that a wrong name is found before anything is done.
 */
const openControl = async (
  connect: Connect,
  config: MysqlConfig,
  variables: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<{ readonly session: MysqlSession; readonly facts: ServerFacts }> => {
  const session = new MysqlSession(await connect(signal), true, limitsOf(config))
  const wanted = Object.entries(variables).map(([name, value]) => `${name} = ${value}`)
  try {
    if (wanted.length > 0) await setVariables(session, wanted)
    const results = await session.query(
      selectFacts,
      `SET autocommit = 1, ${noIdleTimeout}, sql_mode = ${text('STRICT_ALL_TABLES')}, ` +
        'sql_safe_updates = 0, sql_select_limit = 18446744073709551615, ' +
        `lock_wait_timeout = ${config.lockWaitSeconds}, ` +
        `group_concat_max_len = ${longestMessage}`,
    )
    const facts = readFacts(results[0]?.rows[0])
    session.id = facts.id
    session.grantee = facts
    return { session, facts }
  } catch (error) {
    await session.end()
    throw databaseError('Setting up the session', error)
  }
}

const setVariables = async (session: MysqlSession, wanted: readonly string[]): Promise<void> => {
  try {
    await session.query(`SET ${wanted.join(', ')}`)
  } catch (error) {
    if (!isErrno(error, errno.unknownVariable)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw invalidOption(
      'sessionVariables',
      `The URL sets what the server does not know: ${reason}`,
      'Parameters that the driver does not know are session variables. See the driver page for those it knows.',
    )
  }
}
