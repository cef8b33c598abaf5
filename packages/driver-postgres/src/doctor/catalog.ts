import type { InspectedObject, InspectedStatement, StatementList } from '@mig/core/driver'
import { postgresObjects, type ObjectKind, type StatementObject } from '@mig/sql'
import { catalogName, equals, isOneOf, operator, quoteLiteral } from '../tables/quote.ts'
import type { DriverState } from '../state.ts'

const relations: Partial<Record<ObjectKind, readonly string[]>> = {
  table: ['r', 'p', 'f'],
  view: ['v'],
  'materialized view': ['m'],
  sequence: ['S'],
}

/** Whether the namespace is that of the object, or one that its name is looked for in. */
const inSchema = (namespace: string): string =>
  `EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.oid ${equals} ${namespace} AND ` +
  `(n.nspname ${equals} o.schema OR o.schema IS NULL AND n.nspname ${equals} ANY (pg_catalog.current_schemas(false))))`

const onTable = (relation: string): string =>
  `EXISTS (SELECT FROM pg_catalog.pg_class AS t WHERE t.oid ${equals} ${relation} AND t.relname ${equals} o.owner ` +
  `AND ${inSchema('t.relnamespace')})`

const invalidIndex = 'invalid index'

const anIndex = (condition: string): string =>
  `EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_index AS i ON i.indexrelid ${equals} c.oid ` +
  `WHERE c.relname ${equals} o.name AND ${condition} AND ${inSchema('c.relnamespace')})`

/** For each kind the condition under which the catalog shows an object `o`. */
const conditions: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(relations).map(([kind, relkinds]) => [
      kind,
      `EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relname ${equals} o.name ` +
        `AND ${isOneOf('c.relkind', relkinds, '"char"')} AND ${inSchema('c.relnamespace')})`,
    ]),
  ),
  // An INVALID one is none: no query uses it.
  index: anIndex('i.indisvalid'),
  [invalidIndex]: anIndex('NOT i.indisvalid'),
  column:
    `EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attname ${equals} o.name AND a.attnum ${operator('>')} 0::int2 ` +
    `AND NOT a.attisdropped AND ${onTable('a.attrelid')})`,
  constraint:
    `EXISTS (SELECT FROM pg_catalog.pg_constraint AS c WHERE c.conname ${equals} o.name ` +
    `AND ${onTable('c.conrelid')})`,
  trigger:
    `EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgname ${equals} o.name ` +
    `AND ${onTable('g.tgrelid')})`,
  type: `EXISTS (SELECT FROM pg_catalog.pg_type AS t WHERE t.typname ${equals} o.name AND ${inSchema('t.typnamespace')})`,
  function: `EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.proname ${equals} o.name AND ${inSchema('p.pronamespace')})`,
  schema: `EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname ${equals} o.name)`,
  extension: `EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname ${equals} o.name)`,
}

/** An object with the schema that its name has without one: `users` and `public.users` are the same table. */
interface Resolved {
  readonly object: StatementObject
  readonly schema: string | null
}

const schemaOf = ({ kind, schema }: StatementObject, unqualified: string | null): string | null =>
  kind === 'schema' || kind === 'extension' ? null : (schema ?? unqualified)

const kindOf = ({ kind }: StatementObject): string => (kind === 'procedure' ? 'function' : kind)

const keyOf = ({ object, schema }: Resolved, kind = kindOf(object)): string =>
  JSON.stringify([kind, schema, ownerOf(object), object.name])

/** An index has its name in the schema, not in the table. */
const ownerOf = ({ kind, table }: StatementObject): string | null =>
  kind === 'index' ? null : (table ?? null)

const labelOf = ({ kind, schema, name, table }: StatementObject): string => {
  if (table === undefined || kind === 'index') {
    return `${kind} ${schema === undefined ? '' : `${schema}.`}${name}`
  }
  return `${kind} ${name} of ${schema === undefined ? '' : `${schema}.`}${table}`
}

const movesSearchPath = /\bsearch_path\b/i
const temporary = /^CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:GLOBAL|LOCAL)\s+)?TEMP(?:ORARY)?\b/i
const intoTemporary = /\bINTO\s+TEMP(?:ORARY)?\b/i

const sessionOf = (text: string): string | undefined => {
  if (temporary.test(text) || intoTemporary.test(text)) return 'a temporary object'
  if (/^PREPARE\s+(?!TRANSACTION)/i.test(text)) return 'a prepared statement'
  return undefined
}

