import type { Statement, StatementList } from '@mig/core/driver'

// With IF EXISTS and the like they are the same commands. None of them evaluates an expression.
const schemaChanges = new Set([
  'ALTER TABLE',
  'ALTER VIEW',
  'CREATE INDEX',
  'CREATE VIEW',
  'DROP EVENT',
  'DROP FUNCTION',
  'DROP INDEX',
  'DROP PROCEDURE',
  'DROP TABLE',
  'DROP TRIGGER',
  'DROP VIEW',
  'RENAME TABLE',
  'TRUNCATE TABLE',
])

const programs = new Set(['CREATE EVENT', 'CREATE FUNCTION', 'CREATE PROCEDURE', 'CREATE TRIGGER'])

/** A statement that commits by itself, returns no rows, has no statements in it and leaves its session as it was. */
export const isPlainSchemaChange = ({ command, text }: Statement): boolean =>
  schemaChanges.has(command) ||
  (command === 'CREATE TABLE' && !/\b(?:TEMPORARY|SELECT)\b/i.test(text))

/**
 * Whether a session is after these statements as it was before: no variable, no temporary table, no lock, no other
 * database. A reset costs a fifth of a small step on a busy machine, so plain schema changes go without one.
 */
export const leavesSessionAlone = (statements: StatementList): boolean => {
  for (const statement of statements) {
    if (!isPlainSchemaChange(statement) && !programs.has(statement.command)) return false
  }
  return true
}
