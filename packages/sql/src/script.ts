/**
 * What a statement means for the transaction it would run in:
 *
 * - `plain`: can run inside a transaction.
 * - `session`: changes settings of the session only (`SET`, `RESET`, `PRAGMA`, `USE`). Can run inside a transaction,
 *   and may stand outside of a transaction block that the script brings along.
 * - `set-transaction`: must be the first statement of its transaction (`SET TRANSACTION …`).
 * - `begin`, `begin-read-only`, `commit`, `commit-and-chain`, `rollback`, `prepare-transaction`: transaction control.
 * - `savepoint`: `SAVEPOINT`, `RELEASE`, `ROLLBACK TO`.
 * - `outside`: cannot run inside a transaction, or ends the one it runs in.
 * - `outside-alone`: may end the transaction it runs in, which the server allows only when it stands alone
 *   (`CALL`, or a `DO` block whose text commits).
 */
export type StatementRole =
  | 'plain'
  | 'session'
  | 'set-transaction'
  | 'begin'
  | 'begin-read-only'
  | 'commit'
  | 'commit-and-chain'
  | 'rollback'
  | 'prepare-transaction'
  | 'savepoint'
  | 'outside'
  | 'outside-alone'

/** One statement of a script, with its place in the script. */
export interface Statement {
  /** The statement's text, from its first token to its last, without the delimiter. */
  readonly text: string
  /** Offset of the first character in the script, in UTF-16 code units. */
  readonly start: number
  /** Offset after the last character, in UTF-16 code units. The delimiter is not part of it. */
  readonly end: number
  /** Line of the first character, counted from 1. Lines end with `\n`, or `\r\n`. */
  readonly line: number
  /** Column of the first character in its line, in characters (code points), counted from 1. */
  readonly column: number
  readonly role: StatementRole
  /** The leading key words in upper case, such as `CREATE INDEX CONCURRENTLY` or `INSERT`. */
  readonly command: string
  /** Why the role is what it is, for people to read; present for `outside` and `outside-alone`. */
  readonly reason?: string
}

/**
 * The statements of a script in order. They are made anew each time they are asked for: what the list keeps is some
 * 20 bytes per statement.
 */
export interface StatementList extends Iterable<Statement> {
  readonly length: number
  /** Returns the statement at an index; a negative one counts from the end, as with arrays. */
  at(index: number): Statement | undefined
}

/** What stands in the way of running a script at all. */
export interface ScriptProblem {
  /** One sentence: what is wrong. */
  readonly message: string
  /** What to do about it. */
  readonly hint: string
  /** Offset in the script, in UTF-16 code units. */
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** A script cut into statements. Where there is a problem, `statements` holds what stands before it. */
export interface ParsedScript {
  readonly statements: StatementList
  readonly problem?: ScriptProblem
  /**
   * How a statement is read depends on what stands before it (`DELIMITER`), so that the script is to be cut in one go.
   * Default is `false`.
   */
  readonly sequential?: true
}
