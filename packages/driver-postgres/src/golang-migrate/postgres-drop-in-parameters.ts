import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { goQueryValues, type DropInContext, type GoUrl } from '@mig/core/golang-migrate'
import type { PostgresClient } from './postgres-drop-in-url.ts'

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
  PGPASSFILE: 'passfile',
}

const fromEnvironment = (environment: DropInContext['environment']): Parameters => {
  const parameters: Record<string, string> = {}
  for (const [variable, name] of Object.entries(variables)) {
    const value = environment[variable]
    if (value !== undefined && value !== '') parameters[name] = value
  }
  return parameters
}

const fromUrl = ({ user, host, path, rawQuery }: GoUrl): Parameters => {
  const [, bracketed, plain = '', port = ''] = /^(?:\[(.*)\]|([^:]*))(?::(.*))?$/.exec(host) ?? []
  const named: Record<string, string> = {
    user: user?.name ?? '',
    password: user?.password ?? '',
    host: bracketed ?? plain,
    port,
    dbname: path.replace(/^\//, ''),
  }
  for (const [name, [value = '']] of goQueryValues(rawQuery)) {
    if (name.length <= 1 || !name.startsWith('x-')) named[name] = value
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== ''))
}

/** pgx looks for a socket where libpq does; lib/pq does not. */
const defaultHost = (client: PostgresClient): string => {
  if (client === 'pq') return 'localhost'
  const folders = ['/var/run/postgresql', '/private/tmp', '/tmp']
  const found = folders.find((folder) => existsSync(`${folder}/.s.PGSQL.5432`))
  return found ?? 'localhost'
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
  ...fromUrl(url),
})

/** Parameters that are for the client; all others are sent to the server as run-time parameters. */
const clientParameters = new Set([
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'database',
  'passfile',
  'servicefile',
  'service',
  'sslmode',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'sslinline',
  'sslpassword',
  'sslsni',
  'connect_timeout',
  'binary_parameters',
  'disable_prepared_binary_result',
  'fallback_application_name',
  'application_name',
  'client_encoding',
  'options',
  'target_session_attrs',
  'statement_cache_capacity',
  'statement_cache_mode',
  'description_cache_capacity',
  'default_query_exec_mode',
  'prefer_simple_protocol',
  'min_read_buffer_size',
  'krbspn',
  'krbsrvname',
])

const escapeOption = (text: string): string => text.replace(/[\\\s]/g, '\\$&')

/** Run-time parameters as start-up options. */
export const startupOptions = (parameters: Parameters): string =>
  [
    ...(parameters['options'] === undefined ? [] : [parameters['options']]),
    ...Object.entries(parameters)
      .filter(([name]) => !clientParameters.has(name))
      .map(([name, value]) => `-c ${escapeOption(name)}=${escapeOption(value)}`),
  ].join(' ')
