import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** A TCP proxy that makes every round trip longer. */
export interface DelayProxy {
  readonly port: number
  /**
   * How often, on all connections so far, a client began to speak: each time it had waited for the
   * server first.
   */
  roundTrips(): number
  close(): Promise<void>
}

/** What is behind the proxy. */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
}

/**
 * Listens on a free port of 127.0.0.1. What a client sends reaches the server `delayMs` later;
 * answers pass at once, so that one round trip takes `delayMs` longer and throughput stays.
 */
export async function startDelayProxy(target: ProxyTarget, delayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  let roundTrips = 0
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target, noDelay: true, allowHalfOpen: true })
    let clientSpoke = false
    client.on('data', () => {
      if (!clientSpoke) roundTrips++
      clientSpoke = true
    })
    upstream.on('data', () => (clientSpoke = false))
    forwardLater(client, upstream, delayMs)
    upstream.pipe(client)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        // Late enough for what the other side has yet to be sent.
        setTimeout(() => other.destroy(), delayMs + 1_000).unref()
      })
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    roundTrips: () => roundTrips,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Hands on what `from` reads `delayMs` after it came, in order. */
function forwardLater(from: Socket, to: Socket, delayMs: number): void {
  const later = (action: () => void): void => {
    // Timers of equal length fire in the order in which they were set.
    setTimeout(action, delayMs)
  }
  from.on('data', (chunk: Buffer) => later(() => to.writable && to.write(chunk)))
  from.on('end', () => later(() => to.end()))
}
