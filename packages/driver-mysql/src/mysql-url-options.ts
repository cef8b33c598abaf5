import { parseMysqlDsn } from './mysql-dsn.ts'
import {
  invalidOption,
  type MysqlDriverOptions,
  type MysqlTlsMode,
  type MysqlTlsOptions,
} from './mysql-options.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Parameters of golang-migrate's client that change nothing here. */
const withoutEffect = new Set([
  'allowAllFiles',
  'allowFallbackToPlaintext',
  'allowNativePasswords',
  'allowOldPasswords',
  'checkConnLiveness',
  'clientFoundRows',
  'columnsWithAlias',
  'connectionAttributes',
  'interpolateParams',
  'loc',
  'maxAllowedPacket',
  'multiStatements',
  'parseTime',
  'readTimeout',
  'rejectReadOnly',
  'serverPubKey',
  'writeTimeout',
])

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falsehoods = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

const readBoolean = (name: string, value: string): boolean => {
  if (truths.has(value)) return true
  if (falsehoods.has(value)) return false
  throw invalidOption(name, `"${value}" is no value for ${name}`, 'Write "true" or "false".')
}

const readMilliseconds = (name: string, value: string): number => {
  if (/^\+?\d{1,15}$/.test(value)) return Number(value)
  throw invalidOption(
    name,
    `"${value}" is no value for ${name}`,
    'Write a whole number of milliseconds.',
  )
}

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

const readDuration = (name: string, value: string): number => {
  if (value === '0') return 0
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== value) {
    throw invalidOption(name, `"${value}" is no value for ${name}`, 'Write "500ms", "30s" or "2m".')
  }
  const sum = parts.reduce((ms, [, n, unit]) => ms + Number(n) * (unitsMs[unit ?? ''] ?? 0), 0)
  return Math.ceil(sum)
}

/** `ssl-mode` of MySQL's own tools. */
const readSslMode = (name: string, value: string): MysqlTlsMode | MysqlTlsOptions => {
  switch (value.toUpperCase().replaceAll('-', '_')) {
    case 'DISABLED':
    case 'DISABLE':
      return false
    case 'PREFERRED':
    case 'PREFER':
      return 'preferred'
    case 'REQUIRED':
    case 'REQUIRE':
      return 'skip-verify'
    case 'VERIFY_CA':
      return { verifyHost: false }
    case 'VERIFY_IDENTITY':
    case 'VERIFY_FULL':
      return true
    default:
      throw invalidOption(
        name,
        `"${value}" is no value for ${name}`,
        'There are DISABLED, PREFERRED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY.',
      )
  }
}

interface TlsParameters {
  mode?: MysqlTlsMode | MysqlTlsOptions | 'custom'
  readonly files: Mutable<MysqlTlsOptions>
}

const readTlsMode = (value: string): MysqlTlsMode | 'custom' => {
  if (truths.has(value)) return true
  if (falsehoods.has(value)) return false
  if (value === 'skip-verify' || value === 'preferred') return value
  return 'custom'
}

const joinTls = ({ mode, files }: TlsParameters): MysqlTlsMode | MysqlTlsOptions | undefined => {
  if (mode === undefined || mode === false || mode === 'preferred') return mode
  if (mode === 'custom' && files.caFile === undefined) {
    throw invalidOption(
      'tls',
      'A TLS configuration by name needs its authority',
      'Give x-tls-ca, or write tls=true, tls=skip-verify, tls=preferred or tls=false.',
    )
  }
  if (Object.keys(files).length === 0 && mode !== 'custom') return mode
  if (mode === 'skip-verify') return { ...files, skipVerify: true }
  return typeof mode === 'object' ? { ...mode, ...files } : files
}

/** Reads a URL or DSN with its parameters. Throws `INVALID_OPTION`. */
export const readMysqlUrl = (url: string): MysqlDriverOptions => {
  const { parameters, ...place } = parseMysqlDsn(url)
  const options: Mutable<MysqlDriverOptions> = { ...place }
  const variables: Record<string, string> = {}
  const tls: TlsParameters = { files: {} }
  for (const [name, value] of parameters) {
    switch (name) {
      case 'x-migrations-table':
        if (value !== '') options.migrationsTable = value
        break
      case 'x-trust-version-table':
        if (value !== '') options.trustVersionTable = readBoolean(name, value)
        break
      case 'x-no-lock':
        options.lock = value !== '' && readBoolean(name, value) ? 'none' : 'advisory'
        break
      case 'x-statement-timeout':
        if (value !== '') options.statementTimeoutMs = readMilliseconds(name, value)
        break
      case 'tls':
        tls.mode = readTlsMode(value)
        break
      case 'ssl-mode':
      case 'sslmode':
        tls.mode = readSslMode(name, value)
        break
      case 'x-tls-ca':
        tls.files.caFile = value
        break
      case 'x-tls-cert':
        if (value !== '') tls.files.certFile = value
        break
      case 'x-tls-key':
        if (value !== '') tls.files.keyFile = value
        break
      case 'x-tls-insecure-skip-verify':
        if (value !== '') tls.files.skipVerify = readBoolean(name, value)
        break
      case 'timeout':
        options.connectTimeoutMs = readDuration(name, value)
        break
      case 'collation':
        options.collation = value
        break
      case 'charset':
        options.collation ??= `${value.split(',')[0] ?? ''}_general_ci`
        break
      case 'allowCleartextPasswords':
        options.allowCleartextPassword = readBoolean(name, value)
        break
      default:
        if (!name.startsWith('x-') && !withoutEffect.has(name)) variables[name] = value
    }
  }
  const mode = joinTls(tls)
  if (mode !== undefined) options.tls = mode
  if (Object.keys(variables).length > 0) options.sessionVariables = variables
  return options
}
