import { MigrateError } from '@mig/core/driver'
import type { Row } from '../session/exchange.ts'
import {
  catalogName,
  equals,
  isOneOf,
  operator,
  quoteIdentifier,
  quoteTable,
  type TableName,
} from './quote.ts'

/** What the catalog says of a table that mig keeps, or of what stands in its place. */
export interface TableFacts {
  /** `relkind` of the catalog: `r` is a plain table. */
  readonly kind: string
  readonly owner: string
  /** The owner is the current user, or somebody who could do everything to it all the same. */
  readonly trusted: boolean
  /** The current user may write to it. What somebody else attached to it runs for whoever writes. */
  readonly writes: boolean
  /** There may be more to know, so that nothing is decided yet. */
  readonly more: boolean
  readonly triggers?: readonly string[] | null
  readonly rules?: readonly string[] | null
  /** Row security decides what the current user sees of it. */
  readonly rowSecurity: boolean
  /** Tables that inherit from it, whose rows are read with its own. */
  readonly children?: readonly string[] | null
  /** Types by the columns' names. */
  readonly columns: Readonly<Record<string, string>> | null
  /** The current user, and whether it is a superuser. */
  readonly me: string
  readonly superuser: boolean
}

/** A table, in the schema that new objects go to where it names none. */
export type NamedTable = Pick<Partial<TableName>, 'schema'> & Pick<TableName, 'name'>

/** Why a table is not used as it is. `reason` names it, `command` repairs it where one statement can. */
export interface TableProblem {
  readonly reason: string
  readonly command?: string
  /** More that a person should know. */
  readonly advice?: string
}

const isSuperuser = `pg_catalog.current_setting('is_superuser') ${equals} 'on'`

/**
 * Whether the owner of the relation `c` in the schema `n` could do everything to it all the same: to the current user,
 * to what it may become, to the schema or the database. A superuser counts as a member of every role, so of superusers
 * only memberships that were granted count.
 */
const isTrustedOwner =
  `CASE WHEN pg_catalog.pg_get_userbyid(c.relowner) ${equals} current_user THEN true ` +
  `WHEN c.relowner ${equals} n.nspowner THEN true ` +
  `WHEN c.relowner ${equals} (SELECT d.datdba FROM pg_catalog.pg_database AS d ` +
  `WHERE d.datname ${equals} pg_catalog.current_database()) THEN true ` +
  `WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid ${equals} c.relowner AND r.rolsuper) THEN true ` +
  `WHEN ${isSuperuser} THEN EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m ` +
  `WHERE m.roleid ${equals} c.relowner AND pg_catalog.pg_get_userbyid(m.member) ${equals} current_user) ` +
  `ELSE pg_catalog.pg_has_role(c.relowner, 'MEMBER') END`

/** What can be said without looking further, which is all there is to say of nearly every table of mig's own. */
const summary =
  "'kind', c.relkind, 'owner', pg_catalog.pg_get_userbyid(c.relowner), " +
  "'writes', pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'), " +
  "'rowSecurity', c.relrowsecurity AND pg_catalog.row_security_active(c.oid), " +
  "'columns', (SELECT pg_catalog.json_object_agg(a.attname, pg_catalog.format_type(a.atttypid, NULL)) " +
  `FROM pg_catalog.pg_attribute AS a WHERE a.attrelid ${equals} c.oid ` +
  `AND a.attnum ${operator('>')} 0::int2 AND NOT a.attisdropped), ` +
  `'me', current_user, 'superuser', ${isSuperuser}`

/**
 * What is known of the relation `c`, as {@link parseFacts} reads it. Where there may be more to know (`more`), nothing is
 * decided yet, and {@link allFactsOfTable} says the rest: the catalogs for that take a new session longer to open than
 * all else that is asked.
 */
export const factsOfRelation: string =
  `pg_catalog.json_build_object(${summary}, 'trusted', true, 'more', c.relhastriggers OR c.relhasrules ` +
  `OR c.relhassubclass OR pg_catalog.pg_get_userbyid(c.relowner) ${operator('<>')} current_user)`

const allFactsOfRelation: string =
  `pg_catalog.json_build_object(${summary}, 'trusted', ${isTrustedOwner}, 'more', false, ` +
  "'triggers', CASE WHEN c.relhastriggers THEN (SELECT pg_catalog.json_agg(g.tgname) " +
  `FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid ${equals} c.oid AND NOT g.tgisinternal) END, ` +
  "'rules', CASE WHEN c.relhasrules THEN (SELECT pg_catalog.json_agg(w.rulename) " +
  `FROM pg_catalog.pg_rewrite AS w WHERE w.ev_class ${equals} c.oid) END, ` +
  `'children', CASE WHEN c.relhassubclass AND c.relkind ${equals} 'r' THEN ` +
  '(SELECT pg_catalog.json_agg(i.inhrelid::pg_catalog.regclass) FROM pg_catalog.pg_inherits AS i ' +
  `WHERE i.inhparent ${equals} c.oid) END)`

const ofTable = (facts: string, { schema, name }: NamedTable): string =>
  `(SELECT ${facts} FROM pg_catalog.pg_class AS c ` +
  `JOIN pg_catalog.pg_namespace AS n ON n.oid ${equals} c.relnamespace ` +
  `WHERE c.relname ${equals} ${catalogName(name)} AND n.nspname ${equals} ` +
  `${schema === undefined ? 'pg_catalog.current_schema()' : catalogName(schema)})`

/** What is known of a table at first, as an SQL expression; NULL where there is none. */
export const factsOfTable = (table: NamedTable): string => ofTable(factsOfRelation, table)

