import { type DriverSettings, ownStatementLimitMs, unknownParameterNote } from '@mig/core/driver'
import { sqliteParameters } from './connection-parameters.ts'
import type { SqliteClient } from './client.ts'
import { invalidOption } from '../steps/errors.ts'
import { pragmaOfParameter, type PragmaSetting } from './pragmas.ts'
import { parseLocation } from './url.ts'

/** How to reach a SQLite database. Give either `database` or `client`. */
export interface SqliteDriverOptions {
  /** A path, `:memory:`, or a URL: `sqlite://…`, `sqlite3://…`, `file:…`. */
  readonly database?: string
  /**
   * A better-sqlite3 `Database` that the program has open, with its SQL functions and settings. It is not closed and
   * keeps its settings. Nothing else may use it while a run is under way.
   */
  readonly client?: SqliteClient
  /** Name of the version table. Default is `schema_migrations`. */
  readonly migrationsTable?: string
  /** Use the version table although it has triggers. Default is `false`. */
  readonly trustVersionTable?: boolean
  /** Whether foreign keys are checked while migrations run. Default is `false`, or what the client has. */
  readonly foreignKeys?: boolean
  /** How long a statement of a migration waits for a lock. Default is `5000`, or what the client has. */
  readonly busyTimeoutMs?: number
  /** Open the file for reading only. Default is `false`. */
  readonly readonly?: boolean
}

/** Options that were checked. */
export interface SqliteConfiguration {
  /** Path of the file, or `:memory:`; what the client says where one was handed in. */
  readonly path: string
  readonly client: SqliteClient | undefined
  readonly migrationsTable: string
  /** How long writes of mig's own wait for another connection. */
  readonly patienceMs: number
  /** It may have triggers. */
  readonly trustVersionTable: boolean
  readonly readonly: boolean
  /** Whether the file is made where it is missing. */
  readonly create: boolean
  /** golang-migrate wraps scripts in a transaction, unless x-no-tx-wrap says otherwise. mig decides by itself. */
  readonly wrapsScripts: boolean
  /** Set on connections that the driver opens, in this order. */
  readonly pragmas: readonly PragmaSetting[]
  /** What a person should know of parameters without effect. */
  readonly notes: readonly string[]
}

const defaultTable = 'schema_migrations'

/** As golang-migrate's driver opens a database: without foreign keys, so that a table can be rebuilt. */
const defaultPragmas: readonly PragmaSetting[] = [
  { name: 'foreign_keys', value: '0' },
  { name: 'busy_timeout', value: '5000' },
]

/** Checks options, a URL or a path. Opens nothing. Throws `INVALID_OPTION`. */
export const readOptions = (input: string | SqliteDriverOptions): SqliteConfiguration => {
  const options = typeof input === 'string' ? { database: input } : input
  const { client, database } = options
  if ((client === undefined) === (database === undefined)) {
    throw invalidOption('database', 'Give the SQLite driver either a database or a client')
  }
  const fromOptions = optionPragmas(options)
  if (client !== undefined) {
    return {
      path: client.name,
      client,
      migrationsTable: tableName(options.migrationsTable ?? ''),
      patienceMs: ownStatementLimitMs({}),
      trustVersionTable: options.trustVersionTable ?? false,
      readonly: options.readonly ?? false,
      create: false,
      wrapsScripts: true,
      pragmas: fromOptions,
      notes: [],
    }
  }
  const { path, parameters } = parseLocation(database ?? '')
  const read = readParameters(parameters)
  return {
    path,
    client: undefined,
    migrationsTable: tableName(options.migrationsTable ?? read.migrationsTable ?? ''),
    patienceMs: ownStatementLimitMs({}),
    trustVersionTable: options.trustVersionTable ?? read.trustVersionTable ?? false,
    readonly: options.readonly ?? read.mode === 'ro',
    create: read.mode !== 'rw' && read.mode !== 'ro',
    wrapsScripts: !read.noTxWrap,
    pragmas: [...defaultPragmas, ...read.pragmas, ...fromOptions],
    notes: [...read.notes],
  }
}

