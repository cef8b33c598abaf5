import { isMigrateError, type MigrateError } from '@mig/core/driver'
import { describe, expect, test } from 'vitest'
import { mysqlParameters } from '../src/connect/connection-parameters.ts'
import { mysqlDriver } from '../src/factory.ts'
import { fromUrl } from '../src/module.ts'
import { type MysqlDriverOptions, resolveOptions } from '../src/connect/options.ts'
import { mysqlUrlNotes, readMysqlUrl } from '../src/connect/url-options.ts'
import drivers from '../src/plugin.ts'

const base = 'mysql:///d'
const withParameter = (name: string, value: string): string =>
  `${base}?${encodeURIComponent(name)}=${encodeURIComponent(value)}`

const refusal = (action: () => unknown): MigrateError => {
  try {
    action()
  } catch (error) {
    if (isMigrateError(error)) return error
    throw error
  }
  return expect.unreachable('it must throw a MigrateError')
}

const encrypted = { tls: 'skip-verify' }

/** For each parameter that is used: a value, and what it makes of the options, or the option of the refusal. */
const used: Readonly<
  Record<string, readonly [value: string, expected: MysqlDriverOptions | object | string]>
> = {
  'x-migrations-table': ['m', { migrationsTable: 'm' }],
  'x-trust-version-table': ['1', { trustVersionTable: true }],
  'x-no-lock': ['1', { lock: 'none' }],
  'x-statement-timeout': ['5', { statementTimeoutMs: 5 }],
  'x-tls-ca': ['f', { tls: { caFile: 'f' } }],
  'x-tls-cert': ['f', { tls: { certFile: 'f' } }],
  'x-tls-key': ['f', { tls: { keyFile: 'f' } }],
  'x-tls-insecure-skip-verify': ['1', { tls: { skipVerify: true } }],
  tls: ['true', { tls: true }],
  timeout: ['5s', { connectTimeoutMs: 5000 }],
  collation: ['utf8mb4_bin', { collation: 'utf8mb4_bin' }],
  charset: ['utf-8', { collation: 'utf8mb4_general_ci' }],
  allowCleartextPasswords: ['1', { allowCleartextPassword: true }],
  serverPubKey: ['f', { serverPublicKeyFile: 'f' }],
  allowNativePasswords: ['false', 'allowNativePasswords'],
  user: ['u', { user: 'u' }],
  password: ['p', { password: 'p' }],
  host: ['h', { host: 'h' }],
  port: ['7', { port: 7 }],
  database: ['e', { database: 'd' }],
  socket: ['/s', { socketPath: '/s' }],
  'ssl-mode': ['VERIFY_CA', { tls: { verifyHost: false } }],
  'ssl-ca': ['f', { tls: { caFile: 'f' } }],
  'ssl-cert': ['f', { tls: { certFile: 'f' } }],
  'ssl-key': ['f', { tls: { keyFile: 'f' } }],
  'ssl-verify-server-cert': ['1', { tls: true }],
  ssl_verify_cert: ['1', { tls: { verifyHost: false } }],
  'tls-version': ['TLSv1.2,TLSv1.3', { tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } }],
  'get-server-public-key': ['1', { allowPublicKeyRetrieval: true }],
  'connect-timeout': ['5', { connectTimeoutMs: 5000 }],
  protocol: ['pipe', 'protocol'],
  ssl: ['{"rejectUnauthorized":true}', { tls: true }],
  connectTimeout: ['5', { connectTimeoutMs: 5 }],
  insecureAuth: ['true', 'insecureAuth'],
  sslaccept: ['strict', { tls: true }],
  sslcert: ['f', { tls: { caFile: 'f' } }],
  useSSL: ['true', encrypted],
  requireSSL: ['true', encrypted],
  trustServerCertificate: ['true', encrypted],
  connectionCollation: ['utf8mb4_bin', { collation: 'utf8mb4_bin' }],
}

const ofFate = (fate: string): [name: string, first: string][] =>
  mysqlParameters.all
    .filter((parameter) => parameter.fate === fate)
    .flatMap(({ names }) => names.map((name): [string, string] => [name, names[0] ?? '']))

describe('every parameter that is sent in a URL meets its fate', () => {
  test('every one that is used has a case here', () => {
    expect(Object.keys(used).toSorted()).toEqual(
      [...new Set(ofFate('used').map(([, first]) => first))].toSorted(),
    )
  })

  test.each(ofFate('used'))('%s is used', (name, first) => {
    const [value, expected] = used[first] ?? expect.unreachable(first)
    const url = withParameter(name, value)
    if (typeof expected === 'string') {
      const { code, details, hint } = refusal(() => readMysqlUrl(url))
      expect([code, details.option]).toEqual(['INVALID_OPTION', expected])
      expect(hint).toBeDefined()
      return
    }
    expect(readMysqlUrl(url)).toEqual({ database: 'd', ...expected })
    expect(mysqlUrlNotes(url)).toEqual([])
  })

  test.each(ofFate('always'))('%s is taken without a word', (name) => {
    expect(readMysqlUrl(withParameter(name, 'true'))).toEqual({ database: 'd' })
    expect(mysqlUrlNotes(withParameter(name, 'true'))).toEqual([])
  })

  test.each(ofFate('ignored'))('%s has no effect, and that is said once', (name) => {
    const url = withParameter(name, '7')
    expect(readMysqlUrl(url)).toEqual({ database: 'd' })
    const said = [expect.stringContaining(`"${name}" has no effect`)]
    expect(mysqlDriver(url).notes).toEqual(said)
    expect(fromUrl(url, {}).notes).toEqual(said)
  })

  test.each(ofFate('refused'))('%s is refused by name', (name) => {
    const { code, message, hint, details } = refusal(() => readMysqlUrl(withParameter(name, '7')))
    expect([code, details.option]).toEqual(['INVALID_OPTION', name])
    expect(message).toContain(`"${name}"`)
    expect(hint).not.toBe('')
  })

  test('other ones are session variables, and unknown ones that begin with x- are said to have no effect', () => {
    const url = `${base}?sql_mode=%27ANSI%27&x-migration-table=v`
    expect(readMysqlUrl(url)).toEqual({ database: 'd', sessionVariables: { sql_mode: "'ANSI'" } })
    expect(mysqlUrlNotes(url)).toEqual([
      expect.stringContaining('"x-migration-table" is not a parameter of mig'),
    ])
  })

  test('the command line passes every variable of the table', async () => {
    const { environment = [] } = await drivers()
    const known = mysqlParameters.all.flatMap(({ variables }) => variables)
    expect(environment.toSorted()).toEqual(known.toSorted())
  })
})

