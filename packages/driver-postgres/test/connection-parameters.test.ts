import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMigrateError, type MigrateError } from '@mig/core'
import { temporaryFolder } from '@mig/internal-testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { postgresParameters } from '../src/connect/connection-parameters.ts'
import { fromUrl, postgresDriver } from '../src/index.ts'
import drivers from '../src/plugin.ts'
import { resolvePostgresOptions } from '../src/connect/options.ts'

const temporary = temporaryFolder('parameters')
const folder = temporary.path
afterAll(() => temporary[Symbol.dispose]())
const servicePath = join(folder, 'services.conf')

beforeAll(() => {
  writeFileSync(
    servicePath,
    '# services\n[other]\nhost=o\n\n[app]\nhost=sh\nport=7777\nuser=su\ndbname=sd\nsslmode=require\nsearch_path=s\n[last]\nhost=l\n',
  )
  vi.stubEnv('HOME', folder)
})
afterAll(() => vi.unstubAllEnvs())

const base = 'postgres://h/d'
const withParameter = (name: string, value: string): string =>
  `${base}?${encodeURIComponent(name)}=${encodeURIComponent(value)}`

const resolve = (
  url: string,
  environment: Record<string, string> = {},
): Record<string, unknown> => {
  const { password, ...settings } = resolvePostgresOptions({ url }, environment)
  return { ...settings, password: password?.toString(), secret: password?.() }
}

const refusal = (action: () => unknown): MigrateError => {
  try {
    action()
  } catch (error) {
    if (isMigrateError(error)) return error
    throw error
  }
  return expect.unreachable('it must throw a MigrateError')
}

/** For each parameter that is used: a value, and what it makes of the settings, or the option of the refusal. */
const used: Readonly<Record<string, readonly [value: string, expected: object | string]>> = {
  host: ['other', { host: 'other' }],
  hostaddr: ['192.0.2.7', { host: 'h', hostAddress: '192.0.2.7' }],
  port: ['7', { port: 7 }],
  user: ['u', { user: 'u' }],
  password: ['p', { secret: 'p' }],
  passfile: ['f', { passwordFile: 'f' }],
  dbname: ['e', { database: 'd' }],
  service: ['app', { port: 7777, user: 'su', sslMode: 'require' }],
  servicefile: ['f', {}],
  connect_timeout: ['7', { connectTimeoutMs: 7000 }],
  application_name: ['a', { applicationName: 'a' }],
  fallback_application_name: ['a', { applicationName: 'a' }],
  options: ['-c a.b=c', { sessionOptions: '-c a.b=c' }],
  keepalives: ['0', { keepAlive: false }],
  keepalives_idle: ['5', { keepAliveDelayMs: 5000 }],
  sslmode: ['no-verify', { sslMode: 'require' }],
  requiressl: ['1', { sslMode: 'require' }],
  sslnegotiation: ['direct', 'sslnegotiation'],
  sslrootcert: ['system', { sslMode: 'verify-full', sslRootCert: 'system' }],
  sslcert: ['f', { sslCert: 'f' }],
  sslkey: ['f', { sslKey: 'f' }],
  sslpassword: ['p', { sslPassword: 'p' }],
  sslcertmode: ['disable', { withoutClientCert: true }],
  sslcrl: ['f', { sslCrl: 'f' }],
  sslcrldir: ['f', { sslCrlDir: 'f' }],
  ssl_min_protocol_version: ['tlsv1.3', { sslMinVersion: 'TLSv1.3' }],
  ssl_max_protocol_version: ['TLSv1.2', { sslMaxVersion: 'TLSv1.2' }],
  channel_binding: ['require', { channelBinding: 'require' }],
  require_auth: [
    '!password,!md5',
    { allowedMethods: new Set(['gss', 'sspi', 'scram-sha-256', 'oauth', 'none']) },
  ],
  target_session_attrs: ['standby', { targetSession: 'standby' }],
  gssencmode: ['require', 'gssencmode'],
  replication: ['database', 'replication'],
  min_protocol_version: ['3.2', 'min_protocol_version'],
  client_encoding: ['LATIN1', { notes: [expect.stringContaining('client_encoding=LATIN1')] }],
  sslsni: ['0', 'sslsni'],
  load_balance_hosts: ['random', 'load_balance_hosts'],
  TimeZone: ['UTC', { parameters: new Map([['TimeZone', 'UTC']]) }],
  DateStyle: ['German', { parameters: new Map([['DateStyle', 'German']]) }],
  geqo: ['off', { parameters: new Map([['geqo', 'off']]) }],
  'x-migrations-table': ['v', { migrationsTable: { name: 'v' } }],
  'x-migrations-table-quoted': ['1', { quotedTableNames: true }],
  'x-role': ['owner', { role: 'owner' }],
  'x-trust-version-table': ['1', { trustVersionTable: true }],
  'x-statement-timeout': ['5', { statementTimeoutMs: 5 }],
  'x-multi-statement': ['1', { multiStatement: true }],
  'x-lock-strategy': ['table', { lock: 'table' }],
  'x-lock-table': ['l', { lockTable: 'l' }],
  ssl: ['true', { sslMode: 'verify-full' }],
  connectionTimeoutMillis: ['7', { connectTimeoutMs: 7 }],
  keepAlive: ['false', { keepAlive: false }],
  keepAliveInitialDelayMillis: ['5', { keepAliveDelayMs: 5 }],
  enableChannelBinding: ['false', { channelBinding: 'disable' }],
  schema: ['My App', { parameters: new Map([['search_path', '"My App"']]) }],
  sslaccept: ['strict', { sslMode: 'verify-full' }],
  pgbouncer: ['true', { lock: 'transaction' }],
  currentSchema: ['a,b', { parameters: new Map([['search_path', 'a,b']]) }],
}

