import { type DropReport, isMigrateError } from '@mig/core/driver'
import { ledgerTableOf } from './tables/ledger.ts'
import {
  equals,
  isOneOf,
  quoteLiteral,
  quoteTable,
  relationNamed,
  type TableName,
} from './tables/quote.ts'
import { type DriverState, rollBack } from './state.ts'

const what = 'The tables could not be dropped'

/**
 * Drops the base tables of the session's schema, as golang-migrate does, and version table and ledger wherever they
 * are. What belongs to an extension stays.
 */
export const dropTables = async (state: DriverState, lockTable: TableName): Promise<DropReport> => {
  const { session, versionTable, lock } = state
  const rows = await session.query(
    'SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class AS c ' +
      `JOIN pg_catalog.pg_namespace AS n ON n.oid ${equals} c.relnamespace ` +
      `WHERE n.nspname ${equals} pg_catalog.current_schema() AND ${isOneOf('c.relkind', ['r', 'p'], '"char"')} ` +
      'AND NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d ' +
      `WHERE d.classid ${equals} ${relationNamed("'pg_catalog.pg_class'")} AND d.objid ${equals} c.oid ` +
      `AND d.deptype ${equals} 'e') ORDER BY c.relname`,
    what,
  )
  const found = rows.map(({ schema, name }) => ({ schema: schema ?? '', name: name ?? '' }))
  const keep = lock.strategy === 'table' ? quoteTable(lockTable) : undefined
  const names = [
    ...new Set([...found, versionTable.table, ledgerTableOf(versionTable.table)].map(quoteTable)),
  ].filter((name) => name !== keep)
  const drop = (name: string): string => `DROP TABLE IF EXISTS ${name} CASCADE`
  const existing = await session.query(
    `SELECT v.name FROM (VALUES ${names.map((name) => `(${quoteLiteral(name)})`).join(', ')}) ` +
      'AS v (name) WHERE pg_catalog.to_regclass(v.name) IS NOT NULL',
    what,
  )
  const dropped = existing.map(({ name }) => name ?? '')
  try {
    await session.query(['BEGIN', ...dropped.map(drop), 'COMMIT'].join('; '), what)
  } catch (error) {
    if (!isMigrateError(error) || session.broken) throw error
    await rollBack(state)
    // Each table takes locks until the COMMIT, and a large schema has more than the server keeps room for.
    if (error.details.serverCode !== '53200') throw error
    for (const name of dropped) await session.query(drop(name), what)
  }
  state.ledger = undefined
  state.tables = { versionTable: undefined, ledger: undefined }
  return { dropped }
}
