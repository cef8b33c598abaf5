import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AvailabilityTable } from './availability.ts'
import { databaseKinds } from './database-kind.ts'
import type { LocalServerHost } from './local-server-host.ts'

/**
 * Writes `databases.json` into the folder that MIG_TEST_REPORT names: which databases a run had, in
 * which version and from where, and why it did not have the others.
 */
export async function writeTestReport(
  host: LocalServerHost,
  availability: AvailabilityTable,
): Promise<void> {
  const folder = process.env['MIG_TEST_REPORT']
  if (!folder) return
  const servers = await host.sharedServers()
  const rows = databaseKinds.map((kind) => ({
    kind,
    version: servers.find((server) => server.kind === kind)?.version,
    ...availability.shared[kind],
  }))
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'databases.json'), `${JSON.stringify(rows, null, 2)}\n`)
}
