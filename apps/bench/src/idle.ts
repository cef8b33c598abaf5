import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const windowMs = 100
const longestMs = 3000
const idleShare = 0.9

/**
 * Waits until the processors are idle: a server goes on clearing up what the run before left to it, and would take them
 * from whoever runs next. Goes on after three seconds whatever they do.
 */
export async function waitUntilIdle(): Promise<void> {
  const startedAt = performance.now()
  do {
    const before = processorTimes()
    await sleep(windowMs)
    const after = processorTimes()
    if (after.idle - before.idle >= idleShare * (after.all - before.all)) return
  } while (performance.now() - startedAt < longestMs)
}

function processorTimes(): { readonly idle: number; readonly all: number } {
  let idle = 0
  let all = 0
  for (const { times } of cpus()) {
    idle += times.idle
    all += times.idle + times.user + times.sys + times.nice + times.irq
  }
  return { idle, all }
}
