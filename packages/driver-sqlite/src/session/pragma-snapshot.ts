import type { SqliteClient } from '../connect/client.ts'

/** What a script can change on its connection, as it was before. */
export interface Session {
  readonly pragmas: ReadonlyMap<string, string>
  readonly likeIsCaseSensitive: boolean
  readonly temporary: ReadonlySet<string>
  readonly attached: ReadonlySet<string>
}

/**
 * PRAGMAs that belong to the connection. Not `journal_mode`, `user_version` and the like: they belong to the file, and
 * a migration that sets them means it.
 */
const sessionPragmas = [
  // Comes first: under it nothing else can be put back.
  'query_only',
  'foreign_keys',
  'defer_foreign_keys',
  'ignore_check_constraints',
  'legacy_alter_table',
  'recursive_triggers',
  'reverse_unordered_selects',
  'read_uncommitted',
  'automatic_index',
  'cell_size_check',
  'trusted_schema',
  'writable_schema',
  'fullfsync',
  'checkpoint_fullfsync',
  'synchronous',
  'locking_mode',
  'busy_timeout',
  'cache_size',
  'cache_spill',
  'mmap_size',
  'secure_delete',
  'temp_store',
  'wal_autocheckpoint',
  'journal_size_limit',
  'analysis_limit',
  'threads',
] as const

/** Whether a PRAGMA changes nothing but the connection. */
export const isSessionPragma = (name: string): boolean =>
  name === 'case_sensitive_like' || sessionPragmas.some((known) => known === name)

/** The value of a PRAGMA, as it would be written to set it. */
export const readPragma = (client: SqliteClient, name: string): string => {
  // A row as an array: for one as an object better-sqlite3 compiles a function first.
  const row = client.prepare(`PRAGMA ${name}`).raw(true).get()
  const value: unknown = Array.isArray(row) ? row[0] : undefined
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : ''
}

/** Runs an action under another busy timeout. */
export const withBusyTimeout = <T>(client: SqliteClient, ms: number, action: () => T): T => {
  const before = readPragma(client, 'busy_timeout')
  client.exec(`PRAGMA busy_timeout=${ms}`)
  try {
    return action()
  } finally {
    client.exec(`PRAGMA busy_timeout=${before}`)
  }
}

/** Quotes a name. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

const textColumn = (client: SqliteClient, sql: string): string[] =>
  client
    .prepare(sql)
    .raw(true)
    .all()
    .map((row) => String(Array.isArray(row) ? row[0] : undefined))

const readTemporary = (client: SqliteClient): string[] =>
  textColumn(
    client,
    `SELECT type || ' ' || name FROM temp.sqlite_master
     WHERE type IN ('trigger', 'view', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
     ORDER BY type DESC`,
  )

const readAttached = (client: SqliteClient): string[] =>
  textColumn(client, 'SELECT name FROM pragma_database_list')

const readLike = (client: SqliteClient): boolean =>
  textColumn(client, `SELECT 'a' LIKE 'A'`)[0] === '0'

/** Reads what {@link restoreSession} can put back. */
export const readSession = (client: SqliteClient): Session => ({
  pragmas: new Map(sessionPragmas.map((name) => [name, readPragma(client, name)])),
  likeIsCaseSensitive: readLike(client),
  temporary: new Set(readTemporary(client)),
  attached: new Set(readAttached(client)),
})

/** Sets back what differs: PRAGMAs, temporary objects, attached databases. No transaction may be open. */
export const restoreSession = (client: SqliteClient, session: Session): void => {
  for (const [name, before] of session.pragmas) {
    if (readPragma(client, name) === before) continue
    client.exec(`PRAGMA ${name}=${before}`)
    // An exclusive lock is released by the next access, not by the PRAGMA.
    if (name === 'locking_mode') client.exec('SELECT 1 FROM main.sqlite_schema LIMIT 1')
  }
  if (readLike(client) !== session.likeIsCaseSensitive) {
    client.exec(`PRAGMA case_sensitive_like=${session.likeIsCaseSensitive ? 1 : 0}`)
  }
  for (const object of readTemporary(client)) {
    if (session.temporary.has(object)) continue
    const [type = '', ...name] = object.split(' ')
    client.exec(`DROP ${type} IF EXISTS temp.${quoteName(name.join(' '))}`)
  }
  for (const name of readAttached(client)) {
    if (!session.attached.has(name) && name !== 'temp') client.exec(`DETACH ${quoteName(name)}`)
  }
}
