import type { GuardedStep } from '@mig/core/driver'
import { databaseError } from './mysql-errors.ts'
import type { StepContext } from './mysql-marker-write.ts'
import type { MysqlSession, Result } from './mysql-session.ts'
import { isPlainSchemaChange } from './mysql-session-effects.ts'

/** What the first statement of a step answers that was sent with the write that began the step. */
export type StartedAhead = Promise<readonly Result[]>

const longestStatementCharacters = 64 * 1024
/** Room for four bytes a character, and for the marker and ledger's writes. */
const leastPacketBytes = 1024 * 1024

/**
 * Sends the write that begins a step and the first statement of its body in one message, and returns as soon as the
 * write is committed: one round trip less, and no pause between the two. The server runs the statement only behind a
 * commit that went well.
 *
 * Over the session for bodies, and so only right behind a step that left it as it was. Nothing where that will not do,
 * or where the server refused the write: it is to be made by itself then, which tells why. A session that breaks
 * meanwhile is an error, because nobody knows whether the statement runs.
 */
export const startAhead = async (
  { sessions, versionTable }: StepContext,
  session: MysqlSession,
  write: readonly string[],
  { script }: GuardedStep,
): Promise<{ readonly first: StartedAhead } | undefined> => {
  const statement = script.statements.at(0)
  if (session.broken !== undefined) return undefined
  if (statement === undefined || !isPlainSchemaChange(statement)) return undefined
  if (statement.text.length > longestStatementCharacters) return undefined
  if (sessions.facts.maxAllowedPacket < leastPacketBytes || !sessions.ownBody) return undefined

  const before = ['START TRANSACTION', ...write, 'COMMIT']
  const { begun, results } = session.runBehind(before, statement.text)
  try {
    await begun
  } catch (error) {
    if (session.broken !== undefined) throw databaseError('Writing the version', error)
    await session.run('ROLLBACK')
    return undefined
  }
  versionTable.moved()
  return { first: results }
}
