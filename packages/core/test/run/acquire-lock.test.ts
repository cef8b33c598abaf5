import { expect, test } from 'vitest'
import { waitForLock } from '../../src/run/acquire-lock.ts'
import type { MigratorEvent } from '../../src/index.ts'

test('a lock that is free is taken without a word', async () => {
  const events: MigratorEvent[] = []
  await waitForLock(async () => ({ held: true }), { timeoutMs: 0, emit: (e) => events.push(e) })
  expect(events).toEqual([])
})

test('a timeout ends the wait, names the holder and leaves no attempt after', async () => {
  let attempts = 0
  const events: MigratorEvent[] = []
  const wait = waitForLock(
    async () => {
      attempts++
      return { held: false, holder: 'mig on web-3' }
    },
    { timeoutMs: 60, emit: (event) => events.push(event) },
  )
  await expect(wait).rejects.toMatchObject({
    code: 'LOCK_TIMEOUT',
    details: { holder: 'mig on web-3', timeoutMs: 60 },
  })
  const made = attempts
  expect(made).toBeGreaterThan(1)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(attempts).toBe(made)
  expect(events).toEqual([{ type: 'lock-waiting', holder: 'mig on web-3' }])
})

test('a timeout of zero still tries once', async () => {
  let attempts = 0
  const wait = waitForLock(async () => ({ held: ++attempts > 5 }), {
    timeoutMs: 0,
    emit: () => undefined,
  })
  await expect(wait).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
  expect(attempts).toBe(1)
})

test('an abort ends the wait at once', async () => {
  const controller = new AbortController()
  const wait = waitForLock(async () => ({ held: false }), {
    timeoutMs: 60_000,
    signal: controller.signal,
    emit: () => controller.abort(),
  })
  await expect(wait).rejects.toMatchObject({ code: 'ABORTED' })
})

test('a failing attempt is not tried again', async () => {
  const failure = new Error('gone')
  const wait = waitForLock(() => Promise.reject(failure), {
    timeoutMs: 1000,
    emit: () => undefined,
  })
  await expect(wait).rejects.toBe(failure)
})
