import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

const file = (name: string): Buffer =>
  readFileSync(new URL(`../../testing/test/fixtures/tls/${name}`, import.meta.url))

/** A server that stands in the place of the real one and asks for what it likes. */
export interface FakeServer {
  readonly port: number
  /** What it was sent after the start-up message, over all connections. */
  readonly received: () => Buffer
  close(): Promise<void>
}

/** An authentication request of PostgreSQL's protocol. */
const request = (code: number, rest: Buffer = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(9)
  head.write('R')
  head.writeInt32BE(8 + rest.length, 1)
  head.writeInt32BE(code, 5)
  return Buffer.concat([head, rest])
}

const mechanisms = (...names: readonly string[]): Buffer =>
  Buffer.from([...names.map((name) => `${name}\0`), '\0'].join(''))

const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/** What the server says after the start-up message, one entry for each answer it got. */
export const demands = {
  cleartext: [request(3)],
  md5: [request(5, Buffer.from('salt'))],
  scram: [request(10, mechanisms('SCRAM-SHA-256'))],
  'scram with channel binding': [request(10, mechanisms('SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'))],
  trust: [Buffer.concat([request(0), ready])],
  'scram, then cleartext': [request(10, mechanisms('SCRAM-SHA-256-PLUS')), request(3)],
  'scram, then in': [
    request(10, mechanisms('SCRAM-SHA-256-PLUS')),
    Buffer.concat([request(0), ready]),
  ],
} as const

/** Starts one. With `tls` it encrypts with a certificate of another authority. */
export const fakeServer = async (
  demand: keyof typeof demands,
  { tls }: { readonly tls: boolean },
): Promise<FakeServer> => {
  const chunks: Buffer[] = []
  const sockets = new Set<Socket>()
  const speak = (socket: Socket): void => {
    const parsed = [...demands[demand]]
    let started = false
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      if (started) chunks.push(chunk)
      started = true
      const next = parsed.shift()
      if (next === undefined) socket.end()
      else socket.write(next)
    })
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (chunk: Buffer) => {
      const asksForTls = chunk.length === 8
      if (!asksForTls) {
        speak(socket)
        socket.emit('data', chunk)
      } else if (tls) {
        socket.write('S')
        const secureContext = createSecureContext({
          cert: file('impostor.crt'),
          key: file('impostor.key'),
        })
        speak(new TLSSocket(socket, { isServer: true, secureContext }))
      } else {
        socket.end('N')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    received: () => Buffer.concat(chunks),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
