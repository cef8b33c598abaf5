/**
 * What PostgreSQL's client computes for passwords, by Node's own cryptography. The bundle has it in place of the
 * client's module, which does the same by the web's: that is loaded first, and takes a thread and a turn of the event
 * loop for each of a dozen calls. Like what it replaces it gives promises, and nothing else of the client is changed.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes as nodeRandomBytes } from 'node:crypto'

type Bytes = Uint8Array

const scramKeyBytes = 32

/** For the client's nonce. */
export const randomBytes = (length: number): Buffer => nodeRandomBytes(length)

/** In hexadecimal digits. */
export const md5 = async (data: string | Bytes): Promise<string> =>
  createHash('md5').update(data).digest('hex')

/** The answer to a server that asks for MD5: https://www.postgresql.org/docs/current/protocol-flow.html */
export const postgresMd5PasswordHash = async (
  user: string,
  password: string,
  salt: Bytes,
): Promise<string> => {
  const inner = await md5(password + user)
  return `md5${await md5(Buffer.concat([Buffer.from(inner), salt]))}`
}

export const sha256 = async (data: Bytes): Promise<Buffer> =>
  createHash('sha256').update(data).digest()

/** A hash by its name on the web, such as `SHA-384`. */
export const hashByName = async (name: string, data: Bytes): Promise<Buffer> =>
  createHash(name.replace('-', '')).update(data).digest()

export const hmacSha256 = async (key: Bytes, message: string): Promise<Buffer> =>
  createHmac('sha256', key).update(message).digest()

/** The salted password of SCRAM (RFC 5802, section 3). */
export const deriveKey = async (
  password: string,
  salt: Bytes,
  iterations: number,
): Promise<Buffer> => pbkdf2Sync(password, salt, iterations, scramKeyBytes, 'sha256')
