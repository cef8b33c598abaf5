import { writeTestReport } from './test-report.ts'
import { readAvailabilityTable } from './availability.ts'
import { databaseKinds } from './database-kind.ts'
import { LocalServerHost } from './local-server-host.ts'
import { writeRunEnvironment } from './run-environment.ts'
import { serveHost } from './server-socket.ts'

/**
 * Holds the databases of a vitest run: name this module in `globalSetup`. Workers ask it for
 * servers; each kind is started once, when the first test needs it, and stopped after the last.
 * Kinds that cannot be had are printed with the reason.
 */
export async function setup(): Promise<() => Promise<void>> {
  const host = new LocalServerHost()
  const availability = await readAvailabilityTable()
  const { server, socket } = await serveHost(host)
  writeRunEnvironment({ socket, availability })
  for (const kind of databaseKinds) {
    const answer = availability.shared[kind]
    if (!answer.available) process.stderr.write(`Tests on ${kind} are skipped: ${answer.reason}\n`)
  }

  return async () => {
    writeRunEnvironment(undefined)
    await writeTestReport(host, availability)
    await host.stopAll()
    server.close()
    server.closeAllConnections()
  }
}
