import { MigrateError } from '@mig/core/driver'
import { placeOf } from './connect-error.ts'
import type { PostgresSettings } from './options.ts'
import type { TargetSession } from './target-session-names.ts'
import type { PostgresSession } from '../session/session.ts'

/** Whether the session must be on a standby, and whether it must be read-only. */
const wanted: Readonly<Partial<Record<TargetSession, { standby?: boolean; readOnly?: boolean }>>> =
  {
    'read-write': { readOnly: false },
    'read-only': { readOnly: true },
    primary: { standby: false },
    standby: { standby: true },
  }

const kindQuery = `SELECT pg_catalog.pg_is_in_recovery() AS standby,
  pg_catalog.current_setting('transaction_read_only'::pg_catalog.text) AS read_only`

/** Closes a session that is on another kind of server than `target_session_attrs` asks for, and throws. */
export const requireTarget = async (
  session: PostgresSession,
  settings: PostgresSettings,
): Promise<void> => {
  const target = wanted[settings.targetSession]
  // With one server to choose from, a preference is met by any.
  if (target === undefined) return
  const [row] = await session
    .query(kindQuery, 'The kind of the server could not be found out')
    .catch(async (error: unknown) => {
      throw error
    })
  const standby = row?.['standby'] === 't'
  const readOnly = standby || row?.['read_only'] === 'on'
  const { standby: wantsStandby = standby, readOnly: wantsReadOnly = readOnly } = target
  if (wantsStandby === standby && wantsReadOnly === readOnly) return
  const kind = standby ? 'a standby' : readOnly ? 'a read-only primary' : 'a primary'
  throw new MigrateError(
    'CONNECTION_FAILED',
    `PostgreSQL at ${placeOf(settings)} is ${kind}, and target_session_attrs=${settings.targetSession} asks for another server`,
    {
      hint: 'Name the server that is meant, or leave target_session_attrs out.',
      details: { retryable: true },
    },
  )
}
