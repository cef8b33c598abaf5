import { lockKey, MigrateError, type LockAttempt, type LockReport } from '@mig/core/driver'
import { databaseError } from '../steps/errors.ts'
import type { MysqlSession } from '../session/session.ts'
import { text } from '../tables/quote.ts'

const lockLost = (cause?: unknown): MigrateError =>
  new MigrateError('LOCK_LOST', 'The lock was gone before the run had ended', { cause })

/** golang-migrate's lock: GET_LOCK, by session and across all databases of the server. */
export class MysqlLock {
  readonly #name: string
  #holder: MysqlSession | undefined

  constructor(database: string, migrationsTable: string) {
    this.#name = text(lockKey(`${database}:${migrationsTable}`).toString())
  }

  /** Whether this driver took it, and on which session. */
  get holder(): MysqlSession | undefined {
    return this.#holder
  }

  /** GET_LOCK without waiting: 1 is held, 0 is busy, NULL is an error. */
  async try(session: MysqlSession): Promise<LockAttempt> {
    // Taken twice by one session, it would have to be released twice.
    if (this.#holder === session) return { held: true }
    const granted = await this.#call(session, `SELECT GET_LOCK(${this.#name}, 0)`)
    if (granted === '1') {
      this.#holder = session
      return { held: true }
    }
    if (granted === null) {
      throw new MigrateError('DATABASE_FAILED', 'GET_LOCK failed: the server returned NULL', {
        hint: 'The server is out of memory, or the session was killed. See its error log.',
      })
    }
    const holder = await this.describeHolder(session)
    return { held: false, ...(holder === undefined ? {} : { holder }) }
  }

  /** Gives it back. Throws `LOCK_LOST` where it was gone. */
  async release(session: MysqlSession): Promise<void> {
    const held = this.#holder === session
    this.#holder = undefined
    const released = held
      ? await this.#call(session, `SELECT RELEASE_LOCK(${this.#name})`)
      : undefined
    if (released !== '1') throw lockLost()
  }

  /** Forgets a lock that went with its session. */
  forget(): void {
    this.#holder = undefined
  }

  /** Forgets the lock and throws `LOCK_LOST`: its session broke with this error. */
  lostWith(broken: unknown): never {
    this.forget()
    throw lockLost(broken)
  }

  async report(session: MysqlSession): Promise<LockReport> {
    const holder = await this.describeHolder(session)
    return { cleared: false, ...(holder === undefined ? {} : { holder }) }
  }

  /** Who holds it, for people, as far as the server and our rights tell. */
  async describeHolder(session: MysqlSession): Promise<string | undefined> {
    const id = await this.#call(session, `SELECT IS_USED_LOCK(${this.#name})`)
    if (id === null) return undefined
    const attributes = await this.#attributes(session, id)
    const [user, host] = await this.#account(session, id)
    const connection =
      user === undefined ? `connection ${id}` : `connection ${id} of ${user}@${host ?? ''}`
    const program = attributes.get('program_name')
    const pid = attributes.get('mig_pid')
    if (program === 'mig' && pid !== undefined) {
      return `mig on ${attributes.get('mig_host') ?? '?'}, process ${pid} (${connection})`
    }
    return program === undefined ? connection : `${program} (${connection})`
  }

  async #account(session: MysqlSession, id: string): Promise<(string | undefined)[]> {
    try {
      const [result] = await session.query(
        `SELECT user, host FROM information_schema.processlist WHERE id = ${id}`,
      )
      return (result?.rows[0] ?? []).map((value) => value ?? undefined)
    } catch {
      return []
    }
  }

  /** What the holder said of itself when it connected. MariaDB without performance_schema keeps nothing. */
  async #attributes(session: MysqlSession, id: string): Promise<Map<string, string>> {
    for (const table of ['session_connect_attrs', 'session_account_connect_attrs']) {
      try {
        const [result] = await session.query(
          `SELECT attr_name, attr_value FROM performance_schema.${table} WHERE processlist_id = ${id}`,
        )
        return new Map((result?.rows ?? []).map(([name, value]) => [name ?? '', value ?? '']))
      } catch {
        // No right to see other accounts: the second table has those of this one.
      }
    }
    return new Map()
  }

  async #call(session: MysqlSession, sql: string): Promise<string | null> {
    try {
      const [result] = await session.query(sql)
      return result?.rows[0]?.[0] ?? null
    } catch (error) {
      throw databaseError('The lock', error)
    }
  }
}
