import { lookup } from 'node:dns/promises'
import { realpathSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { DatabaseTarget, ServerAddress } from '@mig/core/driver'

/** Whether two targets are the same database, as far as can be known without connecting. */
export const isSameTarget = async (a: DatabaseTarget, b: DatabaseTarget): Promise<boolean> => {
  if (a.file !== undefined || b.file !== undefined) {
    return a.file !== undefined && b.file !== undefined && isSameFile(a.file, b.file)
  }
  if (a.database !== b.database || a.server === undefined || b.server === undefined) return false
  return isSameServer(a.server, b.server)
}

/** Links, also hard ones, lead to the same file. One that is not there yet is known by its path. */
const isSameFile = (a: string, b: string): boolean => {
  const [one, other] = [a, b].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }))
  if (one !== undefined && other !== undefined)
    return one.dev === other.dev && one.ino === other.ino
  return realPath(a) === realPath(b)
}

const realPath = (path: string): string => {
  try {
    return join(realpathSync(dirname(path)), basename(path))
  } catch {
    // A folder that is not there: nothing can be in it.
    return path
  }
}

const isSameServer = async (a: ServerAddress, b: ServerAddress): Promise<boolean> => {
  // A server's socket does not always say its port.
  if (a.port !== undefined && b.port !== undefined && a.port !== b.port) return false
  const [one, other] = await Promise.all([addressesOf(a.host), addressesOf(b.host)])
  return [...one].some((address) => other.has(address))
}

const thisMachine = 'this machine'

/** The host's name and its addresses. All addresses of this machine are one, and so are the sockets in its folders. */
const addressesOf = async (host: string): Promise<ReadonlySet<string>> => {
  if (/^[/@]/.test(host)) return new Set([thisMachine])
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
  if (isIP(name) !== 0) return new Set([normal(name)])
  try {
    const found = await lookup(name, { all: true })
    return new Set([name, ...found.map(({ address }) => normal(address))])
  } catch {
    // Not known from here: then its name is all there is to compare.
    return new Set([name])
  }
}

/** An address in the one spelling that URLs have for it. */
const normal = (address: string): string => {
  const bare = address.replace(/%.*$/, '')
  const host = isIP(bare) === 6 ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(host)
  if (mapped !== null) {
    const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16))
    return normal([high >> 8, high & 255, low >> 8, low & 255].join('.'))
  }
  if (/^127\.|^0\.0\.0\.0$|^::1?$/.test(host)) return thisMachine
  const own = Object.values(networkInterfaces()).some((all = []) =>
    all.some((one) => one.address === host),
  )
  return own ? thisMachine : host
}
