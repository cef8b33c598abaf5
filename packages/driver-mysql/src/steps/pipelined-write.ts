import type { GuardedStep } from '@mig/core/driver'
import { databaseError } from './errors.ts'
import type { StepContext } from '../tables/version-write.ts'
import type { MysqlSession, Result } from '../session/session.ts'
import { isPlainSchemaChange } from '../session/session-effects.ts'

/** What statements answer that were sent behind a write of ours. */
export interface SentAhead {
  readonly results: Promise<readonly Result[]>
}

/** So much of a body may go behind a write. */
export const longestAheadCharacters: number = 64 * 1024
/** Room for four bytes a character, and for the marker and ledger's writes. */
const leastPacketBytes = 1024 * 1024

/** Whether bodies may go in one message with a write of marker and ledger: over a session of ours only. */
const mayWriteAhead = ({ sessions }: StepContext): boolean =>
  sessions.ownBody && sessions.facts.maxAllowedPacket >= leastPacketBytes

/**
 * The first statement of a guarded step, where it may go behind the write that begins the step: a plain schema change,
 * before which the server commits anyway.
 */
export const firstAhead = (context: StepContext, { script }: GuardedStep): string | undefined => {
  const first = script.statements.at(0)
  if (first === undefined || !isPlainSchemaChange(first) || !mayWriteAhead(context))
    return undefined
  return first.text.length > longestAheadCharacters ? undefined : first.text
}

/**
 * Sends a write of marker and ledger and what comes next in one message, and returns as soon as the write is committed:
 * one round trip less, and no pause between the two. The server runs what is behind only if the commit went well.
 *
 * Over the session for bodies, and so only right behind a step that left it as it was. Nothing where that will not do,
 * or where the server refused the write: it is to be made by itself then, which tells why. A session that breaks
 * meanwhile is an error, because nobody knows whether the rest runs.
 */
export const writeAhead = async (
  context: StepContext,
  session: MysqlSession,
  write: readonly string[],
  behind: readonly string[],
): Promise<SentAhead | undefined> => {
  if (session.broken !== undefined || !mayWriteAhead(context)) return undefined
  // Not START TRANSACTION, which would be a statement more each time: schema changes commit with or without autocommit.
  const open = session.takenOver ? [] : ['SET autocommit = 0']
  session.takenOver = true
  const { begun, results } = session.runBehind([...open, ...write, 'COMMIT'], behind)
  try {
    await begun
  } catch (error) {
    if (session.broken !== undefined) throw databaseError('Writing the version', error)
    await session.run('ROLLBACK')
    return undefined
  }
  context.versionTable.moved()
  return { results }
}
