import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** What the server does to its clients, which it never lets go. */
export type Evil =
  /** Refuses the login. */
  | 'refuses'
  /** Refuses it with a message of 200 MB. */
  | 'refuses-at-length'
  /** Answers nothing after the login. */
  | 'silent'
  /** Answers each query with rows that do not end. */
  | 'endless-rows'
  /** Answers each query with an error message of 200 MB. */
  | 'long-error'

/** A server that is there for one test. */
export interface EvilServer {
  readonly port: number
  stop(): Promise<void>
}

const packet = (sequence: number, payload: Buffer): Buffer => {
  const header = Buffer.alloc(4)
  header.writeUIntLE(payload.length, 0, 3)
  header[3] = sequence & 0xff
  return Buffer.concat([header, payload])
}

// PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH, CONNECT_WITH_DB, MULTI_STATEMENTS, MULTI_RESULTS
const capabilities = 0x0000_0200 | 0x8000 | 0x0008_0000 | 0x8 | 0x0001_0000 | 0x0002_0000 | 0x1

const greeting = (): Buffer => {
  const flags = Buffer.alloc(4)
  flags.writeUInt32LE(capabilities)
  return packet(
    0,
    Buffer.concat([
      Buffer.of(10),
      Buffer.from('8.4.0\0'),
      Buffer.from([1, 0, 0, 0]),
      Buffer.from('12345678\0'),
      flags.subarray(0, 2),
      Buffer.of(45, 2, 0),
      flags.subarray(2, 4),
      Buffer.of(21),
      Buffer.alloc(10),
      Buffer.from('901234567890\0'),
      Buffer.from('mysql_native_password\0'),
    ]),
  )
}

const ok = (sequence: number): Buffer => packet(sequence, Buffer.of(0, 0, 0, 2, 0, 0, 0))

const error = (sequence: number, message: string): Buffer =>
  packet(sequence, Buffer.concat([Buffer.of(0xff, 0x15, 0x04), Buffer.from(`#28000${message}`)]))

const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value)])

const resultHead = (): Buffer =>
  Buffer.concat([
    packet(1, Buffer.of(1)),
    packet(
      2,
      Buffer.concat([
        ...['def', '', '', '', 'c', ''].map(text),
        Buffer.of(12, 45, 0, 0, 1, 0, 0, 253, 0, 0, 0, 0, 0),
      ]),
    ),
    packet(3, Buffer.of(0xfe, 0, 0, 2, 0)),
  ])

/** Writes for as long as it is read, or so many bytes. */
const pour = async (socket: Socket, chunks: () => Buffer, bytes = Infinity): Promise<void> => {
  for (let sent = 0; sent < bytes && !socket.destroyed;) {
    const chunk = chunks()
    sent += chunk.length
    if (!socket.write(chunk)) await drained(socket)
  }
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.once('drain', done)
    socket.once('close', done)
  })

const longBytes = 200 * 1024 * 1024
const fullPacket = 0xff_ff_ff

const pourError = async (socket: Socket, sequence: number): Promise<void> => {
  let next = sequence
  const piece = (): Buffer => {
    const payload = Buffer.alloc(fullPacket, 'x')
    if (next === sequence) Buffer.from([0xff, 0x15, 0x04, ...Buffer.from('#28000')]).copy(payload)
    return packet(next++, payload)
  }
  await pour(socket, piece, longBytes)
  socket.write(packet(next, Buffer.from('end')))
}

const pourRows = async (socket: Socket): Promise<void> => {
  socket.write(resultHead())
  let sequence = 4
  await pour(socket, () =>
    Buffer.concat(Array.from({ length: 500 }, () => packet(sequence++, text('x'.repeat(200))))),
  )
}

const serve = (socket: Socket, evil: Evil): void => {
  socket.on('error', () => undefined)
  socket.write(greeting())
  let loggedIn = false
  socket.on('data', () => {
    if (!loggedIn) {
      loggedIn = true
      if (evil === 'refuses') socket.write(error(2, 'you may not'))
      else if (evil === 'refuses-at-length') void pourError(socket, 2)
      else socket.write(ok(2))
      return
    }
    if (evil === 'endless-rows') void pourRows(socket)
    else if (evil === 'long-error') void pourError(socket, 1)
  })
}

/** Starts one. It keeps its half of every connection open, whatever the client does. */
export const startEvilServer = async (evil: Evil): Promise<EvilServer> => {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    serve(socket, evil)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
