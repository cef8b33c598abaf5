import { mysqlSyntax, type MysqlSplitOptions } from '../dialects/mysql.ts'
import { MysqlLexer } from '../dialects/mysql-lexer.ts'
import type { PostgresSplitOptions } from '../dialects/postgres.ts'
import { PostgresLexer } from '../dialects/postgres-lexer.ts'
import { SqliteLexer } from '../dialects/sqlite-lexer.ts'
import { NameReader, type NameSyntax } from './name-reader.ts'
import { objectsOf } from './objects-of.ts'
import type { StatementObject } from './statement-object.ts'

const inside = (text: string, close = text.slice(-1)): string =>
  text.slice(1, -1).replaceAll(close + close, close)

const postgresNames: NameSyntax = {
  fold: (name) => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  // U&"…" has escapes of its own.
  unquote: (text) => (text.startsWith('"') ? inside(text) : undefined),
}

const asWritten: NameSyntax = { fold: (name) => name, unquote: (text) => inside(text) }

/**
 * Finds out what a PostgreSQL statement makes and removes, for looking it up in the catalog afterwards. A statement
 * that leaves nothing to look for, or that is not understood, gives nothing.
 *
 * @example
 * ```ts
 * import { postgresObjects } from '@mig/sql'
 *
 * const [index] = postgresObjects('CREATE INDEX CONCURRENTLY Users_Name ON users (name)')
 * console.log(index?.kind, index?.name, index?.table) // index users_name users
 * ```
 */
export function postgresObjects(
  statement: string,
  options: Pick<PostgresSplitOptions, 'standardConformingStrings'> = {},
): readonly StatementObject[] {
  const lexer = new PostgresLexer(statement, options.standardConformingStrings ?? true)
  const syntax = { triggersOfTables: true, overloads: true }
  return objectsOf(new NameReader(lexer, postgresNames), syntax)
}

/** Finds out what a MySQL or MariaDB statement makes and removes. See {@link postgresObjects}. */
export function mysqlObjects(
  statement: string,
  options: MysqlSplitOptions = {},
): readonly StatementObject[] {
  const lexer = new MysqlLexer(statement, mysqlSyntax(options))
  const syntax = { triggersOfTables: false, overloads: false }
  return objectsOf(new NameReader(lexer, asWritten), syntax)
}

/** Finds out what a SQLite statement makes and removes. See {@link postgresObjects}. */
export function sqliteObjects(statement: string): readonly StatementObject[] {
  const syntax = { triggersOfTables: false, overloads: false }
  return objectsOf(new NameReader(new SqliteLexer(statement), asWritten), syntax)
}
