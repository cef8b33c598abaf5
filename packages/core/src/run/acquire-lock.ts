import { setTimeout as sleep } from 'node:timers/promises'
import type { LockAttempt } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import type { MigratorEventListener } from '../migrator/events.ts'

/** How long and how to wait. */
export interface WaitOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly emit: MigratorEventListener
}

const shortestPauseMs = 10
const longestPauseMs = 250

/** Rejects as `ABORTED` where a signal has fired. */
export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted !== true) return
  throw new MigrateError('ABORTED', 'The run was cancelled', { cause: signal.reason })
}

/**
 * Tries until an attempt succeeds. The wait ends at its timeout or with the signal, and leaves no waiter:
 * every attempt is one that does not wait.
 */
export const waitForLock = async (
  attempt: () => Promise<LockAttempt>,
  { timeoutMs, signal, emit }: WaitOptions,
): Promise<void> => {
  const startedAt = performance.now()
  let told: string | undefined | false = false
  for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    throwIfAborted(signal)
    const result = await attempt()
    const waitedMs = performance.now() - startedAt
    if (result.held) {
      if (told !== false) emit({ type: 'lock-acquired', waitedMs })
      return
    }
    const { holder } = result
    if (told !== holder) {
      told = holder
      emit({ type: 'lock-waiting', ...(holder === undefined ? {} : { holder }) })
    }
    if (waitedMs >= timeoutMs) {
      throw new MigrateError(
        'LOCK_TIMEOUT',
        `Waited ${(waitedMs / 1000).toFixed(1)} s for the lock` +
          (holder === undefined ? '' : `, held by ${holder}`),
        { details: { timeoutMs, ...(holder === undefined ? {} : { holder }) } },
      )
    }
    const jitter = 0.5 + Math.random()
    const restMs = Math.max(timeoutMs - waitedMs, 0)
    try {
      await sleep(Math.min(pauseMs * jitter, restMs), undefined, signal ? { signal } : {})
    } catch {
      throwIfAborted(signal)
    }
  }
}
