import { randomBytes } from 'node:crypto'
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers'
import type { WaitStrategy } from 'testcontainers'
import type { ServerKind } from '../database-kind.ts'
import { imageOf, serverDatabase, serverDefinitions, serverPassword } from '../database-kind.ts'
import { freePort } from '../free-port.ts'
import type { ServerProcess } from '../server-process.ts'
import { messageOf, TestDatabaseError } from '../test-database-error.ts'

const attempts = 3

/** Says at once that the container is ready: only a query tells when a database is. */
class NoWait implements WaitStrategy {
  waitUntilReady(): Promise<void> {
    return Promise.resolve()
  }
  withStartupTimeout(): this {
    return this
  }
  isStartupTimeoutSet(): boolean {
    return false
  }
  getStartupTimeout(): number {
    return 0
  }
}

/** A container whose port is published on loopback, not on all interfaces. */
class LoopbackContainer extends GenericContainer {
  withLoopbackPort(container: number, host: number): this {
    this.withExposedPorts({ container, host })
    this.hostConfig.PortBindings = {
      [`${container}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(host) }],
    }
    return this
  }
}

/**
 * Runs a server in a container. Its data stays in the container until `stop`.
 *
 * @throws `SERVER_FAILED` if the image cannot be had or the container does not start.
 */
export async function containerServer(
  kind: ServerKind,
  serverArgs: readonly string[],
): Promise<ServerProcess> {
  const { port: serverPort, user, protocol, environment } = serverDefinitions[kind]
  const client = await getContainerRuntimeClient()
  const isLocal = ['localhost', '127.0.0.1'].includes(client.info.containerRuntime.host)
  const host = isLocal ? '127.0.0.1' : client.info.containerRuntime.host

  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const name = `mig-test-${kind}-${randomBytes(4).toString('hex')}`
    const definition = new LoopbackContainer(imageOf(kind))
      .withName(name)
      .withEnvironment(environment)
      .withWaitStrategy(new NoWait())
    if (isLocal) definition.withLoopbackPort(serverPort, port)
    else definition.withExposedPorts({ container: serverPort, host: port })
    if (serverArgs.length > 0) definition.withCommand([...serverArgs])

    try {
      const started = await definition.start()
      const container = client.container.getById(started.getId())
      return {
        url: `${protocol}://${user}:${serverPassword}@${host}:${port}/${serverDatabase}`,
        providedBy: 'testcontainers',
        async kill() {
          const gone = container.wait()
          await container.kill({ signal: 'SIGKILL' })
          await gone
        },
        start: () => container.start(),
        pause: () => container.pause(),
        unpause: () => container.unpause(),
        async stop() {
          await container.remove({ force: true, v: true })
        },
        async isRunning() {
          const { State } = await container.inspect()
          return State.Running
        },
        async output() {
          const bytes = await container.logs({ stdout: true, stderr: true, tail: 20 })
          return withoutFrames(bytes)
        },
      }
    } catch (error) {
      // A container that was made but not started is left otherwise.
      const unstarted = client.container.getById(name)
      await unstarted.remove({ force: true, v: true }).catch(() => {})
      // Someone else can take the port between our look and Docker's.
      if (attempt < attempts && /already (allocated|in use)/.test(messageOf(error))) continue
      throw new TestDatabaseError(
        'SERVER_FAILED',
        `The image "${imageOf(kind)}" did not start: ${messageOf(error)}. ` +
          `${serverDefinitions[kind].imageVariable} names another image, ` +
          `${serverDefinitions[kind].urlVariable} a server that runs already`,
        { cause: error },
      )
    }
  }
}

/** Docker puts an eight-byte header before each piece of output. */
function withoutFrames(bytes: Buffer): string {
  const pieces: string[] = []
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 4)
    pieces.push(bytes.toString('utf8', at + 8, at + 8 + length))
    at += 8 + length
  }
  return pieces.join('')
}
