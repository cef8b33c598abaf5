import { MigrateError } from '@mig/core/driver'
import { insufficientPrivilege } from '../doctor/rights.ts'
import type { PostgresSession } from '../session/session.ts'
import { isOneOf, quoteIdentifier } from './quote.ts'
import type { ServerFacts } from '../state.ts'

const element = /"((?:[^"]|"")*)"|([^\s,"]+)/g

/** The schemas that a search path names, in order. */
const schemasIn = (searchPath: string, user: string): readonly string[] =>
  [...searchPath.matchAll(element)].map(([, quoted, plain = '']) => {
    const name = quoted === undefined ? plain : quoted.replaceAll('""', '"')
    return name === '$user' ? user : name
  })

/** Throws why there is no schema for the version table: none is there, or none may be used. */
export const refuseWithoutSchema = async (
  session: PostgresSession,
  { searchPath }: ServerFacts,
): Promise<never> => {
  const [me] = await session.query('SELECT current_user AS name', what)
  const user = me?.['name'] ?? ''
  const named = schemasIn(searchPath, user)
  const [unusable] =
    named.length === 0
      ? []
      : await session.query(
          'SELECT n.nspname AS schema FROM pg_catalog.pg_namespace AS n ' +
            `WHERE ${isOneOf('n.nspname', named)} AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')`,
          what,
        )
  if (unusable !== undefined) {
    const schema = unusable['schema'] ?? ''
    throw new MigrateError('DATABASE_FAILED', `The role ${user} may not use the schema ${schema}`, {
      hint: `GRANT USAGE, CREATE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoteIdentifier(user)}, or connect as the owner.`,
      details: { serverCode: insufficientPrivilege },
    })
  }
  const path = searchPath === '' ? 'is empty' : `"${searchPath}" leads to no schema that exists`
  throw new MigrateError('INVALID_OPTION', `The search_path ${path}`, {
    hint: 'Create the schema first, or correct the search_path of the database URL.',
    details: { option: 'search_path' },
  })
}

const what = 'The schemas of the search path could not be read'
