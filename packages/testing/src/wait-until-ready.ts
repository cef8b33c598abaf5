import { setTimeout as sleep } from 'node:timers/promises'
import { adminOf } from './admin/server-admin.ts'
import type { ServerKind } from './database-kind.ts'
import type { ServerProcess } from './server-process.ts'
import { messageOf, TestDatabaseError } from './test-database-error.ts'

/**
 * Tries until the server answers a query, and returns its version.
 *
 * @throws `SERVER_FAILED` when the server has ended or `timeoutMs` is over, with the last answer
 * and the server's last lines.
 */
export async function waitUntilReady(
  kind: ServerKind,
  server: ServerProcess,
  timeoutMs: number,
): Promise<string> {
  const end = Date.now() + timeoutMs
  for (;;) {
    try {
      return await adminOf(kind).readVersion(server.url)
    } catch (error) {
      const running = await server.isRunning()
      if (!running || Date.now() > end) {
        const what = running ? `did not answer within ${timeoutMs} ms` : 'ended'
        throw new TestDatabaseError(
          'SERVER_FAILED',
          `The ${kind} server at ${new URL(server.url).host} ${what}: ${messageOf(error)}\n` +
            (await server.output()),
          { cause: error },
        )
      }
    }
    await sleep(100)
  }
}
