import type { PostgresSession } from '../session/session.ts'
import { equals, operator, quoteTable, thisDatabase } from '../tables/quote.ts'

/** An index that a concurrent build left half-made. */
export interface InvalidIndex {
  readonly oid: string
  /** Quoted, with its schema. */
  readonly name: string
  /** Its table, in the same way. */
  readonly table: string
}

/** The INVALID indexes that nobody is building at the moment. */
export const readInvalidIndexes = async (
  session: PostgresSession,
): Promise<readonly InvalidIndex[]> => {
  const rows = await session.query(
    'SELECT c.oid, n.nspname AS schema, c.relname AS name, t.relname AS table FROM pg_catalog.pg_index AS i ' +
      `JOIN pg_catalog.pg_class AS t ON t.oid ${equals} i.indrelid ` +
      `JOIN pg_catalog.pg_class AS c ON c.oid ${equals} i.indexrelid ` +
      `JOIN pg_catalog.pg_namespace AS n ON n.oid ${equals} c.relnamespace ` +
      `WHERE NOT i.indisvalid AND c.relkind ${equals} 'i' AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks AS l ` +
      `WHERE l.locktype ${equals} 'relation' AND l.relation ${equals} i.indrelid ` +
      `AND l.pid ${operator('<>')} pg_catalog.pg_backend_pid() ` +
      `AND l.mode ${equals} 'ShareUpdateExclusiveLock' AND l.granted AND l.database ${equals} ${thisDatabase}) ` +
      'ORDER BY c.oid',
    'The indexes could not be read',
  )
  return rows.map(({ oid, schema, name, table }) => ({
    oid: oid ?? '',
    name: quoteTable({ schema: schema ?? '', name: name ?? '' }),
    table: quoteTable({ schema: schema ?? '', name: table ?? '' }),
  }))
}

/** Which indexes are INVALID now that were not before. */
export const newInvalidIndexes = async (
  session: PostgresSession,
  before: readonly InvalidIndex[],
): Promise<readonly InvalidIndex[]> => {
  const known = new Set(before.map(({ oid }) => oid))
  return (await readInvalidIndexes(session)).filter(({ oid }) => !known.has(oid))
}
