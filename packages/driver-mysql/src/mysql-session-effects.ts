import type { Statement, StatementList } from '@mig/core/driver'

// With IF EXISTS and the like they are the same commands. None of them evaluates an expression.
const harmless = new Set([
  'ALTER TABLE',
  'ALTER VIEW',
  'CREATE EVENT',
  'CREATE FUNCTION',
  'CREATE INDEX',
  'CREATE PROCEDURE',
  'CREATE TRIGGER',
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

const changesNothing = ({ command, text }: Statement): boolean =>
  harmless.has(command) || (command === 'CREATE TABLE' && !/\b(?:TEMPORARY|SELECT)\b/i.test(text))

/**
 * Whether a session is after these statements as it was before: no variable, no temporary table, no lock, no other
 * database. A reset costs a fifth of a small step on a busy machine, so plain schema changes go without one.
 */
export const leavesSessionAlone = (statements: StatementList): boolean => {
  for (const statement of statements) if (!changesNothing(statement)) return false
  return true
}
