// Longer phrases first where one starts with another.
const OBJECTS: readonly (readonly string[])[] = [
  'MATERIALIZED VIEW',
  'FOREIGN DATA WRAPPER',
  'FOREIGN TABLE',
  'EVENT TRIGGER',
  'ACCESS METHOD',
  'TEXT SEARCH CONFIGURATION',
  'TEXT SEARCH DICTIONARY',
  'TEXT SEARCH PARSER',
  'TEXT SEARCH TEMPLATE',
  'USER MAPPING',
  'OPERATOR CLASS',
  'OPERATOR FAMILY',
  'DEFAULT PRIVILEGES',
  'LARGE OBJECT',
  'LOGFILE GROUP',
  'RESOURCE GROUP',
  'SPATIAL REFERENCE SYSTEM',
  'VIRTUAL TABLE',
  'PACKAGE BODY',
  ...'TABLE INDEX VIEW SEQUENCE SCHEMA DATABASE TABLESPACE FUNCTION PROCEDURE ROUTINE TRIGGER EVENT'.split(
    ' ',
  ),
  ...'TYPE DOMAIN EXTENSION ROLE USER GROUP POLICY RULE AGGREGATE CAST COLLATION CONVERSION LANGUAGE'.split(
    ' ',
  ),
  ...'OPERATOR PUBLICATION SUBSCRIPTION SERVER STATISTICS TRANSFORM OWNED SYSTEM PACKAGE INSTANCE'.split(
    ' ',
  ),
].map((phrase) => phrase.split(' '))

const LONGEST_PREFIX = 24

/**
 * Names a CREATE, ALTER or DROP by its verb and the kind of object, without what may stand between them:
 * `CREATE OR REPLACE TEMP VIEW v` is a `CREATE VIEW`.
 */
export function ddlCommand(tokens: readonly string[]): string {
  const verb = tokens[0] ?? ''
  const last = Math.min(tokens.length, LONGEST_PREFIX)
  for (let at = 1; at < last; at++) {
    const phrase = OBJECTS.find((words) => words.every((word, i) => tokens[at + i] === word))
    if (phrase !== undefined) return `${verb} ${phrase.join(' ')}`
  }
  return verb
}
