import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ServerKind } from './database-kind.ts'
import type { ServerAction, ServerHost, ServerInfo } from './server-host.ts'
import { messageOf, TestDatabaseError } from './test-database-error.ts'
import type { TestDatabaseErrorCode } from './test-database-error.ts'
import type { StartServerOptions } from './test-server.ts'

interface Call {
  readonly method: keyof ServerHost
  readonly args: readonly unknown[]
}

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: TestDatabaseErrorCode; readonly message: string }
}

/** Serves a host to other processes of this machine. The caller closes the server. */
export async function serveHost(host: ServerHost): Promise<{ server: Server; socket: string }> {
  // A short name: the path of a socket has some hundred bytes, and temporary directories can be long.
  const name = `mig-${randomBytes(8).toString('hex')}`
  const socket =
    process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
  const server = createServer((incoming, outgoing) => {
    void answer(host, incoming).then((script) => outgoing.end(JSON.stringify(script)))
  })
  server.listen(socket)
  await once(server, 'listening')
  return { server, socket }
}

async function answer(host: ServerHost, incoming: IncomingMessage): Promise<Answer> {
  try {
    const { method, args } = JSON.parse(await text(incoming)) as Call
    const run = host[method].bind(host) as (...given: readonly unknown[]) => unknown
    return { result: await run(...args) }
  } catch (error) {
    const code = error instanceof TestDatabaseError ? error.code : 'SERVER_FAILED'
    return { error: { code, message: messageOf(error) } }
  }
}

/** The host that another process serves. */
export class RemoteServerHost implements ServerHost {
  readonly #socket: string

  constructor(socket: string) {
    this.#socket = socket
  }

  async shared(kind: ServerKind): Promise<ServerInfo> {
    return (await this.#call('shared', kind)) as ServerInfo
  }

  async startOwn(kind: ServerKind, options: StartServerOptions): Promise<ServerInfo> {
    return (await this.#call('startOwn', kind, options)) as ServerInfo
  }

  async control(id: string, action: ServerAction): Promise<void> {
    await this.#call('control', id, action)
  }

  async createDatabase(id: string, name: string): Promise<string> {
    return (await this.#call('createDatabase', id, name)) as string
  }

  async dropDatabase(id: string, name: string): Promise<void> {
    await this.#call('dropDatabase', id, name)
  }

  async #call(method: keyof ServerHost, ...args: readonly unknown[]): Promise<unknown> {
    const call: Call = { method, args }
    const outgoing = request({ socketPath: this.#socket, method: 'POST' })
    outgoing.end(JSON.stringify(call))
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
    const { result, error } = JSON.parse(await text(incoming)) as Answer
    if (error !== undefined) throw new TestDatabaseError(error.code, error.message)
    return result
  }
}
