import {
  filterCustomQuery,
  formatGoUrl,
  goParseBool,
  goParseQuery,
  goQueryValues,
  goQuote,
  parseGoUrl,
  toError,
} from '@mig/golang-migrate'

/** Which of golang-migrate's two SQLite clients a URL names. They differ in parameters and in error texts. */
export type SqliteClient = 'modernc' | 'mattn'

/** What a URL says. */
export interface SqliteDropInOptions {
  readonly client: SqliteClient
  /** What SQLite opens: a path, or a URI that starts with `file:`. */
  readonly file: string
  readonly migrationsTable: string
  readonly wrap: boolean
  /** Run in order after the file is open. */
  readonly pragmas: readonly string[]
  /** The kind of transaction, as it follows BEGIN. */
  readonly begin: string
  readonly busyTimeoutMs: number
}

/** Reads a `sqlite://` or `sqlite3://` URL as golang-migrate does. */
export const readSqliteDropInUrl = (url: string): SqliteDropInOptions => {
  const parsed = parseGoUrl(url)
  const client = parsed.scheme === 'sqlite3' ? 'mattn' : 'modernc'
  const name = formatGoUrl({ ...parsed, rawQuery: filterCustomQuery(parsed.rawQuery) })
  const values = goQueryValues(parsed.rawQuery)
  const [table = ''] = values.get('x-migrations-table') ?? []
  const [noWrap = ''] = values.get('x-no-tx-wrap') ?? []
  return {
    client,
    migrationsTable: table === '' ? 'schema_migrations' : table,
    wrap: noWrap === '' || !readNoWrap(noWrap),
    ...readName(name.replace(`${parsed.scheme}://`, ''), client),
  }
}

const readNoWrap = (text: string): boolean => {
  try {
    return goParseBool(text)
  } catch (error) {
    throw new Error(`x-no-tx-wrap: ${toError(error).message}`, { cause: error })
  }
}

type ClientOptions = Pick<SqliteDropInOptions, 'file' | 'pragmas' | 'begin' | 'busyTimeoutMs'>

const readName = (name: string, client: SqliteClient): ClientOptions => {
  const question = name.indexOf('?')
  if (question < 1) {
    return { file: name, pragmas: [], begin: 'begin', busyTimeoutMs: client === 'mattn' ? 5000 : 0 }
  }
  const file = name.startsWith('file:') ? name : name.slice(0, question)
  const values = goParseQuery(name.slice(question + 1))
  return { file, ...(client === 'mattn' ? readMattn(values) : readModernc(values)) }
}

type Values = ReadonlyMap<string, readonly string[]>

const kinds = new Set(['deferred', 'immediate', 'exclusive'])

const readModernc = (values: Values): Omit<ClientOptions, 'file'> => {
  const [lock = ''] = values.get('_txlock') ?? []
  if (lock !== '' && !kinds.has(lock.toLowerCase())) {
    throw new Error(`unknown _txlock ${goQuote(lock)}`)
  }
  const [format = ''] = values.get('_time_format') ?? []
  if (format !== '' && format !== 'sqlite') {
    throw new Error(`unknown _time_format ${goQuote(format)}`)
  }
  return {
    pragmas: (values.get('_pragma') ?? []).map((pragma) => `pragma ${pragma}`),
    begin: lock === '' ? 'begin' : `begin ${lock}`,
    busyTimeoutMs: 0,
  }
}

const mattnPragmas: readonly (readonly [pragma: string, ...names: string[]])[] = [
  ['auto_vacuum', '_auto_vacuum', '_vacuum'],
  ['case_sensitive_like', '_case_sensitive_like', '_cslike'],
  ['defer_foreign_keys', '_defer_foreign_keys', '_defer_fk'],
  ['foreign_keys', '_foreign_keys', '_fk'],
  ['ignore_check_constraints', '_ignore_check_constraints'],
  ['journal_mode', '_journal_mode', '_journal'],
  ['locking_mode', '_locking_mode', '_locking'],
  ['query_only', '_query_only'],
  ['recursive_triggers', '_recursive_triggers', '_rt'],
  ['secure_delete', '_secure_delete'],
  ['synchronous', '_synchronous', '_sync'],
  ['writable_schema', '_writable_schema'],
  ['cache_size', '_cache_size'],
]

const readMattn = (values: Values): Omit<ClientOptions, 'file'> => {
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => values.get(name)?.[0]).find((value) => value !== undefined && value !== '')
  const pragmas = mattnPragmas.flatMap(([pragma, ...names]) => {
    const value = first(...names)
    if (value === undefined) return []
    if (/^[\w-]+$/.test(value)) return [`pragma ${pragma} = ${value}`]
    throw new Error(`Invalid ${names[0] ?? pragma}: ${value}`)
  })
  const lock = first('_txlock')
  if (lock !== undefined && !kinds.has(lock)) throw new Error(`Invalid _txlock: ${lock}`)
  const timeout = first('_busy_timeout', '_timeout') ?? '5000'
  if (!/^-?\d+$/.test(timeout)) throw new Error(`Invalid _busy_timeout: ${timeout}`)
  return {
    pragmas,
    begin: lock === undefined ? 'begin' : `begin ${lock}`,
    busyTimeoutMs: Math.max(0, Number(timeout)),
  }
}
