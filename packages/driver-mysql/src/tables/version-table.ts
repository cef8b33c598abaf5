import {
  emptyState,
  ledgerFormat,
  type MigrateError,
  type LedgerEntry,
  versionFromRow,
  versionToRow,
  type VersionState,
} from '@mig/core/driver'
import { databaseError, errno, isErrno } from '../steps/errors.ts'
import type { MysqlLedger } from './ledger.ts'
import {
  countViews,
  inspectTables,
  nullProblem,
  untrusted,
  versionTableProblem,
} from './own-tables.ts'
import type { ServerFacts } from '../connect/server.ts'
import type { MysqlSession, Row } from '../session/session.ts'
import { qualified } from './quote.ts'

const largestInteger = 2n ** 63n - 1n

/**
 * A value that fails with 1690 (out of range, whatever the SQL mode is) unless a condition holds, and with it ends the
 * message. A sum, because a subquery of two rows costs the server 50 µs at every write.
 */
const valueIf = (condition: string, value: number): string =>
  `${largestInteger} + ((${condition}) = 0) - ${largestInteger - BigInt(value)}`

/** The statement before changed exactly one row. Asked in the row of the ledger where there is one. */
const oneRow = 'ROW_COUNT() = 1'

/** An assignment, because DO swallows errors and SELECT would send rows. */
const requireThat = (condition: string): string => `SET @mig_changed = ${valueIf(condition, 1)}`

/** Clean at nothing applied is the one state without a row. */
const hasRow = ({ version, dirty }: VersionState): boolean => dirty || version !== null

const row = ({ version, dirty }: VersionState): string =>
  `${versionToRow(version)}, ${dirty ? 1 : 0}`

const isRow = ({ version, dirty }: VersionState): string =>
  `version = ${versionToRow(version)} AND dirty ${dirty ? '<>' : '='} 0`

/** The state that a row of version and dirty stands for, or no row. Throws where a row says only half of it. */
export const stateOfRow = (stored: Row | undefined, shown: string): VersionState => {
  const [version = null, dirty = null] = stored ?? []
  if (version === null && dirty === null) return emptyState
  if (version === null) throw untrusted(nullProblem(shown, 'version'))
  if (dirty === null) throw untrusted(nullProblem(shown, 'dirty'))
  return { version: versionFromRow(version), dirty: dirty !== '0' }
}

/** The version row's table, exactly as golang-migrate makes and reads it. Every statement names its database. */
export class MysqlVersionTable {
  /** `database.table`, in backticks. */
  readonly qualified: string
  readonly name: string
  readonly #facts: ServerFacts
  /** There are rows besides the version row's own, as golang-migrate leaves them after an interrupted write. */
  #leftovers = false

  constructor(facts: ServerFacts, table: string) {
    this.name = table
    this.qualified = qualified(facts.database, table)
    this.#facts = facts
  }

  /**
   * The statement that fails, and ends the message, where one of the names is a view: what a view calls would run with
   * the reader's rights. See {@link isView}.
   */
  requireNoView(...names: readonly string[]): string {
    return requireThat(`(${countViews(this.#facts, names)}) = 0`)
  }

  /** Reads the version row; nothing where there is no table. Of several rows the lowest is it, as golang-migrate has it. */
  async find(session: MysqlSession): Promise<VersionState | undefined> {
    try {
      const [, result] = await session.query(
        this.requireNoView(this.name),
        `SELECT version, dirty FROM ${this.qualified} ORDER BY version LIMIT 2`,
      )
      const rows = result?.rows ?? []
      for (const row of rows) if (row.includes(null)) throw this.#halfRow(row)
      const state = stateOfRow(rows[0], this.qualified)
      this.#leftovers = rows.length > 1 || (rows.length === 1 && !hasRow(state))
      return state
    } catch (error) {
      if (isErrno(error, errno.noSuchTable)) return undefined
      if (isErrno(error, errno.unknownColumn, errno.outOfRange)) await this.requireTrusted(session)
      throw databaseError(`Reading the version table ${this.qualified}`, error)
    }
  }

  #halfRow(row: Row): MigrateError {
    return untrusted(nullProblem(this.qualified, row[0] === null ? 'version' : 'dirty'))
  }

  /** Throws `VERSION_TABLE_UNTRUSTED` where the table is not what it should be, triggers aside. */
  async requireTrusted(session: MysqlSession): Promise<void> {
    const tables = await inspectTables(session, this.#facts.database, [this.name])
    const [table] = tables.values()
    const problem = table === undefined ? undefined : versionTableProblem(table, true)
    if (problem !== undefined) throw untrusted(problem)
  }

  async create(session: MysqlSession): Promise<void> {
    try {
      await session.query(
        `CREATE TABLE IF NOT EXISTS ${this.qualified} ` +
          '(version bigint not null primary key, dirty boolean not null)',
      )
    } catch (error) {
      throw databaseError(`Creating the version table ${this.qualified}`, error)
    }
  }

  /**
   * The statements that move the version row if it is exactly `from`, and put it on record. The last one fails otherwise,
   * and so ends the message before anything after it runs.
   */
  move(
    from: VersionState,
    to: VersionState,
    ledger?: MysqlLedger,
    ...entries: readonly LedgerEntry[]
  ): string[] {
    const statements: string[] = []
    if (this.#leftovers) {
      const rest = hasRow(from) ? `version <> ${versionToRow(from.version)}` : 'version < 0'
      // A LIMIT, because sql_safe_updates may be on.
      statements.push(`DELETE FROM ${this.qualified} WHERE ${rest} LIMIT 1000000`)
    }
    if (!hasRow(from)) {
      statements.push(
        `INSERT INTO ${this.qualified} (version, dirty) SELECT ${row(to)} FROM DUAL ` +
          `WHERE NOT EXISTS (SELECT 1 FROM ${this.qualified})`,
      )
    } else if (hasRow(to)) {
      statements.push(
        `UPDATE ${this.qualified} SET version = ${versionToRow(to.version)}, ` +
          `dirty = ${to.dirty ? 1 : 0} WHERE ${isRow(from)}`,
      )
    } else {
      statements.push(`DELETE FROM ${this.qualified} WHERE ${isRow(from)}`)
    }
    const recorded = ledger !== undefined && entries.length > 0
    return [
      ...statements,
      recorded ? ledger.insert(entries, valueIf(oneRow, ledgerFormat)) : requireThat(oneRow),
    ]
  }

  /** The statement that fails, and ends the message, unless the version row is exactly this. It has to have a row. */
  require(state: VersionState): string {
    const rows = `SELECT COUNT(*) FROM ${this.qualified} WHERE ${isRow(state)}`
    return requireThat(`(${rows}) = 1`)
  }

  /** The statements that set the version row, whatever it is. */
  set(to: VersionState): string[] {
    const clear = `DELETE FROM ${this.qualified}`
    if (!hasRow(to)) return [clear]
    return [clear, `INSERT INTO ${this.qualified} (version, dirty) VALUES (${row(to)})`]
  }

  /** A move was committed: no other row is left. */
  moved(): void {
    this.#leftovers = false
  }
}

/**
 * Whether a message ended at one of the conditions of {@link MysqlVersionTable.move}, or because another session wrote
 * the same version row at the same time.
 */
export const isVersionTableChanged = (error: unknown): boolean =>
  isErrno(error, errno.outOfRange, errno.duplicateEntry)