const runsWhatIsNotThere = /^(?:CALL|EXECUTE)\b/i
const removesInBlock = /^DO\b.*\b(?:DROP|RENAME|EXECUTE|SET\s+SCHEMA)\b/is

/** Whether a statement may remove or rename what cannot be read from it. */
const isUnreadable = (text: string): boolean =>
  runsWhatIsNotThere.test(text) || removesInBlock.test(text) || /^DROP\s+OWNED\b/i.test(text)

/** After a change of the search path an unqualified name is not that of any other statement. */
const nowhere = '\0'

/** Looks up what the statements of scripts make and remove. */
export const inspectScripts = async (
  state: DriverState,
  scripts: readonly StatementList[],
): Promise<readonly (readonly InspectedStatement[])[]> => {
  const { standardConformingStrings, schema: current = null } = state.facts
  const found = scripts.map((statements) => {
    let unsure = false
    return Array.from(statements, ({ text }) => {
      // After a change of the search path nobody knows which object an unqualified name is.
      unsure ||= movesSearchPath.test(text)
      const objects = postgresObjects(text, { standardConformingStrings }).map(
        (object): Resolved => ({ object, schema: schemaOf(object, unsure ? nowhere : current) }),
      )
      return { text, objects }
    })
  })
  const wanted = found
    .flat()
    .flatMap(({ objects }) => objects.filter(({ schema }) => schema !== nowhere))
  const shown = await lookUp(state, wanted)
  return found.map((script) =>
    script.map(({ text, objects }) => {
      const inSession = sessionOf(text)
      return {
        objects: objects.map((resolved) => inspected(resolved, shown)),
        ...(isUnreadable(text) ? { unreadable: true } : {}),
        ...(inSession === undefined ? {} : { inSession }),
      }
    }),
  )
}

const inspected = (resolved: Resolved, shown: ReadonlyMap<string, boolean>): InspectedObject => {
  const { object } = resolved
  const key = keyOf(resolved)
  const { action, kind, table, conditional, cascade } = object
  // Functions of one name differ in their parameters: another one may stay when one is dropped.
  const overloaded = action === 'drop' && kindOf(object) === 'function'
  const isShown = overloaded ? undefined : shown.get(key)
  const isInvalid = shown.get(keyOf(resolved, invalidIndex)) === true
  const owner = { kind: 'table', name: table ?? '', action, conditional, cascade } as const
  return {
    action,
    label: labelOf(object),
    kind,
    key,
    conditional,
    cascade,
    ...(table === undefined ? {} : { owner: keyOf({ ...resolved, object: owner }) }),
    ...(isShown === undefined ? {} : { shown: isShown }),
    ...(isInvalid ? { unusable: true } : {}),
  }
}

const nameOrNull = (name: string | null | undefined): string =>
  name === null || name === undefined ? 'NULL::pg_catalog.name' : catalogName(name)

const atOnce = 200

const lookUp = async (
  { session }: DriverState,
  objects: readonly Resolved[],
): Promise<ReadonlyMap<string, boolean>> => {
  const shown = new Map<string, boolean>()
  const questions = new Map<string, readonly [kind: string, object: StatementObject]>()
  for (const resolved of objects) {
    const { object } = resolved
    questions.set(keyOf(resolved), [kindOf(object), object])
    if (object.kind === 'index') {
      questions.set(keyOf(resolved, invalidIndex), [invalidIndex, object])
    }
  }
  const unique = [...questions]
  for (let start = 0; start < unique.length; start += atOnce) {
    const part = unique.slice(start, start + atOnce)
    const rows = part.map(
      ([, [kind, object]], index) =>
        `(${index}, ${quoteLiteral(kind)}, ${nameOrNull(object.schema)}, ` +
        `${catalogName(object.name)}, ${nameOrNull(object.table)})`,
    )
    const cases = Object.entries(conditions).map(
      ([kind, condition]) => `WHEN o.kind ${equals} ${quoteLiteral(kind)} THEN ${condition}`,
    )
    const answers = await session.query(
      `SELECT o.i, CASE ${cases.join(' ')} END AS shown ` +
        `FROM (VALUES ${rows.join(', ')}) AS o (i, kind, schema, name, owner)`,
      'The catalog could not be read',
    )
    for (const { i, shown: there } of answers) {
      const [key] = part[Number(i)] ?? []
      if (key !== undefined && there !== null) shown.set(key, there === 't')
    }
  }
  return shown
}
