import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { dialText, goParseBool, goUnescape, systemText } from '@mig/core/golang-migrate'
import { createConnection, type Connection, type ConnectionOptions, type SslOptions } from 'mysql2'
import type { MysqlDsn } from './mysql-drop-in-dsn.ts'

/** Parameters of golang-migrate's client that take a boolean and change nothing here. */
const booleans = new Set([
  'allowAllFiles',
  'allowNativePasswords',
  'allowOldPasswords',
  'checkConnLiveness',
  'clientFoundRows',
  'columnsWithAlias',
  'interpolateParams',
  'multiStatements',
  'parseTime',
  'rejectReadOnly',
])
const others = new Set(['collation', 'loc', 'maxAllowedPacket', 'readTimeout', 'serverPubKey'])
const used = new Set(['allowCleartextPasswords', 'timeout', 'tls', 'writeTimeout'])

const clientBoolean = (value: string): boolean => {
  if (/^(?:1|true|TRUE|True)$/.test(value)) return true
  if (/^(?:0|false|FALSE|False)$/.test(value)) return false
  throw new Error(`invalid bool value: ${value}`)
}

/** The session variables among the parameters, as statements. */
export const sessionStatements = ({ parameters }: MysqlDsn): readonly string[] => {
  const statements: string[] = []
  for (const [name, value] of parameters) {
    if (booleans.has(name)) clientBoolean(value)
    else if (name === 'compress') throw new Error('compression not implemented yet')
    else if (others.has(name) || used.has(name) || name.startsWith('x-')) continue
    else if (name === 'charset') {
      statements.push(`SET NAMES ${goUnescape(value, 'query').split(',')[0] ?? ''}`)
    } else statements.push(`SET ${name}=${goUnescape(value, 'query')}`)
  }
  return statements
}

interface Place {
  readonly host: string
  readonly port: number
  readonly socketPath?: string
}

const readPlace = ({ network, address }: MysqlDsn): Place => {
  if (network === 'unix') {
    const socketPath = address === '' ? `${tmpdir()}/mysql.sock` : address
    return { host: socketPath, port: 0, socketPath }
  }
  if (network !== '' && network !== 'tcp' && address === '') {
    throw new Error(`default addr for network '${network}' unknown`)
  }
  if (network !== '' && network !== 'tcp')
    throw new Error(`dial ${network}: unknown network ${network}`)
  const [, bracketed, plain, port = '3306'] =
    /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(address === '' ? '127.0.0.1' : address) ?? []
  const host = bracketed ?? plain
  if (host === undefined)
    throw new Error(`dial tcp: address ${address}: too many colons in address`)
  return { host: host === '' ? '127.0.0.1' : host, port: Number(port) }
}

const readFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`open ${path}: ${systemText(error)}`, { cause: error })
  }
}

const readTls = ({ parameters }: MysqlDsn): SslOptions | undefined => {
  const tls = parameters.get('tls') ?? ''
  if (tls === '') return undefined
  if (/^(?:1|true|TRUE|True)$/.test(tls)) return { rejectUnauthorized: true, verifyIdentity: true }
  if (/^(?:0|false|FALSE|False)$/.test(tls)) return undefined
  if (tls.toLowerCase() === 'skip-verify') return { rejectUnauthorized: false }
  const read = (name: string): string => goUnescape(parameters.get(name) ?? '', 'query')
  const ca = readFile(read('x-tls-ca'))
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('failed to append PEM')
  const [certificate, key, insecure] = [
    read('x-tls-cert'),
    read('x-tls-key'),
    read('x-tls-insecure-skip-verify'),
  ]
  if ((certificate === '') !== (key === '')) {
    throw new Error(
      'to use TLS client authentication, both x-tls-cert and x-tls-key must not be empty',
    )
  }
  const verify = insecure === '' || !goParseBool(insecure)
  return {
    ca,
    rejectUnauthorized: verify,
    verifyIdentity: verify,
    ...(certificate === '' ? {} : { cert: readFile(certificate), key: readFile(key) }),
  }
}

/** What the client that golang-migrate uses would say of an error. */
export const clientText = (error: unknown): string => {
  const { errno, sqlMessage, message } = error as Error & { errno?: number; sqlMessage?: string }
  if (sqlMessage !== undefined && errno !== undefined) return `Error ${errno}: ${sqlMessage}`
  return message
}

const refuseFile = (path: string): Readable =>
  new Readable({
    read() {
      this.destroy(new Error(`local file '${path}' is not registered`))
    },
  })

const optionsOf = (dsn: MysqlDsn, place: Place): ConnectionOptions => {
  const ssl = readTls(dsn)
  return {
    host: place.host,
    port: place.port,
    ...(place.socketPath === undefined ? {} : { socketPath: place.socketPath }),
    user: dsn.user,
    password: dsn.password,
    ...(dsn.database === '' ? {} : { database: dsn.database }),
    charset: (dsn.parameters.get('collation') ?? 'utf8mb4_general_ci').toUpperCase(),
    multipleStatements: true,
    // A server may ask for any file at any time. golang-migrate's client hands out none.
    infileStreamFactory: refuseFile,
    supportBigNumbers: true,
    bigNumberStrings: true,
    enableCleartextPlugin: clientBoolean(dsn.parameters.get('allowCleartextPasswords') ?? 'false'),
    // golang-migrate's client has no limit of its own here, the system's is about two minutes.
    connectTimeout: 120_000,
    ...(ssl === undefined ? {} : { ssl }),
  }
}

/** Connects. The error has the words of golang-migrate's client. */
export const connect = async (dsn: MysqlDsn): Promise<Connection> => {
  const place = readPlace(dsn)
  const connection = createConnection(optionsOf(dsn, place))
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error === null ? resolve() : reject(error)))
    })
  } catch (error) {
    connection.destroy()
    const text = dialText(error, place.host, place.port) ?? clientText(error)
    throw new Error(text, { cause: error })
  }
  // A connection that ends between two queries is noticed by the next one.
  connection.on('error', () => {})
  return connection
}
