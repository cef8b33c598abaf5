import { randomUUID } from 'node:crypto'
import { adminOf } from './admin/server-admin.ts'
import { databaseAvailability } from './availability.ts'
import type { ServerKind } from './database-kind.ts'
import { environmentUrl, serverDefinitions } from './database-kind.ts'
import { embeddedPostgres } from './providers/embedded-postgres.ts'
import { environmentServer } from './providers/environment-server.ts'
import type { ServerAction, ServerHost, ServerInfo } from './server-host.ts'
import type { ServerProcess } from './server-process.ts'
import { TestDatabaseError } from './test-database-error.ts'
import type { StartServerOptions } from './test-server.ts'
import { waitUntilReady } from './wait-until-ready.ts'

interface HostedServer {
  readonly info: ServerInfo
  readonly process: ServerProcess
  readonly timeoutMs: number
  readonly databases: Set<string>
}

const defaultTimeoutMs = 60_000

/** Holds servers in this process. */
export class LocalServerHost implements ServerHost {
  readonly #servers = new Map<string, HostedServer>()
  readonly #shared = new Map<ServerKind, Promise<ServerInfo>>()

  shared(kind: ServerKind): Promise<ServerInfo> {
    let info = this.#shared.get(kind)
    if (info === undefined) {
      info = this.#open(kind, { own: false })
      this.#shared.set(kind, info)
    }
    return info
  }

  startOwn(kind: ServerKind, options: StartServerOptions): Promise<ServerInfo> {
    return this.#open(kind, { ...options, own: true })
  }

  async control(id: string, action: ServerAction): Promise<void> {
    const server = this.#servers.get(id)
    if (server === undefined) {
      // Stopping twice is fine, everything else comes too late.
      if (action === 'stop') return
      throw new TestDatabaseError('INVALID_USE', 'The server was stopped before')
    }
    if (action === 'stop') this.#servers.delete(id)
    await server.process[action]()
    if (action === 'start') await waitUntilReady(server.info.kind, server.process, server.timeoutMs)
  }

  async createDatabase(id: string, name: string): Promise<string> {
    const { info, databases } = this.#find(id)
    await adminOf(info.kind).createDatabase(info.url, name)
    databases.add(name)
    const url = new URL(info.url)
    url.pathname = `/${encodeURIComponent(name)}`
    return url.href
  }

  async dropDatabase(id: string, name: string): Promise<void> {
    // With a stopped server its databases are gone too.
    const server = this.#servers.get(id)
    if (server === undefined) return
    await adminOf(server.info.kind).dropDatabase(server.info.url, name)
    server.databases.delete(name)
  }

  /** The shared servers that were asked for and started. */
  async sharedServers(): Promise<ServerInfo[]> {
    const results = await Promise.allSettled(this.#shared.values())
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }

  /** Stops every server that was started, and drops what is left on servers that go on. */
  async stopAll(): Promise<void> {
    await Promise.allSettled(this.#shared.values())
    this.#shared.clear()
    await Promise.all(
      [...this.#servers.values()].map(async ({ info, process, databases }) => {
        if (process.providedBy === 'environment') {
          for (const name of databases) await adminOf(info.kind).dropDatabase(info.url, name)
        }
        await this.control(info.id, 'stop')
      }),
    )
  }

  #find(id: string): HostedServer {
    const server = this.#servers.get(id)
    if (server === undefined) {
      throw new TestDatabaseError('INVALID_USE', 'The server was stopped before')
    }
    return server
  }

  async #open(
    kind: ServerKind,
    options: StartServerOptions & { own: boolean },
  ): Promise<ServerInfo> {
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
    const process = await openProcess(kind, options)
    try {
      const version = await waitUntilReady(kind, process, timeoutMs)
      checkProduct(kind, version)
      const { url, providedBy } = process
      const info = { id: randomUUID(), kind, url, version, providedBy }
      this.#servers.set(info.id, { info, process, timeoutMs, databases: new Set() })
      return info
    } catch (error) {
      await process.stop()
      throw error
    }
  }
}

async function openProcess(
  kind: ServerKind,
  options: StartServerOptions & { own: boolean },
): Promise<ServerProcess> {
  const availability = await databaseAvailability(kind, { own: options.own })
  if (!availability.available) {
    throw new TestDatabaseError('DATABASE_UNAVAILABLE', `No ${kind}: ${availability.reason}`)
  }
  const serverArgs = options.serverArgs ?? []
  const url = environmentUrl(kind)
  if (availability.providedBy === 'environment' && url !== undefined) return environmentServer(url)
  if (availability.providedBy === 'embedded') return embeddedPostgres(serverArgs)
  const { containerServer } = await import('./providers/container-server.ts')
  return containerServer(kind, serverArgs)
}

/** MySQL and MariaDB speak the same protocol, so a wrong URL or image would not show otherwise. */
function checkProduct(kind: ServerKind, version: string): void {
  const isMariaDb = version.endsWith('-MariaDB')
  if ((kind === 'mysql' && isMariaDb) || (kind === 'mariadb' && !isMariaDb)) {
    const { urlVariable, imageVariable } = serverDefinitions[kind]
    throw new TestDatabaseError(
      'SERVER_FAILED',
      `${urlVariable} or ${imageVariable} gives a server of version ${version}, not ${kind}`,
    )
  }
}