const ofFate = (fate: string): [name: string, first: string][] =>
  postgresParameters.all
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
    const environment = { PGSERVICEFILE: servicePath }
    if (typeof expected === 'string') {
      const { code, details, hint } = refusal(() =>
        resolve(withParameter(name, value), environment),
      )
      expect([code, details.option]).toEqual(['INVALID_OPTION', expected])
      expect(hint).toBeDefined()
      return
    }
    expect(resolve(withParameter(name, value), environment)).toMatchObject(expected)
    // A value that a parameter cannot have must not be taken for it either: it changed something, or was refused.
    if (!['dbname', 'servicefile'].includes(first)) {
      expect(resolve(withParameter(name, value), environment)).not.toEqual(
        resolve(base, environment),
      )
    }
  })

  test.each(ofFate('always'))('%s is taken without a word', (name) => {
    expect(resolve(withParameter(name, 'true'))).toEqual(resolve(base))
  })

  test.each(ofFate('ignored'))('%s has no effect, and that is said once', (name) => {
    const { notes, ...rest } = resolve(withParameter(name, '7'))
    expect(notes).toEqual([expect.stringContaining(`"${name}" has no effect`)])
    expect({ ...rest, notes: [] }).toEqual(resolve(base))
    expect(postgresDriver(withParameter(name, '7')).notes).toEqual(notes)
  })

  test.each(ofFate('refused'))('%s is refused by name', (name) => {
    const { code, message, hint, details } = refusal(() => resolve(withParameter(name, '7')))
    expect([code, details.option]).toEqual(['INVALID_OPTION', name])
    expect(message).toContain(`"${name}"`)
    expect(hint).not.toBe('')
  })

  test('other ones are settings of the session, and unknown ones that begin with x- are said to have no effect', () => {
    const { parameters, notes } = resolve(`${base}?lock_timeout=5s&x-migration-table=v`)
    expect(parameters).toEqual(new Map([['lock_timeout', '5s']]))
    expect(notes).toEqual([
      expect.stringContaining('"x-migration-table" is not a parameter of mig'),
    ])
  })
})

const byVariable = postgresParameters.all.flatMap(({ variables, names, fate }) =>
  variables.map((variable): [string, string, string] => [variable, names[0] ?? '', fate]),
)

describe('the environment', () => {
  test('the command line passes every variable of the table', async () => {
    const { environment = [] } = await drivers()
    const known = [...byVariable.map(([variable]) => variable), 'PGSYSCONFDIR']
    expect(environment.toSorted()).toEqual(known.toSorted())
  })

  test.each(byVariable)('%s stands for %s', (variable, name, fate) => {
    const [value, expected] = used[name] ?? ['7', {}]
    const environment = { PGSERVICEFILE: servicePath, [variable]: value }
    const url = 'postgres:///'
    if (fate === 'refused' || typeof expected === 'string') {
      const { details } = refusal(() => resolve(url, environment))
      expect(details.option).toBe(fate === 'refused' ? variable : expected)
    } else if (fate === 'ignored') {
      expect(resolve(url, environment)['notes']).toEqual([expect.stringContaining(variable)])
    } else if (variable !== 'PGSERVICEFILE') {
      const wanted = {
        PGHOST: { host: value },
        PGHOSTADDR: { hostAddress: value },
        PGDATABASE: { database: value },
      }
      expect(resolve(url, environment)).toMatchObject(
        Object.entries(wanted).find(([key]) => key === variable)?.[1] ?? expected,
      )
    }
  })

  test('the URL goes before the service file, and that before other variables', () => {
    const environment = {
      PGSERVICE: 'app',
      PGSERVICEFILE: servicePath,
      PGUSER: 'eu',
      PGSSLCERT: 'c',
    }
    expect(resolve('postgres://h:5/d', environment)).toMatchObject({
      host: 'h',
      port: 5,
      user: 'su',
      database: 'd',
      databaseInUrl: 'd',
      sslCert: 'c',
      sslMode: 'require',
      parameters: new Map([['search_path', 's']]),
    })
    const fromService = fromUrl('postgres:///?service=last', { environment })
    expect(fromService.notes).toEqual([])
  })

  test('a service that is nowhere, or asks for more than a file, is refused', () => {
    const bad = join(folder, 'bad.conf')
    writeFileSync(bad, '[l]\nldap://x\n[e]\nnonsense\n[s]\nservice=app\n')
    const message = (service: string, file: string): string =>
      refusal(() => resolve(base, { PGSERVICE: service, PGSERVICEFILE: file })).message
    expect(message('nowhere', servicePath)).toContain('"nowhere" is not in')
    expect(message('l', bad)).toContain('LDAP')
    expect(message('e', bad)).toContain('Line 4')
    expect(message('s', bad)).toContain('Line 6')
    expect(message('app', join(folder, 'none'))).toContain('cannot be read')
    writeFileSync(join(folder, '.pg_service.conf'), '[home]\nhost=hh\n')
    expect(resolve('postgres:///', { PGSERVICE: 'home' })).toMatchObject({ host: 'hh' })
    expect(resolve('postgres:///', { PGSERVICE: 'home', PGHOSTADDR: '::1' })).toMatchObject({
      host: 'hh',
      hostAddress: '::1',
    })
  })
})

