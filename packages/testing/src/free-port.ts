import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Finds a TCP port on loopback that nobody listens on. A server that must come back on the same
 * port after it was killed cannot leave the choice to Docker, which makes it anew at each start.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('no port was given')
  return address.port
}
