import type { Statement, StatementList } from '@mig/core/driver'
import { databaseError } from '../steps/errors.ts'
import type { ServerFacts } from '../connect/server.ts'
import type { MysqlSessions } from '../session/session-pair.ts'
import { text } from './quote.ts'

interface PlainTable {
  readonly name: string
  readonly engine: string
  readonly database: string
}

// MariaDB does these object by object; a failure at the second leaves the first done.
const severalObjects =
  /^(?:DROP (?:TABLE|VIEW|USER|ROLE|PROCEDURE|FUNCTION)|RENAME|GRANT|REVOKE|CREATE (?:USER|ROLE)|ALTER USER|ANALYZE|OPTIMIZE|REPAIR)/

/** Commands that make no table but the one they name, and no view, trigger or function. */
const harmless =
  /^(?:(?:CREATE|ALTER|DROP) TABLE|(?:CREATE|CREATE UNIQUE|DROP) INDEX|INSERT|UPDATE|DELETE|REPLACE|SELECT)$/

const namesEngine = /engine|\btype\s*=|\blike\b/i

const system = ['information_schema', 'performance_schema', 'mysql', 'sys']

/** Knows the tables that a rollback does not reach, because their engine has no transactions. */
export class MysqlEngines {
  readonly #sessions: MysqlSessions
  readonly #facts: ServerFacts
  readonly #migrationsTable: string
  #databases: readonly string[] | undefined
  readonly #tables = new Map<string, readonly PlainTable[]>()
  /** What triggers, views and functions of a database say, since a statement that names them may reach any table. */
  readonly #programs = new Map<string, string>()

  constructor(sessions: MysqlSessions, migrationsTable: string) {
    this.#sessions = sessions
    this.#facts = sessions.facts
    this.#migrationsTable = migrationsTable
  }

  /** Whatever ran may have changed any of it. */
  forget(): void {
    this.#databases = undefined
    this.#tables.clear()
    this.#programs.clear()
  }

  /**
   * Statements of a non-transactional step are about to run, which mostly leave what is known as it is. Asking the server about
   * all tables again before each step would cost more the more tables there are.
   */
  expect(statements: StatementList): void {
    if (!/^innodb$/i.test(this.#facts.defaultEngine)) return this.forget()
    for (const statement of statements) {
      if (!this.#leavesEngines(statement)) return this.forget()
    }
  }

  /** Makes no table without transactions: none that names an engine, and none in the likeness of another. */
  #leavesEngines({ command, text: sql }: Statement): boolean {
    if (!harmless.test(command) || namesEngine.test(sql)) return false
    const lower = sql.toLowerCase()
    for (const tables of this.#tables.values()) {
      if (tables.some(({ name }) => lower.includes(name))) return false
    }
    return true
  }

  /** Why a script of plain statements is not transactional, or nothing. Rather says so once too often. */
  async guardReason(statements: StatementList): Promise<string | undefined> {
    try {
      const own = await this.#tablesOf(this.#facts.database)
      const versionTable = own.find(({ name }) => name === this.#migrationsTable.toLowerCase())
      if (versionTable !== undefined) {
        return `the version table is ${versionTable.engine}, which has no transactions`
      }
      const reach = await this.#reachOf(statements)
      const found = reach.tables.find(({ name }) => reach.mentions(name))
      return found === undefined
        ? undefined
        : `the table ${found.name} is ${found.engine}, which has no transactions`
    } catch (error) {
      throw databaseError('Looking for tables without transactions', error)
    }
  }

  /** Why a statement that failed may have done a part of its work, or nothing. */
  async partlyReason(statement: Statement | undefined): Promise<string | undefined> {
    if (statement === undefined) return undefined
    const { command } = statement
    if (/^(?:CALL|BEGIN NOT ATOMIC|LOAD)/.test(command)) return `${command} runs several statements`
    if (this.#facts.flavor === 'mariadb' && severalObjects.test(command)) {
      return `${command} does one object after the other`
    }
    try {
      const reach = await this.#reachOf([statement])
      const found = reach.tables.find(({ name }) => reach.mentions(name))
      if (found !== undefined) return `${found.name} is ${found.engine}, which has no transactions`
    } catch {
      // The connection may be what failed; then nothing is known.
    }
    return undefined
  }

  /** The tables without transactions that statements could get at, and how to ask whether they do. */
  async #reachOf(statements: Iterable<Statement>): Promise<{
    readonly tables: readonly PlainTable[]
    mentions(name: string): boolean
  }> {
    const others = await this.#otherDatabases()
    const databases = new Set([this.#facts.database])
    for (const statement of statements) {
      if (others.length === 0) break
      const lower = statement.text.toLowerCase()
      for (const name of others) if (lower.includes(name.toLowerCase())) databases.add(name)
    }
    const tables: PlainTable[] = []
    const programs: string[] = []
    for (const database of databases) {
      const found = await this.#tablesOf(database)
      if (found.length === 0) continue
      tables.push(...found)
      programs.push(await this.#programsOf(database))
    }
    return {
      tables,
      mentions: (name) => {
        if (programs.some((program) => program.includes(name))) return true
        for (const statement of statements) {
          if (statement.text.toLowerCase().includes(name)) return true
        }
        return false
      },
    }
  }

  async #otherDatabases(): Promise<readonly string[]> {
    this.#databases ??= (await this.#rows('SELECT schema_name FROM information_schema.schemata'))
      .map(([name]) => name ?? '')
      .filter((name) => !system.includes(name.toLowerCase()) && name !== this.#facts.database)
    return this.#databases
  }

  async #tablesOf(database: string): Promise<readonly PlainTable[]> {
    const known = this.#tables.get(database)
    if (known !== undefined) return known
    const rows = await this.#rows(
      'SELECT t.table_name, t.engine FROM information_schema.tables t ' +
        'JOIN information_schema.engines e ON e.engine = t.engine ' +
        `WHERE t.table_schema = ${text(database)} AND e.transactions <> 'YES'`,
    )
    const tables = rows.map(([name, engine]) => ({
      database,
      name: (name ?? '').toLowerCase(),
      engine: engine ?? '',
    }))
    this.#tables.set(database, tables)
    return tables
  }

  async #programsOf(database: string): Promise<string> {
    const known = this.#programs.get(database)
    if (known !== undefined) return known
    const schema = text(database)
    const rows = await this.#rows(
      `SELECT action_statement FROM information_schema.triggers WHERE trigger_schema = ${schema} ` +
        `UNION ALL SELECT view_definition FROM information_schema.views WHERE table_schema = ${schema} ` +
        'UNION ALL SELECT routine_definition FROM information_schema.routines ' +
        `WHERE routine_schema = ${schema} AND routine_type = 'FUNCTION'`,
    )
    const programs = rows.map(([script]) => (script ?? '').toLowerCase()).join('\n')
    this.#programs.set(database, programs)
    return programs
  }

  async #rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const [result] = await this.#sessions.control.query(sql)
    return result?.rows ?? []
  }
}
