import type { InspectedObject, InspectedStatement, StatementList } from '@mig/core/driver'
import { mysqlObjects, type StatementObject } from '@mig/sql'
import type { MysqlEngines } from '../tables/engines.ts'
import type { MysqlSessions } from '../session/session-pair.ts'
import { text as literal } from '../tables/quote.ts'

type Resolved = StatementObject & { readonly schema: string }

const keyOf = ({ kind, schema, table, name }: Resolved): string =>
  JSON.stringify(
    kind === 'column' || kind === 'index' || kind === 'constraint'
      ? [kind, schema, table ?? null, name.toLowerCase()]
      : [kind, schema, name],
  )

const labelOf = ({ kind, name, table }: StatementObject): string =>
  table === undefined ? `${kind} ${name}` : `${kind} ${name} of ${table}`

/** What a statement leaves in the session it ran in. */
const sessionOf = (text: string): string | undefined => {
  if (/^CREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY\b/i.test(text)) return 'a temporary table'
  if (/^LOCK\s+TABLES?\b/i.test(text)) return 'table locks'
  if (/^FLUSH\b.*\b(?:READ\s+LOCK|FOR\s+EXPORT)\b/is.test(text)) return 'table locks'
  if (/^XA\s+(?:START|BEGIN)\b/i.test(text)) return 'an XA transaction'
  if (/^PREPARE\b/i.test(text)) return 'a prepared statement'
  if (/^SET\s+@(?!@)/i.test(text) || /\bINTO\s+@/i.test(text) || /@\w+\s*:=/.test(text)) {
    return 'a user variable'
  }
  return undefined
}

/** May remove or rename what cannot be read from it. */
const isUnreadable = /^(?:CALL|EXECUTE|BEGIN\s+NOT\s+ATOMIC)\b/i

/** Follows what keeps the events of statements back: they are written when it ends. */
class HoldingBack {
  #locked = false
  #autocommitOff = false
  #branch = false

  take(text: string): boolean {
    if (/^LOCK\s+TABLES?\b/i.test(text)) this.#locked = true
    else if (/^FLUSH\b.*\b(?:READ\s+LOCK|FOR\s+EXPORT)\b/is.test(text)) this.#locked = true
    else if (/^(?:UNLOCK\s+TABLES?|BEGIN|START\s+TRANSACTION)\b/i.test(text)) this.#locked = false
    else if (/^XA\s+(?:START|BEGIN)\b/i.test(text)) this.#branch = true
    else if (/^XA\s+(?:COMMIT|ROLLBACK)\b/i.test(text)) this.#branch = false
    const autocommit = /\bautocommit\s*:?=\s*(\w+)/i.exec(text)?.[1]
    if (autocommit !== undefined) this.#autocommitOff = !/^(?:1|ON|TRUE)$/i.test(autocommit)
    return this.#locked || this.#autocommitOff || this.#branch
  }
}

interface Found {
  readonly objects: readonly StatementObject[]
  readonly database: string | undefined
  readonly recordedLater: boolean
  readonly inSession: string | undefined
  readonly unreadable: boolean
  partly?: string | undefined
}

/** Looks up what the statements of scripts make and remove. */
export const inspectScripts = async (
  sessions: MysqlSessions,
  engines: MysqlEngines,
  scripts: readonly StatementList[],
): Promise<readonly (readonly InspectedStatement[])[]> => {
  const found: Found[][] = []
  for (const statements of scripts) {
    const script = readScript(sessions, statements)
    for (const [index, one] of script.entries()) {
      one.partly = await engines.partlyReason(statements.at(index))
    }
    found.push(script)
  }
  const wanted = found.flat().flatMap(({ objects, database }) => resolved(objects, database))
  const shown = await lookUp(sessions, wanted)
  return found.map((script) =>
    script.map(({ objects, database, recordedLater, inSession, unreadable, partly }) => ({
      objects: objects.map((object) => inspected(object, database, shown)),
      ...(recordedLater ? { recordedLater } : {}),
      ...(inSession === undefined ? {} : { inSession }),
      ...(unreadable ? { unreadable } : {}),
      ...(partly === undefined ? {} : { partly }),
    })),
  )
}

