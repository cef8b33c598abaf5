import { createPublicKey } from 'node:crypto'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { authPlugins, type ConnectionOptions } from 'mysql2'
import { invalidOption, type MysqlConfig } from './options.ts'
import { readPem } from './pem.ts'

const thisMachine = new BlockList()
thisMachine.addSubnet('127.0.0.0', 8, 'ipv4')
thisMachine.addAddress('::1', 'ipv6')

/** Whether nobody can stand between this process and a host. */
const isThisMachine = (host: string): boolean =>
  host.toLowerCase() === 'localhost' ||
  (isIPv4(host) && thisMachine.check(host, 'ipv4')) ||
  (isIPv6(host) && thisMachine.check(host, 'ipv6'))

/** A key that came over the network is not to be trusted with the password. */
const refuseKey = (): never => {
  const error = new Error(
    "the server has no TLS here and wants the password encrypted with an RSA key of its own, which could be anybody's",
  )
  throw Object.assign(error, { code: 'PUBLIC_KEY_RETRIEVAL' })
}

/**
 * How to log in without TLS where the server wants the password itself (`caching_sha2_password` the first time,
 * `sha256_password` always): encrypted with its RSA key, which must be known beforehand. One that it sends is taken on
 * this machine only, or where the options say so.
 */
export const passwordPlugins = async (
  config: MysqlConfig,
): Promise<Pick<ConnectionOptions, 'authPlugins'>> => {
  const { serverPublicKeyFile: file, host, socketPath, allowPublicKeyRetrieval } = config
  const trusted = allowPublicKeyRetrieval || socketPath !== undefined || isThisMachine(host)
  if (file === undefined && trusted) return {}
  const options =
    file === undefined ? { onServerPublicKey: refuseKey } : { serverPublicKey: await readKey(file) }
  return {
    authPlugins: {
      caching_sha2_password: authPlugins.caching_sha2_password(options),
      sha256_password: authPlugins.sha256_password(options),
    },
  }
}

const readKey = async (file: string): Promise<string> => {
  const option = 'server-public-key-path'
  const key = await readPem(option, file)
  try {
    createPublicKey(key)
  } catch {
    throw invalidOption(option, `"${file}" holds no public key in PEM form`)
  }
  return key
}
