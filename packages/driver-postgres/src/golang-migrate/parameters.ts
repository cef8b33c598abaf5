import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import {
  goParseInt,
  goParseUint,
  goQueryValues,
  goQuote,
  portText,
  toError,
  type DropInContext,
  type GoUrl,
} from '@mig/golang-migrate'
import type { PostgresClient } from './url.ts'

/** Connection parameters by their libpq names. */
export type Parameters = Readonly<Record<string, string>>

const variables: Readonly<Record<string, string>> = {
  PGHOST: 'host',
  PGPORT: 'port',
  PGDATABASE: 'dbname',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGOPTIONS: 'options',
  PGAPPNAME: 'application_name',
  PGSSLMODE: 'sslmode',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGSSLROOTCERT: 'sslrootcert',
  PGCONNECT_TIMEOUT: 'connect_timeout',
  PGTZ: 'timezone',
  PGGEQO: 'geqo',
}

const fromEnvironment = (environment: DropInContext['environment']): Parameters => {
  const parameters: Record<string, string> = {}
  for (const [variable, name] of Object.entries(variables)) {
    const value = environment[variable]
    if (value !== undefined && value !== '') parameters[name] = value
  }
  return parameters
}

const fromUrl = (client: PostgresClient, { user, host, path, rawQuery }: GoUrl): Parameters => {
  const [, bracketed, plain = '', port = ''] = /^(?:\[(.*)\]|([^:]*))(?::(.*))?$/.exec(host) ?? []
  const named = new Map([
    ['user', user?.name ?? ''],
    ['password', user?.password ?? ''],
    ['host', bracketed ?? plain],
    ['port', port],
    ['dbname', path.replace(/^\//, '')],
  ])
  for (const [name, [value = '']] of goQueryValues(rawQuery)) {
    if (name.length > 1 && name.startsWith('x-')) continue
    const earlier = named.get(name) ?? ''
    // lib/pq sorts all of them as text, and the last one counts.
    const counts = client !== 'pq' || earlier === '' || `${earlier}'` < `${value}'`
    if (counts && (value !== '' || sendsEmpty(client, name))) named.set(name, value)
  }
  return Object.fromEntries(
    [...named].filter(([name, value]) => value !== '' || sendsEmpty(client, name)),
  )
}

/** pgx sends a run-time parameter also where it is empty. */
const sendsEmpty = (client: PostgresClient, name: string): boolean =>
  client !== 'pq' && !clientParameters(client).has(name)

/** pgx takes the first folder for sockets that there is, with a socket in it or not; lib/pq takes none. */
const defaultHost = (client: PostgresClient): string => {
  if (client === 'pq') return 'localhost'
  const folders = ['/var/run/postgresql', '/private/tmp', '/tmp']
  return folders.find((folder) => existsSync(folder)) ?? 'localhost'
}

const systemUser = (): Parameters => {
  try {
    return { user: userInfo().username }
  } catch {
    return {}
  }
}

/** All parameters: defaults, then the environment, then the URL. */
export const readParameters = (
  client: PostgresClient,
  url: GoUrl,
  { environment }: DropInContext,
): Parameters => ({
  host: defaultHost(client),
  port: '5432',
  sslmode: client === 'pq' ? 'require' : 'prefer',
  ...systemUser(),
  ...(client === 'pq' ? { extra_float_digits: '2', datestyle: 'ISO, MDY' } : {}),
  ...fromEnvironment(environment),
  ...fromUrl(client, url),
})

const allClients = [
  'application_name',
  'client_encoding',
  'connect_timeout',
  'database',
  'dbname',
  'host',
  'krbspn',
  'krbsrvname',
  'options',
  'password',
  'port',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'sslsni',
  'user',
]
const pgx = [
  ...allClients,
  'passfile',
  'service',
  'servicefile',
  'sslpassword',
  'statement_cache_capacity',
  'target_session_attrs',
]
const parametersByClient: Readonly<Record<PostgresClient, ReadonlySet<string>>> = {
  pq: new Set([
    ...allClients,
    'binary_parameters',
    'disable_prepared_binary_result',
    'fallback_application_name',
    'sslinline',
  ]),
  pgx4: new Set([...pgx, 'min_read_buffer_size', 'prefer_simple_protocol', 'statement_cache_mode']),
  pgx5: new Set([...pgx, 'default_query_exec_mode', 'description_cache_capacity']),
}

/** Parameters that are for the client; all others are sent to the server as run-time parameters. */
const clientParameters = (client: PostgresClient): ReadonlySet<string> => parametersByClient[client]

/** What the client would not accept, in its words. */
export const parameterError = (
  client: PostgresClient,
  { connect_timeout: timeout, client_encoding: encoding = 'UTF8', port = '', service }: Parameters,
): string | undefined => {
  const timeoutText = timeout === undefined ? undefined : errorOf(() => goParseInt(timeout))
  if (client === 'pq') {
    if (!/^(?:utf8|unicode)$/.test(encoding.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))) {
      return "client_encoding must be absent or 'UTF8'"
    }
    if (timeoutText !== undefined) {
      return `invalid value for parameter connect_timeout: ${timeoutText}`
    }
    return portText(port)
  }
  if (service !== undefined) return 'service files are not read'
  if (timeoutText !== undefined) return `invalid connect_timeout (${timeoutText})`
  const range = 'value out of range'
  const portReason =
    errorOf(() => goParseUint(port)) ??
    (Number(port) > 65_535 ? `strconv.ParseUint: parsing ${goQuote(port)}: ${range}` : undefined)
  return portReason === undefined ? undefined : `invalid port (${portReason})`
}

const errorOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return toError(error).message
  }
}

const escapeOption = (text: string): string => text.replace(/[\\\s]/g, '\\$&')

/** Run-time parameters as start-up options. */
export const startupOptions = (client: PostgresClient, parameters: Parameters): string =>
  [
    ...(parameters['options'] === undefined ? [] : [parameters['options']]),
    ...Object.entries(parameters)
      .filter(([name]) => !clientParameters(client).has(name))
      .map(([name, value]) => `-c ${escapeOption(name)}=${escapeOption(value)}`),
  ].join(' ')
