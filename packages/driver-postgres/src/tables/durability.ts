import { type Durability, isMigrateError } from '@mig/core/driver'
import { recover } from '../steps/recover.ts'
import { quoteTable, waitForDisk } from './quote.ts'
import type { DriverState } from '../state.ts'

/** A transaction that writes to the log and nowhere else. */
const writeToLog = "SELECT pg_catalog.pg_logical_emit_message(true, 'mig', '')"

/**
 * Writes for real, and waits for the disk: a commit that is on disk takes those before it along, and a statement that
 * reads only waits for nothing.
 */
export const makeDurable = async (state: DriverState): Promise<Durability> => {
  try {
    if (state.session.broken) await recover(state)
    const { session, versionTable } = state
    let cancelled = false
    await session.withNotices(
      ({ routine }) => {
        // The COMMIT succeeds although the wait for a standby was cancelled, and says so in a warning only.
        if (routine === 'SyncRepWaitForLSN') cancelled = true
      },
      async () => {
        const touched = versionTable.writes === 'update' && (await touchVersionTable(state))
        if (!touched) {
          await session.query(
            ['BEGIN', waitForDisk, writeToLog, 'COMMIT'].join('; '),
            'The closing write failed',
          )
        }
      },
    )
    return cancelled
      ? { confirmed: false, reason: 'the wait for a standby server was cancelled' }
      : { confirmed: true }
  } catch (error) {
    return { confirmed: false, reason: isMigrateError(error) ? error.message : String(error) }
  }
}

/** Writes the version row's row as it is. `false` where there is none, which is what "nothing applied" looks like. */
const touchVersionTable = async ({ session, versionTable }: DriverState): Promise<boolean> => {
  const rows = await session.query(
    [
      'BEGIN',
      waitForDisk,
      `UPDATE ${quoteTable(versionTable.table)} SET dirty = dirty RETURNING version`,
      'COMMIT',
    ].join('; '),
    'The closing write failed',
  )
  return rows.some((row) => 'version' in row)
}
