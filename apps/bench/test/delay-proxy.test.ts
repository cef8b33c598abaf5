import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { startDelayProxy } from '../src/delay-proxy.ts'

/** A server that sends back what it gets, and a proxy in front of it. */
async function proxiedEcho(delayMs: number) {
  const server = createServer((socket) => socket.pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const proxy = await startDelayProxy({ host: '127.0.0.1', port }, delayMs)
  const socket = connect({ host: '127.0.0.1', port: proxy.port, noDelay: true })
  await once(socket, 'connect')
  return {
    proxy,
    socket,
    async [Symbol.asyncDispose]() {
      socket.destroy()
      await proxy.close()
      server.close()
    },
  }
}

describe('the delay proxy', () => {
  test('makes each round trip longer, and counts them', async () => {
    await using echo = await proxiedEcho(30)
    const startedAt = performance.now()
    for (const text of ['one', 'two', 'three']) {
      echo.socket.write(text)
      const [answer] = (await once(echo.socket, 'data')) as [Buffer]
      expect(answer.toString()).toBe(text)
    }
    // Timers may fire a fraction of a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(3 * 29)
    expect(echo.proxy.roundTrips()).toBe(3)
  })

  test('hands on everything in order, also when a side ends', async () => {
    await using echo = await proxiedEcho(5)
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
    const received: Buffer[] = []
    echo.socket.on('data', (chunk: Buffer) => received.push(chunk))
    echo.socket.end(sent)
    await once(echo.socket, 'end')
    expect(Buffer.concat(received).equals(sent)).toBe(true)
  })
})