const readScript = ({ facts }: MysqlSessions, statements: StatementList): Found[] => {
  const { sqlMode, flavor, version } = facts
  const holding = new HoldingBack()
  // After a USE, a name without a database is looked for elsewhere.
  let database: string | undefined = facts.database
  return Array.from(statements, ({ text, command }) => {
    if (command === 'USE') database = undefined
    return {
      objects: mysqlObjects(text, { sqlMode, flavor, serverVersion: version }),
      database,
      recordedLater: holding.take(text),
      unreadable: isUnreadable.test(text),
      inSession: sessionOf(text),
    }
  })
}

const withSchema = (object: StatementObject, database: string | undefined): Resolved => ({
  ...object,
  // A database has no database; and one that is not known gets a name that no other object has.
  schema: object.kind === 'schema' ? '' : (object.schema ?? database ?? '\0'),
})

const resolved = (
  objects: readonly StatementObject[],
  database: string | undefined,
): readonly Resolved[] =>
  objects.map((object) => withSchema(object, database)).filter(({ schema }) => schema !== '\0')

const inspected = (
  object: StatementObject,
  database: string | undefined,
  shown: ReadonlyMap<string, boolean>,
): InspectedObject => {
  const own = withSchema(object, database)
  const isShown = shown.get(keyOf(own))
  const { action, kind, table, conditional, cascade } = object
  return {
    action,
    label: labelOf(object),
    kind,
    key: keyOf(own),
    conditional,
    cascade,
    ...(table === undefined ? {} : { owner: keyOf({ ...own, kind: 'table', name: table }) }),
    ...(isShown === undefined ? {} : { shown: isShown }),
  }
}

/** The query that finds one object; nothing for a kind that MySQL has not. */
const queryFor = ({ kind, schema, name, table }: Resolved): string | undefined => {
  const from = (view: string, column: string, rest = ''): string =>
    `SELECT 1 FROM information_schema.${view} WHERE ${column} = ${literal(name)}${rest}`
  const inDatabase = (column: string): string => ` AND ${column} = ${literal(schema)}`
  const ofTable = `${inDatabase('table_schema')} AND table_name = ${literal(table ?? '')}`
  switch (kind) {
    case 'table':
      return from(
        'tables',
        'table_name',
        `${inDatabase('table_schema')} AND table_type NOT IN ('VIEW', 'SEQUENCE')`,
      )
    case 'view':
      return from('views', 'table_name', inDatabase('table_schema'))
    case 'sequence':
      return from(
        'tables',
        'table_name',
        `${inDatabase('table_schema')} AND table_type = 'SEQUENCE'`,
      )
    case 'column':
      return from('columns', 'column_name', ofTable)
    case 'index':
      return table === undefined ? undefined : from('statistics', 'index_name', ofTable)
    case 'constraint':
      return from('table_constraints', 'constraint_name', ofTable)
    case 'trigger':
      return from('triggers', 'trigger_name', inDatabase('trigger_schema'))
    case 'event':
      return from('events', 'event_name', inDatabase('event_schema'))
    case 'function':
    case 'procedure':
      return from(
        'routines',
        'routine_name',
        `${inDatabase('routine_schema')} AND routine_type = ${literal(kind.toUpperCase())}`,
      )
    case 'schema':
      return from('schemata', 'schema_name')
    default:
      return undefined
  }
}

const atOnce = 50

const lookUp = async (
  { control }: MysqlSessions,
  objects: readonly Resolved[],
): Promise<ReadonlyMap<string, boolean>> => {
  const shown = new Map<string, boolean>()
  const queries = new Map<string, string>()
  for (const object of objects) {
    const query = queryFor(object)
    if (query !== undefined) queries.set(keyOf(object), query)
  }
  const entries = [...queries]
  for (let start = 0; start < entries.length; start += atOnce) {
    const part = entries.slice(start, start + atOnce)
    const columns = part.map(([, query]) => `EXISTS (${query})`)
    const [result] = await control.query(`SELECT ${columns.join(', ')}`)
    for (const [index, [key]] of part.entries()) shown.set(key, result?.rows[0]?.[index] === '1')
  }
  return shown
}
