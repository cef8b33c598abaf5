import { setTimeout as sleep } from 'node:timers/promises'
import { isMigrateError, type VersionState } from '@mig/core/driver'
import { readState } from '../tables/records.ts'
import { takeLock } from '../lock/relock.ts'
import { equals, quoteLiteral } from '../tables/quote.ts'
import { type DriverState, openSession, rollBack, type ServerFacts } from '../state.ts'

const pauseMs = 100
const reconnectWaitMs = 5000
/** Longer than the server needs to notice by itself that its client is gone. */
const backendWaitMs = 5000
const afterTerminationMs = 10_000

/** Brings the driver back to a session in order that has the lock, if it had it, and reads the version row. */
export const recover = async (state: DriverState): Promise<VersionState> => {
  const wasHeld = state.lock.held
  if (state.session.broken) await reconnect(state)
  else await cleanUp(state)
  if (wasHeld) {
    if (!(await state.lock.confirm(state.session))) state.lock.forget()
    if (!state.lock.held) await takeLock(state)
  }
  return readState(state)
}

const cleanUp = async (state: DriverState): Promise<void> => {
  try {
    await rollBack(state)
  } catch (error) {
    if (!state.session.broken) throw error
    await reconnect(state)
  }
}

/** Replaces a broken session, and waits until the server has ended it: until then its step may still come through. */
const reconnect = async (state: DriverState): Promise<void> => {
  const { backend } = state.facts
  await state.session.close()
  state.lock.forget()
  const startedAt = performance.now()
  for (;;) {
    try {
      Object.assign(
        state,
        await openSession(state.source, state.versionTable.table, state.settings.role),
      )
      break
    } catch (error) {
      const again = isMigrateError(error) && error.details.retryable === true
      if (!again || performance.now() - startedAt > reconnectWaitMs) throw error
      await sleep(pauseMs)
    }
  }
  await awaitEnd(state, backend)
}

const awaitEnd = async (state: DriverState, backend: ServerFacts['backend']): Promise<void> => {
  const where = `pid ${equals} ${backend.pid} AND backend_start ${equals} ${quoteLiteral(backend.startedAt)}`
  const startedAt = performance.now()
  let terminated = false
  for (;;) {
    const rows = await state.session.query(
      `SELECT 1 FROM pg_catalog.pg_stat_activity WHERE ${where}`,
      'The sessions of the server could not be read',
    )
    const waitedMs = performance.now() - startedAt
    if (rows.length === 0 || waitedMs > backendWaitMs + afterTerminationMs) return
    if (waitedMs > backendWaitMs && !terminated) {
      terminated = true
      await state.session.query(
        `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE ${where}`,
        'The session that was lost could not be ended',
      )
    }
    await sleep(pauseMs)
  }
}
