import type { Observation } from '@mig/core/driver'
import { equals, operator } from '../tables/quote.ts'
import type { DriverState } from '../state.ts'

const advice =
  'Give migrations a role of their own, which may create in its schema and nothing else: see the page "Migrate with few rights".'

/**
 * Rights that go far beyond what migrations need. A server where nobody logs in but superusers, as on a developer's
 * machine, has nothing to keep apart.
 */
export const excessRights = async ({ session }: DriverState): Promise<Observation[]> => {
  const [row] = await session.query(
    'SELECT r.rolsuper AS superuser, r.rolcreaterole AS creates_roles, ' +
      'EXISTS (SELECT FROM pg_catalog.pg_roles AS o WHERE o.rolcanlogin AND NOT o.rolsuper ' +
      `AND o.oid ${operator('<>')} r.oid) AS others, ` +
      "(SELECT pg_catalog.string_agg(o.rolname::pg_catalog.text, ', ' ORDER BY o.rolname) FROM pg_catalog.pg_auth_members AS m " +
      `JOIN pg_catalog.pg_roles AS o ON o.oid ${equals} m.roleid ` +
      `WHERE m.member ${equals} r.oid AND m.admin_option AND o.rolcanlogin) AS administers ` +
      `FROM pg_catalog.pg_roles AS r WHERE r.rolname ${equals} current_user`,
    'The rights of the role could not be read',
  )
  const what = excessOf(row ?? {})
  return what === undefined ? [] : [{ kind: 'excess-rights', what, advice }]
}

const excessOf = (row: Readonly<Record<string, string | null>>): string | undefined => {
  if (row['others'] !== 't') return undefined
  if (row['superuser'] === 't') return 'the rights of a superuser'
  if (row['creates_roles'] === 't') return 'the right to create and change other roles (CREATEROLE)'
  const administers = row['administers'] ?? null
  return administers === null ? undefined : `the right to act as ${administers} and to hand that on`
}
