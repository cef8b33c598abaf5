import { connect, type Socket } from 'node:net'

/** Where a cancel request goes, and what it proves itself with. */
export interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly processId: number
  readonly secretKey: number
}

const timeoutMs = 5000

/**
 * Asks the server over a connection of its own to cancel what a session runs. Resolves when the server has taken the
 * request, whether or not there was anything to cancel.
 */
export const requestCancel = ({ host, port, processId, secretKey }: CancelTarget): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket: Socket = host.startsWith('/')
      ? connect(`${host}/.s.PGSQL.${port}`)
      : connect(port, host)
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error('The cancel request got no answer')),
    )
    socket.once('error', reject)
    socket.once('connect', () => {
      const request = Buffer.allocUnsafe(16)
      request.writeInt32BE(16, 0)
      request.writeInt16BE(1234, 4)
      request.writeInt16BE(5678, 6)
      request.writeInt32BE(processId, 8)
      request.writeInt32BE(secretKey, 12)
      socket.end(request)
    })
    // The server closes the connection once the signal is on its way.
    socket.resume()
    socket.once('close', () => resolve())
  })
