import { setTimeout as sleep } from 'node:timers/promises'
import { MigrateError } from '@mig/core/driver'
import type { DriverState } from '../state.ts'

const pauseMs = 50

/** Takes the lock again by polling. Throws `LOCK_LOST` where somebody else keeps it for longer than that. */
export const takeLock = async (state: DriverState, waitMs = 60_000): Promise<void> => {
  const { lock, session } = state
  const startedAt = performance.now()
  for (;;) {
    const attempt = await lock.tryLock(session)
    if (attempt.held || lock.held) return
    if (performance.now() - startedAt > waitMs) {
      const { holder } = attempt
      throw new MigrateError(
        'LOCK_LOST',
        `The lock was given away and could not be taken again${holder === undefined ? '' : `: ${holder} has it`}`,
        { details: holder === undefined ? {} : { holder } },
      )
    }
    await sleep(pauseMs)
  }
}
