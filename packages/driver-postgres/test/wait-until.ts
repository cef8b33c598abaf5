import { setTimeout as sleep } from 'node:timers/promises'

/** Polls until something is so. Fails after half a minute. */
export const waitUntil = async (what: string, check: () => Promise<boolean>): Promise<void> => {
  const startedAt = performance.now()
  while (!(await check())) {
    if (performance.now() - startedAt > 30_000) throw new Error(`Waited in vain: ${what}`)
    await sleep(20)
  }
}
