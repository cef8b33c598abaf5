import type { ServerProcess } from '../server-process.ts'
import { TestDatabaseError } from '../test-database-error.ts'

function refuse(): Promise<never> {
  return Promise.reject(
    new TestDatabaseError('INVALID_USE', 'A server given by the environment is not ours to stop'),
  )
}

/** A server that somebody else started and stops. */
export function environmentServer(url: string): ServerProcess {
  return {
    url,
    providedBy: 'environment',
    kill: refuse,
    start: refuse,
    pause: refuse,
    unpause: refuse,
    stop: () => Promise.resolve(),
    isRunning: () => Promise.resolve(true),
    output: () => Promise.resolve(''),
  }
}
