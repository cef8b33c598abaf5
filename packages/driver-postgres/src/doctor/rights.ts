import type { ServerError } from '../steps/errors.ts'
import type { Row } from '../session/exchange.ts'
import { catalogName, equals, literal, quoteIdentifier, quoteTable } from '../tables/quote.ts'

/** Asks the server. */
interface Asking {
  query(text: string, what: string): Promise<readonly Row[]>
}

/** The server's code for a right that is missing. */
export const insufficientPrivilege = '42501'

const deniedFor =
  /permission denied for (?:(table|relation|view|sequence)|(schema)|(database)) (.+)$/
const notOwner = /must be owner of (?:(?:table|relation|view|index|sequence) )(.+)$/

/** What a refused statement needs, as far as the server's message says it. */
interface Refused {
  readonly kind: 'relation' | 'schema' | 'database' | 'owner'
  readonly name: string
}

const refusedBy = (message: string): Refused | undefined => {
  const denied = deniedFor.exec(message)
  if (denied !== null) {
    const [, relation, schema, , name = ''] = denied
    const kind = relation !== undefined ? 'relation' : schema !== undefined ? 'schema' : 'database'
    return { kind, name }
  }
  const owner = notOwner.exec(message)
  return owner === null ? undefined : { kind: 'owner', name: owner[1] ?? '' }
}

const comment = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/

/** Which rights on a relation a statement needs, as far as that can be seen from how it begins. */
const rightsFor = (statement: string): string => {
  const text = statement.replace(comment, '')
  const [, word = ''] = /^(\w+)/.exec(text) ?? []
  switch (word.toUpperCase()) {
    case 'INSERT':
    case 'SELECT':
    case 'TRUNCATE':
      return word.toUpperCase()
    case 'UPDATE':
    case 'DELETE':
      return `SELECT, ${word.toUpperCase()}`
    case 'CREATE':
    case 'ALTER':
      if (/\bREFERENCES\b/i.test(text)) return 'REFERENCES'
      return /^CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\b/i.test(text)
        ? 'TRIGGER'
        : 'ALL'
    default:
      return 'ALL'
  }
}

const what = 'The rights of the role could not be read'

/** Who the session is, and what it may do in the schema and the database that are spoken of. */
const readRights = async (session: Asking, { kind, name }: Refused): Promise<Row> => {
  const schema = kind === 'schema' ? catalogName(name) : 'pg_catalog.current_schema()'
  const owner =
    kind === 'owner' || kind === 'relation'
      ? `(SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class AS c WHERE c.oid ` +
        `${equals} pg_catalog.to_regclass(${literal(quoteIdentifier(name))})::pg_catalog.oid)`
      : 'NULL'
  const [row = {}] = await session.query(
    `SELECT current_user AS me, ${owner} AS owner, ` +
      `(SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_namespace AS n WHERE n.nspname ${equals} ${schema}) AS uses, ` +
      `(SELECT pg_catalog.has_schema_privilege(n.oid, 'CREATE') FROM pg_catalog.pg_namespace AS n WHERE n.nspname ${equals} ${schema}) AS creates`,
    what,
  )
  return row
}

/** What is missing and how it is granted. `who` is the role as people read it. */
interface MissingRight {
  readonly says: string
  readonly grant?: string
}

const explain = (
  { kind, name }: Refused,
  row: Row,
  rights: string,
  relation: string,
): MissingRight => {
  const me = row['me'] ?? ''
  const to = quoteIfNeeded(me)
  switch (kind) {
    case 'schema': {
      const schema = quoteIfNeeded(name)
      if (row['uses'] === 'f') {
        return {
          says: `the role ${me} may not use the schema ${name}`,
          grant: `GRANT USAGE${row['creates'] === 'f' ? ', CREATE' : ''} ON SCHEMA ${schema} TO ${to}`,
        }
      }
      return {
        says: `the role ${me} may not create in the schema ${name}`,
        grant: `GRANT CREATE ON SCHEMA ${schema} TO ${to}`,
      }
    }
    case 'database':
      return {
        says: `the role ${me} may not create schemas in the database ${name}`,
        grant: `GRANT CREATE ON DATABASE ${quoteIfNeeded(name)} TO ${to}`,
      }
    case 'relation':
      return {
        says: `the role ${me} lacks rights on ${name}`,
        grant: `GRANT ${rights} ON ${relation} TO ${to}`,
      }
    case 'owner':
      return {
        says: `only its owner${row['owner'] == null ? '' : `, ${row['owner']},`} may change ${name}, and the role ${me} is not it`,
        grant: `ALTER TABLE ${relation} OWNER TO ${to}`,
      }
  }
}

const quoteIfNeeded = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name)

const orOwner = (row: Row): string => {
  const owner = row['owner']
  return owner == null
    ? 'or connect as the owner'
    : `or connect as the owner, ${owner} (as a member of it: --role=${owner})`
}

/** Which right a statement of a script lacked, and how it is granted: the script is not to blame. */
export const missingRightOfScript = async (
  session: Asking,
  error: ServerError,
  statement: string,
  takesRole: boolean,
): Promise<string> => {
  if (takesRole) {
    return 'The file is fine: the role that it takes on (SET ROLE) lacks the right. Grant it to that role.'
  }
  const refused = refusedBy(error.message)
  if (refused === undefined) {
    const [row] = await session.query('SELECT current_user AS me', what)
    return `The file is fine: the role ${row?.['me'] ?? ''} lacks the right. Grant it, or connect as a role that has it.`
  }
  const row = await readRights(session, refused)
  const { says, grant = '' } = explain(
    refused,
    row,
    rightsFor(statement),
    qualifiedInScript(statement, refused.name),
  )
  return `The file is fine: ${says}. ${grant}, ${orOwner(row)}.`
}

/** The name of a relation as the script has it, with its schema where that is given. */
const qualifiedInScript = (statement: string, name: string): string => {
  const quoted = quoteIfNeeded(name)
  const at = [`.${quoted}`, `."${name}"`]
    .map((text) => statement.toLowerCase().indexOf(text.toLowerCase()))
    .find((found) => found > 0)
  const [schema] = /(?:\w+|"(?:[^"]|"")+")$/.exec(statement.slice(0, at ?? 0)) ?? []
  return schema === undefined ? quoted : `${schema}.${quoted}`
}

const qualifiedNames = /"((?:[^"]|"")+)"\."((?:[^"]|"")+)"/g

/** The name of a table in a statement of mig's own, where all are qualified. */
const qualifiedIn = (statement: string, name: string): string | undefined => {
  for (const [, schema = '', table = ''] of statement.matchAll(qualifiedNames)) {
    const plain = table.replaceAll('""', '"')
    if (plain === name) return quoteTable({ schema: schema.replaceAll('""', '"'), name })
  }
  return undefined
}

const isLedger = (name: string): boolean => name.endsWith('_history')

/** Which right a statement of mig's own lacked, and how it is granted. */
export const missingRightOfOwn = async (
  session: Asking,
  error: ServerError,
  statement: string,
): Promise<string | undefined> => {
  const refused = refusedBy(error.message)
  if (refused === undefined) return undefined
  const row = await readRights(session, refused)
  const { name } = refused
  const rights = isLedger(name) ? 'SELECT, INSERT' : 'SELECT, INSERT, UPDATE, DELETE'
  const relation = qualifiedIn(statement, name) ?? quoteIfNeeded(name)
  const { says, grant = '' } = explain(refused, row, rights, relation)
  return `${says.charAt(0).toUpperCase()}${says.slice(1)}: ${grant}, ${orOwner(row)}.`
}
