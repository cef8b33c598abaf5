import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** What the server does to its clients, which it never lets go. */
export type Evil =
  /** Refuses the login. */
  | 'refuses'
  /** Refuses it with a message of 200 MB. */
  | 'refuses-at-length'
  /** Asks for an authentication that the client does not know. */
  | `asks-${number}`
  /** Answers nothing after the login. */
  | 'silent'
  /** Answers each query with rows that do not end. */
  | 'endless-rows'
  /** Answers each query with an error message of 200 MB. */
  | 'long-error'
  /** Answers each query with a row of 1 GB. */
  | 'huge-row'
  /** Answers each query with a row that claims more fields than it has. */
  | 'wrong-count'

/** A server that is there for one test. */
export interface EvilServer {
  readonly port: number
  stop(): Promise<void>
}

const head = (type: string, length: number): Buffer => {
  const header = Buffer.alloc(5)
  header.write(type)
  header.writeInt32BE(length + 4, 1)
  return header
}

const message = (type: string, payload: Buffer): Buffer =>
  Buffer.concat([head(type, payload.length), payload])

const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

const ready = message('Z', Buffer.from('I'))
const letIn = Buffer.concat([
  message('R', int32(0)),
  message('K', Buffer.concat([int32(1), int32(2)])),
  ready,
])

const errorFields = 'SFATAL\0VFATAL\0C28000\0M'
const error = (text: string): Buffer => message('E', Buffer.from(`${errorFields}${text}\0\0`))

const oneColumn = message(
  'T',
  Buffer.concat([Buffer.of(0, 1), Buffer.from('c\0'), Buffer.alloc(6), int32(25), Buffer.alloc(8)]),
)
const row = message('D', Buffer.concat([Buffer.of(0, 1), int32(200), Buffer.alloc(200, 'x')]))
const manyRows = Buffer.concat(Array.from({ length: 500 }, () => row))

/** Writes for as long as it is read, or so many bytes. */
const pour = async (socket: Socket, chunk: Buffer, bytes = Infinity): Promise<void> => {
  for (let sent = 0; sent < bytes && !socket.destroyed;) {
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

const mb = 1024 * 1024
const filler = Buffer.alloc(mb, 'x')

const pourError = async (socket: Socket): Promise<void> => {
  socket.write(Buffer.concat([head('E', 200 * mb + errorFields.length), Buffer.from(errorFields)]))
  await pour(socket, filler, 200 * mb)
}

const answer = async (socket: Socket, evil: Evil): Promise<void> => {
  switch (evil) {
    case 'endless-rows':
      socket.write(oneColumn)
      return pour(socket, manyRows)
    case 'long-error':
      return pourError(socket)
    case 'huge-row':
      socket.write(Buffer.concat([oneColumn, head('D', 1024 * mb), Buffer.of(0, 1)]))
      return pour(socket, filler, 1024 * mb)
    case 'wrong-count':
      socket.write(Buffer.concat([oneColumn, message('D', Buffer.of(0x7f, 0xff, 0, 0))]))
      return
    default:
  }
}

const serve = (socket: Socket, evil: Evil): void => {
  socket.on('error', () => undefined)
  let loggedIn = false
  socket.on('data', () => {
    if (loggedIn) {
      void answer(socket, evil)
      return
    }
    loggedIn = true
    if (evil === 'refuses') socket.write(error('you may not'))
    else if (evil === 'refuses-at-length') void pourError(socket)
    else if (evil.startsWith('asks-')) {
      socket.write(message('R', int32(Number(evil.slice('asks-'.length)))))
    } else socket.write(letIn)
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
