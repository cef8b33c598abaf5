import type { NonTransactionalStep } from '@mig/core/driver'
import { databaseError } from './errors.ts'
import type { MysqlSession, Result } from '../session/session.ts'
import { isPlainSchemaChange } from '../session/session-effects.ts'
import type { StepContext } from './step-context.ts'

/** What statements answer that were sent after a write of ours. */
export interface SentAhead {
  readonly results: Promise<readonly Result[]>
}

/** So much of a script may go after a write. */
export const longestAheadCharacters: number = 64 * 1024
/** Room for four bytes a character, and for the version row and ledger's writes. */
const leastPacketBytes = 1024 * 1024

/** Whether scripts may go in one message with a write of version row and ledger: over a session of ours only. */
const mayPipelineWrite = ({ sessions }: StepContext): boolean =>
  sessions.ownScript && sessions.facts.maxAllowedPacket >= leastPacketBytes

/**
 * The first statement of a non-transactional step, where it may go after the write that begins the step: a plain schema change,
 * before which the server commits anyway.
 */
export const firstAhead = (
  context: StepContext,
  { parsed }: NonTransactionalStep,
): string | undefined => {
  const first = parsed.statements.at(0)
  if (first === undefined || !isPlainSchemaChange(first) || !mayPipelineWrite(context))
    return undefined
  return first.text.length > longestAheadCharacters ? undefined : first.text
}

/**
 * Sends a write of version row and ledger and what comes next in one message, and returns as soon as the write is committed:
 * one round trip less, and no pause between the two. The server runs what is after only if the commit went well.
 *
 * Over the session for scripts, and so only right after a step that left it as it was. Nothing where that will not do,
 * or where the server refused the write: it is to be made by itself then, which tells why. A session that breaks
 * meanwhile is an error, because nobody knows whether the rest runs.
 */
export const pipelinedWrite = async (
  context: StepContext,
  session: MysqlSession,
  write: readonly string[],
  after: readonly string[],
): Promise<SentAhead | undefined> => {
  if (session.broken !== undefined || !mayPipelineWrite(context)) return undefined
  // Not START TRANSACTION, which would be a statement more each time: schema changes commit with or without autocommit.
  const open = session.takenOver ? [] : ['SET autocommit = 0']
  session.takenOver = true
  const { begun, results } = session.runAfter([...open, ...write, 'COMMIT'], after)
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
