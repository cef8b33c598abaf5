import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

const message = (type: string, script: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(script.length + 4)
  return Buffer.concat([Buffer.from(type), length, script])
}

const errorSaying = (text: string): Buffer =>
  message('E', Buffer.from(`SFATAL\0C28P01\0M${text}\0D${text}\0Hand once more: ${text}\0\0`))

const askForPassword = message('R', Buffer.from([0, 0, 0, 3]))

const spellings = (password: string): string =>
  [
    `password "${password}"`,
    encodeURIComponent(password),
    encodeURIComponent(password).toLowerCase(),
    JSON.stringify({ password }),
    `postgres://me:${password}@host/db`,
  ].join(' | ')

const serve = (socket: Socket): void => {
  socket.on('error', () => undefined)
  let greeted = false
  socket.on('data', (data) => {
    // What asks for encryption is eight bytes long.
    if (!greeted && data.length === 8) socket.write('N')
    else if (!greeted) {
      greeted = true
      socket.write(askForPassword)
    } else if (data[0] === 'p'.charCodeAt(0)) {
      socket.end(errorSaying(spellings(data.subarray(5, -1).toString())))
    }
  })
}

/** A PostgreSQL server as careless as can be: it asks for the password and repeats it in its error, in many spellings. */
export const echoServer = async (): Promise<{
  readonly port: number
  readonly close: () => void
}> => {
  const server = createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}