/** The same with all there is to know. */
export const allFactsOfTable = (table: NamedTable): string => ofTable(allFactsOfRelation, table)

/** What is known of a table that was made a moment ago in a transaction of one's own. */
export const madeTable = (columns: Readonly<Record<string, string>>): TableFacts => ({
  kind: 'r',
  owner: '',
  trusted: true,
  writes: true,
  more: false,
  rowSecurity: false,
  columns,
  me: '',
  superuser: false,
})

/** Reads the answer to {@link factsOfTable} or {@link allFactsOfTable}. */
export const parseFacts = (value: Row[string] | undefined): TableFacts | undefined =>
  value === null || value === undefined ? undefined : (JSON.parse(value) as TableFacts)

const kinds: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
  c: 'a type',
  i: 'an index',
  I: 'an index',
  t: 'a TOAST table',
}

/** Whether and why a table is not to be used, whatever it is for. */
export const problemOf = (
  table: TableName,
  facts: TableFacts,
  trustTriggers: boolean,
): TableProblem | undefined => {
  const name = quoteTable(table)
  const { kind, owner, triggers, rules, children, me } = facts
  if (kind !== 'r' && kind !== 'p') {
    return {
      reason: `${name} is ${kinds[kind] ?? 'not a table'}, owned by ${owner}`,
      advice: 'Find out who made it, then remove or rename it.',
    }
  }
  if (!facts.trusted && facts.writes) return strangerProblem(name, facts)
  const [rule] = rules ?? []
  if (rule !== undefined && facts.writes) {
    return {
      reason: `${name} has rules: ${(rules ?? []).join(', ')}`,
      command: `DROP RULE ${quoteIdentifier(rule)} ON ${name}`,
    }
  }
  if (facts.rowSecurity) {
    return {
      reason: `row security decides which rows of ${name} the user ${me} may see`,
      command: `ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY`,
    }
  }
  const [child] = children ?? []
  if (child !== undefined) {
    return {
      reason: `other tables inherit from ${name}: ${(children ?? []).join(', ')}`,
      command: `ALTER TABLE ${child} NO INHERIT ${name}`,
    }
  }
  const [trigger] = triggers ?? []
  if (trigger === undefined || trustTriggers || !facts.writes) return undefined
  return {
    reason: `${name} has triggers: ${(triggers ?? []).join(', ')}`,
    command: `DROP TRIGGER ${quoteIdentifier(trigger)} ON ${name}`,
    advice:
      'If they are meant to be there, --trust-version-table, or x-trust-version-table=true in the database URL, accepts them.',
  }
}

/** Whoever owns a table can give it triggers, which run with the rights of whoever writes to it. */
const strangerProblem = (name: string, { owner, me, superuser }: TableFacts): TableProblem => ({
  reason:
    `${name} belongs to ${owner}: this is neither the user ${me}, nor a role that ${me} is a member of, ` +
    'nor the owner of the schema or the database, nor a superuser',
  command: `ALTER TABLE ${name} OWNER TO ${quoteIdentifier(me)}`,
  advice: superuser
    ? `Where ${owner} is the role that migrates here, connect as it, or pass --role=${owner}.`
    : `Find out what ${owner} made it for before you take it over.`,
})

/** The columns of a version table with their types. */
export const versionColumns: Readonly<Record<string, string>> = {
  version: 'bigint',
  dirty: 'boolean',
}

/** Whether and why a table is not to be used as the version table. */
export const versionTableProblem = (
  table: TableName,
  facts: TableFacts,
  trustTriggers: boolean,
): TableProblem | undefined => {
  const problem = problemOf(table, facts, trustTriggers)
  if (problem !== undefined) return problem
  const name = quoteTable(table)
  const missing = Object.keys(versionColumns).filter(
    (column) => facts.columns?.[column] === undefined,
  )
  if (missing.length > 0) {
    return {
      reason: `${name} is not a version table: it has no column ${missing.join(', ')}`,
      advice: `${otherName}.`,
    }
  }
  for (const [column, type] of Object.entries(versionColumns)) {
    const found = facts.columns?.[column] ?? ''
    if (found !== type) {
      return {
        reason: `the column ${column} of ${name} has the type ${found}, and not ${type}`,
        command: `ALTER TABLE ${name} ALTER COLUMN ${column} TYPE ${type} USING ${column}::${type}`,
        advice: `${otherName}, if another tool made this one.`,
      }
    }
  }
  return undefined
}

const otherName = 'Name another one with --migrations-table or x-migrations-table'

/** The problem of a version table that has a row with NULL in it. */
export const nullProblem = (table: TableName): TableProblem => ({
  reason: `${quoteTable(table)} has a row with NULL in it, which says neither a version nor that there is none`,
  command: `DELETE FROM ${quoteTable(table)} WHERE version IS NULL OR dirty IS NULL`,
})

/** The error where a table of mig's own is not used as it is. */
export const untrusted = (
  what: string,
  { reason, command, advice }: TableProblem,
): MigrateError => {
  const hint = [
    advice,
    '"mig doctor" says more.',
    command === undefined ? undefined : `This statement repairs it: ${command}`,
  ]
  return new MigrateError(
    'VERSION_TABLE_UNTRUSTED',
    `The ${what} is not used as it is: ${reason}`,
    {
      hint: hint.filter((text) => text !== undefined).join(' '),
    },
  )
}

/** Whether a kind of relation can be read without running what somebody else wrote. */
export const isPlainTable = (relation: string): string =>
  `${isOneOf(`${relation}.relkind`, ['r', 'p'], '"char"')} ` +
  `AND NOT (${relation}.relrowsecurity AND pg_catalog.row_security_active(${relation}.oid))`
