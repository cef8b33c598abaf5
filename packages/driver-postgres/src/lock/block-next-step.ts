import { quoteTable } from '../tables/quote.ts'
import type { DriverState } from '../state.ts'

/**
 * When a signal fires, keeps the steps of a chain from beginning that the server has already got, while the one that
 * runs goes on to its end. What it returns ends that.
 *
 * Each step begins by writing to the version table, and holds its lock on it to the end. A second session asks for a lock
 * that excludes writing: the server's queue grants it after the step that runs and before the next one, which then waits
 * and can be cancelled (https://www.postgresql.org/docs/current/explicit-locking.html).
 */
export const blockNextStepOn = (
  stop: AbortSignal | undefined,
  state: DriverState,
  isLast: () => boolean,
): (() => Promise<void>) | undefined => {
  if (stop === undefined) return undefined
  const released = new AbortController()
  let holding: Promise<() => Promise<void>> | undefined
  const hold = (): void => {
    // Where no second session can be had, the next step is cancelled as soon as it has begun.
    if (!isLast()) holding = holdTable(state, released.signal).catch(() => async () => undefined)
  }
  if (stop.aborted) hold()
  else stop.addEventListener('abort', hold, { once: true })
  return async () => {
    stop.removeEventListener('abort', hold)
    released.abort()
    await (
      await holding
    )?.()
  }
}

const holdTable = async (
  { source, versionTable }: DriverState,
  released: AbortSignal,
): Promise<() => Promise<void>> => {
  const session = await source.second?.(released)
  if (session === undefined) return async () => undefined
  const locking = session.exchange(
    [
      {
        texts: [
          'BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; ',
          `LOCK TABLE ${quoteTable(versionTable.table)} IN EXCLUSIVE MODE`,
        ],
      },
    ],
    released,
  )
  return async () => {
    await locking
    await session.close()
  }
}
