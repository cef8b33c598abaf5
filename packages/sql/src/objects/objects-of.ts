import { alteredTable } from './altered-table.ts'
import type { NameReader } from './name-reader.ts'
import type { ObjectKind, StatementObject } from './statement-object.ts'

/** Where the dialects differ in what belongs to what. */
export interface ObjectSyntax {
  /** A trigger belongs to its table, and two tables may have triggers of one name. */
  readonly triggersOfTables: boolean
  /** Functions of one name may differ in their parameters, so that a name says little. */
  readonly overloads: boolean
}

const kinds: readonly (readonly [words: readonly string[], kind: ObjectKind])[] = [
  [['MATERIALIZED', 'VIEW'], 'materialized view'],
  [['FOREIGN', 'TABLE'], 'table'],
  [['VIRTUAL', 'TABLE'], 'table'],
  [['TABLE'], 'table'],
  [['INDEX'], 'index'],
  [['VIEW'], 'view'],
  [['SEQUENCE'], 'sequence'],
  [['TYPE'], 'type'],
  [['DOMAIN'], 'type'],
  [['FUNCTION'], 'function'],
  [['ROUTINE'], 'function'],
  [['PROCEDURE'], 'procedure'],
  [['TRIGGER'], 'trigger'],
  [['EVENT'], 'event'],
  [['SCHEMA'], 'schema'],
  [['DATABASE'], 'schema'],
  [['EXTENSION'], 'extension'],
]

const takeKind = (reader: NameReader): ObjectKind | undefined => {
  // An event trigger is another thing than an event.
  if (reader.word === 'EVENT' && reader.peek(1) === 'TRIGGER') return undefined
  return kinds.find(([words]) => reader.take(...words))?.[1]
}

/** Words that may stand between CREATE and the kind of object. */
const adjectives = new Set(
  'UNIQUE FULLTEXT SPATIAL UNLOGGED RECURSIVE CONSTRAINT AGGREGATE ONLINE OFFLINE'.split(' '),
)
/** The same, with a value after. */
const settings = new Set(['ALGORITHM', 'DEFINER'])

/** What a statement makes and removes. A statement of a kind that is not known leaves nothing to look for. */
export const objectsOf = (reader: NameReader, syntax: ObjectSyntax): readonly StatementObject[] => {
  if (reader.take('CREATE')) return created(reader, syntax)
  if (reader.take('DROP')) return dropped(reader)
  if (reader.take('ALTER')) return altered(reader)
  if (reader.take('RENAME', 'TABLE') || reader.take('RENAME', 'TABLES')) return renamed(reader)
  return []
}

const created = (reader: NameReader, syntax: ObjectSyntax): readonly StatementObject[] => {
  let conditional = false
  let kind: ObjectKind | undefined
  while (!reader.done && (kind = takeKind(reader)) === undefined) {
    if (reader.take('OR', 'REPLACE')) conditional = true
    else if (settings.has(reader.word)) skipSetting(reader)
    else if (reader.take('SQL', 'SECURITY')) reader.skip()
    else if (adjectives.has(reader.word)) reader.skip()
    // A temporary object is gone with its session.
    else return []
  }
  if (kind === undefined) return []
  reader.take('CONCURRENTLY')
  if (reader.take('IF', 'NOT', 'EXISTS')) conditional = true
  if (reader.word === 'AUTHORIZATION' || (kind === 'index' && reader.word === 'ON')) return []
  const name = reader.qualified()
  if (name === undefined) return []
  if (kind === 'function' && syntax.overloads) conditional = true
  const base = { action: 'create', kind, conditional, cascade: false } as const
  if (kind !== 'index' && kind !== 'trigger') return [{ ...base, ...name }]
  const table = reader.after('ON') ? tableAfterOn(reader) : undefined
  if (kind === 'trigger' && !syntax.triggersOfTables) return [{ ...base, ...name }]
  if (table === undefined) return []
  return [{ ...base, ...name, ...schemaOf(table, name), table: table.name }]
}

const skipSetting = (reader: NameReader): void => {
  reader.skip()
  reader.take('=')
  reader.skip()
  // user@host, CURRENT_USER()
  if (reader.take('@')) reader.skip()
  reader.parenthesised()
}

type Name = NonNullable<ReturnType<NameReader['qualified']>>

const tableAfterOn = (reader: NameReader): Name | undefined => {
  reader.take('ONLY')
  return reader.qualified()
}

/** The schema of what belongs to a table is that of the table. */
const schemaOf = (table: Name, name: Name): { readonly schema?: string } => {
  const schema = table.schema ?? name.schema
  return schema === undefined ? {} : { schema }
}

const dropped = (reader: NameReader): readonly StatementObject[] => {
  const kind = takeKind(reader)
  if (kind === undefined) return []
  reader.take('CONCURRENTLY')
  const conditional = reader.take('IF', 'EXISTS')
  const cascade = kind === 'schema' || reader.has('CASCADE')
  const base = { action: 'drop', kind, conditional, cascade } as const
  const objects: StatementObject[] = []
  do {
    const name = reader.qualified()
    if (name === undefined) return []
    if ((kind === 'index' || kind === 'trigger') && reader.take('ON')) {
      const table = reader.qualified()
      if (table === undefined) return []
      return [{ ...base, ...name, ...schemaOf(table, name), table: table.name }]
    }
    objects.push({ ...base, ...name })
  } while (reader.nextInList())
  return objects
}

/** MySQL: `RENAME TABLE a TO b, c TO d`. */
const renamed = (reader: NameReader): readonly StatementObject[] => {
  const objects: StatementObject[] = []
  do {
    reader.take('IF', 'EXISTS')
    const old = reader.qualified()
    if (old === undefined || !reader.after('TO')) return []
    const name = reader.qualified()
    if (name === undefined) return []
    const base = { kind: 'table', conditional: false, cascade: false } as const
    objects.push({ ...base, ...old, action: 'drop' }, { ...base, ...name, action: 'create' })
  } while (reader.nextInList())
  return objects
}

const altered = (reader: NameReader): readonly StatementObject[] => {
  while (reader.take('ONLINE') || reader.take('OFFLINE') || reader.take('IGNORE'));
  const kind = takeKind(reader)
  if (kind === undefined) return []
  const conditional = reader.take('IF', 'EXISTS')
  reader.take('ONLY')
  const name = reader.qualified()
  if (name === undefined) return []
  if (kind === 'table') return alteredTable(reader, name, conditional)
  // The parameters of a function.
  reader.parenthesised()
  const table = reader.take('ON') ? reader.qualified() : undefined
  const moves = reader.take('SET', 'SCHEMA')
  if (!moves && !reader.take('RENAME', 'TO')) return []
  const to = reader.qualified()
  if (to === undefined) return []
  const part = table === undefined ? {} : { table: table.name }
  // What is in a schema goes with its name.
  const cascade = kind === 'schema'
  const base = { kind, conditional, cascade, ...schemaOf(table ?? name, name), ...part } as const
  return [
    { ...base, action: 'drop', name: name.name },
    { ...base, action: 'create', ...(moves ? { name: name.name, schema: to.name } : to) },
  ]
}
