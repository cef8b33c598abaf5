import { randomBytes } from 'node:crypto'
import type { DatabaseKind, ServerKind } from './database-kind.ts'
import { LocalServerHost } from './local-server-host.ts'
import { readRunEnvironment } from './run-environment.ts'
import type { ServerHost, ServerInfo } from './server-host.ts'
import { RemoteServerHost } from './server-socket.ts'
import { sqliteDatabase } from './sqlite-database.ts'
import type { OwnServer, StartServerOptions, TestDatabase, TestServer } from './test-server.ts'

let localHost: LocalServerHost | undefined

function serverHost(): ServerHost {
  const run = readRunEnvironment()
  if (run !== undefined) return new RemoteServerHost(run.socket)
  localHost ??= new LocalServerHost()
  return localHost
}

/**
 * Gives the one server of this kind that all tests of a run share. It is started by the first who
 * asks and must not be stopped; {@link startServer} gives one that may be.
 *
 * @throws `DATABASE_UNAVAILABLE` if this machine has no way to such a server, `SERVER_FAILED` if
 * it does not start.
 */
export async function sharedServer(kind: ServerKind): Promise<TestServer> {
  const host = serverHost()
  return testServer(host, await host.shared(kind))
}

/**
 * Creates an empty database on the shared server of this kind, or a path for an SQLite file.
 * What a test does not drop is dropped at the end of the run.
 *
 * @throws `DATABASE_UNAVAILABLE`, `SERVER_FAILED` as {@link sharedServer}.
 *
 * @example
 * ```ts
 * import { testDatabase } from '@mig/testing'
 *
 * const database = await testDatabase('postgres')
 * console.log(database.url)
 * await database.drop()
 * ```
 */
export async function testDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  if (kind === 'sqlite') return sqliteDatabase()
  const server = await sharedServer(kind)
  return server.createDatabase()
}

/**
 * Starts a server that belongs to the caller, who may kill it and start it again and who stops it.
 * Never uses a server of the environment.
 *
 * @throws `DATABASE_UNAVAILABLE`, `SERVER_FAILED` as {@link sharedServer}.
 */
export async function startServer(
  kind: ServerKind,
  options: StartServerOptions = {},
): Promise<OwnServer> {
  const host = serverHost()
  const info = await host.startOwn(kind, options)
  const stop = (): Promise<void> => host.control(info.id, 'stop')
  return {
    ...testServer(host, info),
    kill: () => host.control(info.id, 'kill'),
    start: () => host.control(info.id, 'start'),
    pause: () => host.control(info.id, 'pause'),
    unpause: () => host.control(info.id, 'unpause'),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/**
 * Stops the servers that this process started. Needed only without the set-up module for vitest,
 * which does it at the end of a run.
 */
export async function stopServers(): Promise<void> {
  await localHost?.stopAll()
}

function testServer(host: ServerHost, info: ServerInfo): TestServer {
  return {
    kind: info.kind,
    url: info.url,
    version: info.version,
    providedBy: info.providedBy,
    async createDatabase(name = `mig_${randomBytes(6).toString('hex')}`) {
      const url = await host.createDatabase(info.id, name)
      let dropped = false
      const drop = async (): Promise<void> => {
        if (dropped) return
        dropped = true
        await host.dropDatabase(info.id, name)
      }
      return { kind: info.kind, url, name, drop, [Symbol.asyncDispose]: drop }
    },
  }
}
