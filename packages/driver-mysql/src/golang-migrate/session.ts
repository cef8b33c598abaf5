import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import {
  dialText,
  goAtoi,
  goParseBool,
  goParseDuration,
  goUnescape,
  portText,
  systemText,
} from '@mig/golang-migrate'
import { createConnection, type Connection, type ConnectionOptions, type SslOptions } from 'mysql2'
import { cutOff } from '../connect/answer-guard.ts'
import type { MysqlDsn } from './url.ts'

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
const isTrue = (value: string): boolean => /^(?:1|true|TRUE|True)$/.test(value)
const isBoolean = (value: string): boolean =>
  isTrue(value) || /^(?:0|false|FALSE|False)$/.test(value)

const clientBoolean = (value: string): boolean => {
  if (isBoolean(value)) return isTrue(value)
  throw new Error(`invalid bool value: ${value}`)
}

const checkZone = (name: string): void => {
  if (name === '' || name === 'Local') return
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch (error) {
    throw new Error(`unknown time zone ${name}`, { cause: error })
  }
}

/** What golang-migrate's client checks of its parameters. Those without an effect here are checked too. */
const checks: Readonly<Record<string, (value: string) => void>> = {
  ...Object.fromEntries([...booleans].map((name) => [name, clientBoolean])),
  compress: () => {
    throw new Error('compression not implemented yet')
  },
  allowCleartextPasswords: clientBoolean,
  collation: () => {},
  loc: (value) => checkZone(goUnescape(value, 'query')),
  maxAllowedPacket: goAtoi,
  readTimeout: goParseDuration,
  serverPubKey: (value) => {
    throw new Error(`invalid value / unknown server pub key name: ${goUnescape(value, 'query')}`)
  },
  timeout: goParseDuration,
  tls: () => {},
  writeTimeout: goParseDuration,
}

/** The session variables among the parameters, as statements. */
export const sessionStatements = ({ parameters }: MysqlDsn): readonly string[] => {
  const statements: string[] = []
  for (const [name, value] of parameters) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check !== undefined) check(value)
    else if (name.startsWith('x-')) continue
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
  const given = address === '' ? '127.0.0.1' : address
  const [, bracketed, plain, port = '3306'] =
    /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(given) ?? /^()(.*)$/s.exec(given) ?? []
  const host = bracketed === undefined || bracketed === '' ? (plain ?? '') : bracketed
  const wrongPort = portText(port)
  if (wrongPort !== undefined) throw new Error(wrongPort)
  return { host: host === '' ? '127.0.0.1' : host, port: Number(port) }
}

const readFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`open ${path}: ${systemText(error)}`, { cause: error })
  }
}

/** A configuration of its own is read before anything else is, from what follows the last question mark. */
export const readCustomTls = (
  values: ReadonlyMap<string, readonly string[]>,
): SslOptions | undefined => {
  const read = (name: string): string => values.get(name)?.[0] ?? ''
  const tls = read('tls')
  if (tls === '' || isBoolean(tls) || tls.toLowerCase() === 'skip-verify') return undefined
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

const tlsOf = (tls: string): SslOptions | undefined => {
  if (isTrue(tls)) return { rejectUnauthorized: true, verifyIdentity: true }
  return tls.toLowerCase() === 'skip-verify' ? { rejectUnauthorized: false } : undefined
}

const optionsOf = (
  dsn: MysqlDsn,
  place: Place,
  customTls: SslOptions | undefined,
): ConnectionOptions => {
  const ssl = customTls ?? tlsOf(dsn.parameters.get('tls') ?? '')
  const timeoutMs = goParseDuration(dsn.parameters.get('timeout') ?? '0')
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
    connectTimeout: timeoutMs > 0 ? timeoutMs : 120_000,
    ...(ssl === undefined ? {} : { ssl }),
  }
}

/** Connects. The error has the words of golang-migrate's client. */
export const connect = async (
  dsn: MysqlDsn,
  customTls: SslOptions | undefined,
): Promise<Connection> => {
  const place = readPlace(dsn)
  const connection = create(optionsOf(dsn, place, customTls))
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error === null ? resolve() : reject(error)))
    })
  } catch (error) {
    cutOff(connection)
    const text = dialText(error, place.host, place.port) ?? clientText(error)
    throw new Error(text, { cause: error })
  }
  // A connection that ends between two queries is noticed by the next one.
  connection.on('error', () => {})
  return connection
}

const create = (options: ConnectionOptions): Connection => {
  try {
    return createConnection(options)
  } catch (error) {
    // mysql2 looks the collation up before it connects.
    const text = clientText(error).startsWith('Unknown charset')
      ? 'unknown collation'
      : clientText(error)
    throw new Error(text, { cause: error })
  }
}