test('every keyword and variable of libpq 18 is in the table', () => {
  const keywords =
    'service user password passfile channel_binding connect_timeout dbname host hostaddr port client_encoding options ' +
    'application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count ' +
    'tcp_user_timeout sslmode sslnegotiation sslcompression sslcert sslkey sslcertmode sslpassword sslrootcert sslcrl ' +
    'sslcrldir sslsni requirepeer require_auth min_protocol_version max_protocol_version ssl_min_protocol_version ' +
    'ssl_max_protocol_version gssencmode krbsrvname gsslib gssdelegation replication target_session_attrs ' +
    'load_balance_hosts scram_client_key scram_server_key oauth_issuer oauth_client_id oauth_client_secret oauth_scope ' +
    'sslkeylogfile'
  const variables =
    'PGSERVICE PGSERVICEFILE PGUSER PGPASSWORD PGPASSFILE PGCHANNELBINDING PGCONNECT_TIMEOUT PGDATABASE PGHOST ' +
    'PGHOSTADDR PGPORT PGCLIENTENCODING PGOPTIONS PGAPPNAME PGSSLMODE PGREQUIRESSL PGSSLNEGOTIATION PGSSLCOMPRESSION ' +
    'PGSSLCERT PGSSLKEY PGSSLCERTMODE PGSSLROOTCERT PGSSLCRL PGSSLCRLDIR PGSSLSNI PGREQUIREPEER PGREQUIREAUTH ' +
    'PGMINPROTOCOLVERSION PGMAXPROTOCOLVERSION PGSSLMINPROTOCOLVERSION PGSSLMAXPROTOCOLVERSION PGGSSENCMODE ' +
    'PGKRBSRVNAME PGGSSLIB PGGSSDELEGATION PGTARGETSESSIONATTRS PGLOADBALANCEHOSTS PGDATESTYLE PGTZ PGGEQO'
  for (const name of keywords.split(' '))
    expect([name, postgresParameters.find(name)?.fate]).not.toContain(undefined)
  const known = new Set(byVariable.map(([variable]) => variable))
  expect(variables.split(' ').filter((name) => !known.has(name))).toEqual([])
})

describe('what contradicts itself or is weaker than it sounds is refused', () => {
  test.each([
    ['sslmode=require&sslrootcert=system', 'sslmode'],
    ['sslmode=verify-full&sslaccept=accept_invalid_certs', 'sslaccept'],
    ['sslmode=disable&sslaccept=strict', 'sslaccept'],
    ['sslcertmode=require', 'sslcertmode'],
    ['channel_binding=yes', 'channel_binding'],
    ['require_auth=scram', 'require_auth'],
    ['require_auth=!md5,password', 'require_auth'],
    ['target_session_attrs=master', 'target_session_attrs'],
    [
      'ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2',
      'ssl_min_protocol_version',
    ],
    ['ssl_min_protocol_version=1.2', 'ssl_min_protocol_version'],
    ['hostaddr=localhost', 'hostaddr'],
    ['schema=a&search_path=b', 'search_path'],
    ['sslmode=${MODE}', 'database'],
  ])('%s', (query, option) => {
    const error = refusal(() => resolve(`${base}?${query}`))
    expect([error.code, error.details.option]).toEqual(['INVALID_OPTION', option])
  })

  test('ssl of a URL goes before PGSSLMODE, and sslmode beside it before both', () => {
    const environment = { PGSSLMODE: 'disable' }
    expect(resolve(`${base}?ssl=true`, environment)).toMatchObject({ sslMode: 'verify-full' })
    expect(resolve(`${base}?ssl=true&sslmode=require`)).toMatchObject({ sslMode: 'require' })
    expect(resolve(`${base}?sslmode=require&sslaccept=strict`)).toMatchObject({
      sslMode: 'verify-full',
    })
  })

  test('a password file that others may read is said to be ignored', () => {
    const file = join(folder, 'open.pgpass')
    writeFileSync(file, '*:*:*:*:x')
    chmodSync(file, 0o644)
    const notes = (url: string): unknown => resolve(url, { PGPASSFILE: file })['notes']
    expect(notes(base)).toEqual([expect.stringMatching(/others may read it/)])
    expect(notes('postgres://u:p@h/d')).toEqual([])
    chmodSync(file, 0o600)
    expect(notes(base)).toEqual([])
  })
})
