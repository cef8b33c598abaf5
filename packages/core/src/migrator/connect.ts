import { setTimeout as sleep } from 'node:timers/promises'
import { throwIfAborted } from '../run/acquire-lock.ts'
import type { Driver, DriverFactory, DriverSettings } from '../driver/driver.ts'
import { isMigrateError } from '../errors/errors.ts'
import type { MigratorEventListener } from './events.ts'

const pauseMs = 200

/** Opens a driver. A server that does not answer yet is tried again until `waitMs` are over. */
export const connect = async (
  factory: DriverFactory,
  settings: DriverSettings,
  waitMs: number,
  emit: MigratorEventListener,
): Promise<Driver> => {
  throwIfAborted(settings.signal)
  if (waitMs === 0) return factory.open(settings)
  const startedAt = performance.now()
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(settings.signal)
    try {
      return await factory.open(settings)
    } catch (error) {
      const again =
        isMigrateError(error) &&
        error.code === 'CONNECTION_FAILED' &&
        error.details.retryable === true &&
        performance.now() - startedAt + pauseMs < waitMs
      if (!again) throw error
      emit({ type: 'connection-waiting', attempt, message: error.message })
    }
    await sleep(pauseMs)
  }
}