test('every option of mysql2 is in the table', () => {
  const options =
    'authPlugins authSwitchHandler bigNumberStrings charset charsetNumber compress connectAttributes connectTimeout ' +
    'database dateStrings debug decimalNumbers enableKeepAlive flags host insecureAuth infileStreamFactory isServer ' +
    'keepAliveInitialDelay localAddress maxPreparedStatements multipleStatements namedPlaceholders nestTables password ' +
    'password1 password2 password3 passwordSha1 pool port queryFormat rowsAsArray socketPath ssl stream stringifyObjects ' +
    'supportBigNumbers timezone trace typeCast uri user disableEval enableCleartextPlugin connectionLimit maxIdle ' +
    'idleTimeout Promise queueLimit resetOnRelease waitForConnections jsonStrings gracefulEnd'
  const missing = options.split(' ').filter((name) => mysqlParameters.find(name) === undefined)
  expect(missing).toEqual([])
})

describe('TLS is never less than a parameter says', () => {
  test.each<[query: string, tls: MysqlDriverOptions['tls']]>([
    ['x-tls-ca=f', { caFile: 'f' }],
    ['x-tls-ca=f&x-tls-insecure-skip-verify=false', { caFile: 'f', skipVerify: false }],
    ['x-tls-cert=c&x-tls-key=k', { certFile: 'c', keyFile: 'k' }],
    ['tls=skip-verify&x-tls-cert=c&x-tls-key=k', { certFile: 'c', keyFile: 'k', skipVerify: true }],
    ['TLS=true', true],
    ['ssl=true', true],
    ['ssl=0', false],
    ['ssl={"rejectUnauthorized":false}', 'skip-verify'],
    ['ssl={"ca":"PEM","minVersion":"TLSv1.3"}', { ca: 'PEM', minVersion: 'TLSv1.3' }],
    ['useSSL=true&requireSSL=true', 'skip-verify'],
    ['useSSL=true&requireSSL=true&verifyServerCertificate=true', { verifyHost: false }],
    ['useSSL=false', false],
    ['useSSL=true&ssl-ca=f', { caFile: 'f' }],
    ['ssl_ca=f', { caFile: 'f' }],
    ['ssl-mode=REQUIRED&sslaccept=strict', true],
    ['ssl-mode=VERIFY_CA&ssl-ca=f', { caFile: 'f', verifyHost: false }],
    ['sslaccept=accept_invalid_certs', 'skip-verify'],
    ['tls=mine&x-tls-ca=f&x-tls-insecure-skip-verify=1', { caFile: 'f', skipVerify: true }],
    ['x-tls-insecure-skip-verify=false', undefined],
  ])('%s', (query, tls) => {
    expect(readMysqlUrl(`${base}?${query}`).tls).toEqual(tls)
  })

  test.each([
    ['tls=false&x-tls-ca=f', 'tls'],
    ['tls=preferred&x-tls-ca=f', 'tls'],
    ['tls=skip-verify&x-tls-ca=f', 'tls'],
    ['ssl-mode=REQUIRED&ssl-ca=f', 'ssl-mode'],
    ['tls=false&x-tls-cert=c&x-tls-key=k', 'tls'],
    ['tls=preferred&x-tls-cert=c&x-tls-key=k', 'tls'],
    ['tls=false&ssl-mode=REQUIRED', 'tls'],
    ['useSSL=false&requireSSL=true', 'useSSL'],
    ['tls=true&x-tls-insecure-skip-verify=1', 'tls'],
    ['tls=false&tls-version=TLSv1.3', 'tls'],
    ['ssl=Amazon+RDS', 'ssl'],
    ['ssl=[1]', 'ssl'],
    ['ssl={"ciphers":"x"}', 'ssl'],
    ['sslaccept=maybe', 'sslaccept'],
    ['ssl-mode=maybe', 'ssl-mode'],
    ['tls-version=SSLv3', 'tls-version'],
    ['tls=${MODE}', 'database'],
  ])('%s is refused', (query, option) => {
    const { code, details, hint } = refusal(() =>
      resolveOptions(readMysqlUrl(`${base}?${query}`), {}),
    )
    expect([code, details.option]).toEqual(['INVALID_OPTION', option])
    expect(hint).toBeDefined()
  })
})
