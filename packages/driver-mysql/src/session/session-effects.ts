import type { TransactionalStep, Statement, StatementList } from '@mig/core/driver'

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

const dataChanges = new Set(['DELETE', 'INSERT', 'REPLACE', 'UPDATE'])

/** Up to the columns that an INSERT names. */
const insertHead =
  /^(?:INSERT|REPLACE)(?:\s+(?:LOW_PRIORITY|HIGH_PRIORITY|IGNORE|INTO))*\s+[\w$.`]+\s*\(/i

/** Variables, comments (which may stand before a bracket, or be executed), sequences, and clauses that return rows. */
const unclear = /[@#]|--|\/\*|\bVALUE\s+FOR\b|\bRETURNING\b/i

/** A harmless word and the white space after it are shorter. */
const longestLookBack = 80
const longestCharacters = 64 * 1024

/** Words before a bracket that call nothing, and functions that touch nothing of their session. */
const harmlessWords = new Set(
  (
    'ALL AND ANY AS BETWEEN BY DISTINCT ELSE EXISTS FROM IN JOIN LIKE NOT ON OR ROW SELECT SET THEN UNION USING VALUE ' +
    'VALUES WHEN WHERE ABS CAST CEIL CHAR COALESCE CONCAT CONCAT_WS COUNT CURDATE CURRENT_DATE CURRENT_TIMESTAMP ' +
    'DATE DATE_ADD DATE_SUB FLOOR GREATEST IF IFNULL JSON_ARRAY JSON_OBJECT LEAST LEFT LENGTH LOWER MAX MD5 MIN NOW ' +
    'NULLIF RIGHT ROUND SHA1 SHA2 SUBSTRING SUM TRIM UNHEX UNIX_TIMESTAMP UPPER UTC_TIMESTAMP UUID UUID_TO_BIN'
  ).split(' '),
)

/**
 * An INSERT, UPDATE, DELETE or REPLACE that by its text sets nothing of its session but LAST_INSERT_ID(): no variable,
 * and no function that might. A trigger, a view or a default may still, of which the server tells
 * (`statusFlags.sessionChanged`). Rather says no once too often.
 */
const isPlainDataChange = ({ command, text }: Statement): boolean => {
  if (!dataChanges.has(command) || unclear.test(text)) return false
  const rest = text.replace(insertHead, '(')
  for (let at = rest.indexOf('('); at !== -1; at = rest.indexOf('(', at + 1)) {
    const before = rest.slice(Math.max(at - longestLookBack, 0), at).trimEnd()
    if (before === '' && at >= longestLookBack) return false
    const [word = ''] = /[^\s(),=<>+*/%!&|^~-]*$/.exec(before) ?? []
    if (word !== '' && !harmlessWords.has(word.toUpperCase())) return false
  }
  return true
}

/** Whether all a script does is to change data, as far as its text tells. A long one is not looked through. */
export const changesDataOnly = ({ script, parsed }: TransactionalStep): boolean => {
  if (script.length > longestCharacters) return false
  for (const statement of parsed.statements) {
    if (!isPlainDataChange(statement)) return false
  }
  return true
}
