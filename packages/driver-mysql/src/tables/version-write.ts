import type { NonTransactionalStep, LedgerEntry } from '@mig/core/driver'
import { databaseError, errno, isErrno } from '../steps/errors.ts'
import type { StepContext } from '../steps/step-context.ts'
import { isVersionTableChanged } from './version-table.ts'

/** What the ledger says of a non-transactional step that begins. */
export const startedEntry = ({ entry }: NonTransactionalStep): LedgerEntry => ({
  ...entry,
  kind: 'started',
  dirty: true,
})

const attempts = 3

/**
 * Writes version row and ledger in one transaction and one message on the control session. `changed` means that a condition
 * of {@link MysqlVersionTable.move} did not hold and nothing was written.
 */
export const writeVersion = async (
  { sessions, versionTable }: StepContext,
  doing: string,
  statements: readonly string[],
): Promise<'written' | 'changed'> => {
  const session = sessions.control
  for (let attempt = 1; ; attempt++) {
    try {
      await session.query('START TRANSACTION', ...statements, 'COMMIT')
      versionTable.moved()
      return 'written'
    } catch (error) {
      if (session.broken !== undefined) throw databaseError(doing, error)
      await session.query('ROLLBACK').catch((rollbackError: unknown) => {
        throw databaseError(doing, rollbackError)
      })
      if (isVersionTableChanged(error)) return 'changed'
      if (isErrno(error, errno.deadlock) && attempt < attempts) continue
      throw databaseError(doing, error)
    }
  }
}