/** The same configuration as the settings of one migrator change it. Throws `INVALID_OPTION`. */
export const withSettings = (
  configuration: SqliteConfiguration,
  settings: DriverSettings,
): SqliteConfiguration => {
  const { migrationsTable, lock, trustVersionTable } = settings
  if (lock !== undefined && lock !== 'advisory' && lock !== 'none') {
    throw invalidOption(
      'lock',
      `The SQLite driver has no lock strategy "${lock}"`,
      'Use "advisory" or "none": SQLite itself lets one process write at a time.',
    )
  }
  return {
    ...configuration,
    patienceMs: ownStatementLimitMs(settings),
    ...(migrationsTable === undefined ? {} : { migrationsTable: tableName(migrationsTable) }),
    ...(trustVersionTable === undefined ? {} : { trustVersionTable }),
  }
}

const optionPragmas = ({ foreignKeys, busyTimeoutMs }: SqliteDriverOptions): PragmaSetting[] => {
  const pragmas: PragmaSetting[] = []
  if (foreignKeys !== undefined) {
    pragmas.push({ name: 'foreign_keys', value: foreignKeys ? '1' : '0' })
  }
  if (busyTimeoutMs !== undefined) {
    if (!Number.isSafeInteger(busyTimeoutMs) || busyTimeoutMs < 0) {
      throw invalidOption('busyTimeoutMs', `"${busyTimeoutMs}" is not a number of milliseconds`)
    }
    pragmas.push({ name: 'busy_timeout', value: String(busyTimeoutMs) })
  }
  return pragmas
}

interface Parameters {
  migrationsTable?: string
  trustVersionTable?: boolean
  mode?: string
  noTxWrap: boolean
  readonly pragmas: PragmaSetting[]
  readonly notes: Set<string>
}

const readParameters = (parameters: readonly (readonly [string, string])[]): Parameters => {
  const read: Parameters = { pragmas: [], notes: new Set(), noTxWrap: false }
  for (const [key, value] of parameters) {
    const parameter = sqliteParameters.find(key)
    if (parameter === undefined) {
      if (!key.startsWith('x-')) throw unknown(key)
      read.notes.add(unknownParameterNote(key))
      continue
    }
    const note = sqliteParameters.check(key, parameter)
    if (note !== undefined) read.notes.add(note)
    if (parameter.fate === 'used') takeParameter(read, parameter.names[0] ?? key, key, value)
  }
  return read
}

const unknown = (key: string): Error =>
  invalidOption(
    key,
    `The SQLite driver does not know the URL parameter "${key}"`,
    'It takes x-migrations-table, x-trust-version-table, x-no-tx-wrap, mode, and PRAGMAs such as _foreign_keys and _busy_timeout.',
  )

const takeParameter = (read: Parameters, name: string, key: string, value: string): void => {
  switch (name) {
    case 'x-trust-version-table':
      read.trustVersionTable = requireBoolean(key, value)
      break
    case 'x-migrations-table':
      read.migrationsTable = value
      break
    case 'x-no-tx-wrap':
      read.noTxWrap = requireBoolean(key, value)
      break
    case 'mode':
      read.mode = requireMode(value)
      break
    default:
      read.pragmas.push(pragmaOfParameter(name, key, value))
  }
}

const requireMode = (value: string): string => {
  if (['ro', 'rw', 'rwc', 'memory'].includes(value)) return value
  throw invalidOption('mode', `"${value}" is not a mode`, 'Use ro, rw, rwc or memory.')
}

/** The spellings that Go takes for a boolean. */
const requireBoolean = (option: string, value: string): boolean => {
  if (/^(?:1|[tT]|true|TRUE|True)$/.test(value)) return true
  if (/^(?:0|[fF]|false|FALSE|False)$/.test(value)) return false
  throw invalidOption(option, `"${value}" is not a value for ${option}`, 'Use true or false.')
}

/** A name in the quotes that golang-migrate needs for some names is the name without them. */
const tableName = (text: string): string => {
  const name = /^(["`]).*\1$/s.test(text)
    ? text.slice(1, -1).replaceAll(text.slice(0, 1).repeat(2), text.slice(0, 1))
    : /^\[.*\]$/s.test(text)
      ? text.slice(1, -1)
      : text
  if (name === '') return defaultTable
  if (/^sqlite_/i.test(name)) {
    throw invalidOption('migrationsTable', `SQLite keeps names like "${name}" to itself`)
  }
  if (name.includes('\0')) throw invalidOption('migrationsTable', 'The table name has a NUL in it')
  return name
}
