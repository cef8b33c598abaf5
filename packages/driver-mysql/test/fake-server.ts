import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** A server that stands in the place of the real one and hands out a key of its own. */
export interface FakeServer {
  readonly port: number
  /** The password, where the client gave it away. */
  readonly stolen: () => string | undefined
  close(): Promise<void>
}

const scramble = Buffer.from('abcdefghijklmnopqrst')

const packet = (sequence: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUIntLE(payload.length, 0, 3)
  head[3] = sequence
  return Buffer.concat([head, payload])
}

/** What a server says first: protocol 10, no TLS, and how it wants to be logged in to. */
const hello = (plugin: string): Buffer =>
  Buffer.concat([
    Buffer.from('\x0a9.0.0\0\x01\0\0\0', 'latin1'),
    scramble.subarray(0, 8),
    Buffer.from([0, 0xff, 0xf7, 0xff, 2, 0, 0x0f, 0x80, 21]),
    Buffer.alloc(10),
    scramble.subarray(8),
    Buffer.from(`\0${plugin}\0`),
  ])

const xor = (bytes: Buffer): string =>
  Buffer.from(bytes.map((byte, index) => byte ^ (scramble[index % scramble.length] ?? 0)))
    .toString()
    .replace(/\0$/, '')

/** The password, or nothing where it was encrypted with another key. */
const decrypt = (key: KeyObject, payload: Buffer): string | undefined => {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    return xor(privateDecrypt({ key, padding, oaepHash: 'sha1' }, payload))
  } catch {
    return undefined
  }
}

/** Starts one that asks for a login by a plugin and for the password itself. */
export const fakeServer = async (
  plugin: 'caching_sha2_password' | 'sha256_password',
): Promise<FakeServer> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))
  const sockets = new Set<Socket>()
  let stolen: string | undefined
  const server = createServer((socket) => {
    sockets.add(socket)
    let loggingIn = true
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      const payload = chunk.subarray(4)
      const next = (chunk[3] ?? 0) + 1
      const more = (content: Buffer): unknown =>
        socket.write(packet(next, Buffer.concat([Buffer.from([1]), content])))
      if (loggingIn) {
        loggingIn = false
        const answer = Buffer.concat([
          Buffer.from(`\xfe${plugin}\0`, 'latin1'),
          scramble,
          Buffer.alloc(1),
        ])
        socket.write(packet(next, answer))
      } else if (payload.length === 32) {
        more(Buffer.from([4]))
      } else if (payload.length === 1) {
        more(pem)
      } else if (payload.length === 256) {
        stolen = decrypt(privateKey, payload) ?? stolen
        socket.end()
      } else {
        socket.end()
      }
    })
    socket.write(packet(0, hello(plugin)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stolen: () => stolen,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
