import { setTimeout as sleep } from 'node:timers/promises'
import type { MysqlSessions } from './session-pair.ts'
import type { MysqlSession } from './session.ts'

/** Why something was stopped. */
export type Stopped = 'aborted' | 'timeout'

/** What came of it: its value or error, and whether it was told to stop. */
export interface Cancellable<T> {
  readonly outcome: PromiseSettledResult<T>
  readonly stopped?: Stopped
}

const pauseMs = 100

/**
 * Runs something on a session, and stops it on the server when the signal fires or the time is up.
 *
 * KILL QUERY between two statements hits nothing, so it is sent until the message ends; the last one is waited for. A
 * session that was told to stop must be discarded, because a late KILL would hit what comes next on it.
 */
export const runCancellable = async <T>(
  sessions: MysqlSessions,
  session: MysqlSession,
  action: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<Cancellable<T>> => {
  const { statementTimeoutMs } = sessions.config
  if (signal === undefined && statementTimeoutMs === 0) return { outcome: await settled(action()) }

  let stopped: Stopped | undefined
  let ended = false
  let killing: Promise<void> | undefined
  const stop = (why: Stopped): void => {
    if (ended || stopped !== undefined) return
    stopped = why
    killing = killUntil(sessions, session, () => ended)
  }
  const onAbort = (): void => stop('aborted')
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer =
    statementTimeoutMs === 0 ? undefined : setTimeout(() => stop('timeout'), statementTimeoutMs)
  if (signal?.aborted === true) onAbort()

  const outcome = await settled(action())
  ended = true
  clearTimeout(timer)
  signal?.removeEventListener('abort', onAbort)
  await killing
  return { outcome, ...(stopped === undefined ? {} : { stopped }) }
}

const settled = async <T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> => {
  const [result] = await Promise.allSettled([promise])
  return result
}

const killUntil = async (
  sessions: MysqlSessions,
  session: MysqlSession,
  hasEnded: () => boolean,
): Promise<void> => {
  while (!hasEnded()) {
    try {
      await sessions.cancel(session.id)
    } catch {
      // No connection to kill with: cut it off, and let `recover` find out what became of it.
      if (!hasEnded()) session.destroy()
      return
    }
    if (!hasEnded()) await sleep(pauseMs)
  }
}
