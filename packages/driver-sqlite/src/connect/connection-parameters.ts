import {
  connectionParameters,
  type ConnectionParameters,
  parameterRows as rows,
} from '@mig/core/driver'

const noUsers = 'SQLite has no users any more: the rights on the file are what counts.'
const noCipher = 'better-sqlite3 cannot open encrypted databases.'
const noServer = 'The SQLite driver opens files; a server of libSQL needs a driver of its own.'
const oneConnection = 'mig opens one connection.'
const forGo = 'It speaks to a client of Go.'

/** Every parameter that the driver knows. */
export const sqliteParameters: ConnectionParameters = connectionParameters([
  ...rows('golang-migrate', 'used', [
    ['x-migrations-table', 'The version table. Default is `schema_migrations`.'],
    ['x-trust-version-table', '`true` accepts a version table with triggers.'],
    ['x-no-tx-wrap', 'Accepted, and not needed: a file with its own transaction is recognised.'],
  ]),
  ...rows('SQLite', 'used', [['mode', '`ro`, `rw`, `rwc` (default), `memory`.']]),
  ...rows('SQLite', 'ignored', [
    ['cache', oneConnection],
    ['psow', 'The system says what its disk can do.'],
  ]),
  ...rows('SQLite', 'refused', [
    ['vfs', 'Leave it out: better-sqlite3 has the one of the system.'],
    ['immutable', 'Write mode=ro.'],
    ['nolock', 'Leave it out: without locks two runs would destroy the database.'],
    ['modeof', 'Set the rights of the file with chmod.'],
  ]),
  ...rows('go-sqlite3, modernc', 'used', [
    ['_pragma', 'A PRAGMA as `name(value)`.'],
    ['_foreign_keys _fk', 'Whether foreign keys are checked. Default is `0`.'],
    ['_busy_timeout _timeout', 'Milliseconds to wait for a lock. Default is `5000`.'],
    ['_journal_mode _journal', 'Set by the first run that writes. `OFF` is refused.'],
    ['_auto_vacuum _vacuum', 'Set by the first run that writes.'],
    ['_synchronous _sync', 'The PRAGMA.'],
    ['_locking_mode _locking', 'The PRAGMA.'],
    ['_cache_size', 'The PRAGMA.'],
    ['_mmap_size', 'The PRAGMA.'],
    ['_temp_store', 'The PRAGMA.'],
    ['_secure_delete', 'The PRAGMA.'],
    ['_query_only', 'The PRAGMA.'],
    ['_recursive_triggers _rt', 'The PRAGMA.'],
    ['_case_sensitive_like _cslike', 'The PRAGMA.'],
    ['_defer_foreign_keys _defer_fk', 'The PRAGMA.'],
    ['_ignore_check_constraints', 'The PRAGMA.'],
    ['_legacy_alter_table', 'The PRAGMA.'],
  ]),
  ...rows('go-sqlite3, modernc', 'ignored', [
    ['_txlock', 'mig begins its transactions as it needs them.'],
    ['_loc', forGo],
    ['_mutex', forGo],
    ['_time_format', forGo],
    ['_inttotime', forGo],
    ['_texttotime', forGo],
    ['_stmt_cache_size', forGo],
  ]),
  ...rows('go-sqlite3, modernc', 'refused', [
    ['_auth', noUsers],
    ['_auth_user', noUsers],
    ['_auth_pass', noUsers],
    ['_auth_crypt', noUsers],
    ['_auth_salt', noUsers],
    ['_writable_schema', 'Write PRAGMA writable_schema into the migration that needs it.'],
  ]),
  ...rows('SQLCipher', 'refused', [
    ['_pragma_key', noCipher],
    ['_pragma_cipher_page_size', noCipher],
    ['_key', noCipher],
    ['cipher', noCipher],
    ['key', noCipher],
    ['hexkey', noCipher],
  ]),
  ...rows('libSQL, Turso', 'refused', [
    ['authToken', noServer],
    ['tls', noServer],
  ]),
  ...rows('Prisma', 'ignored', [
    ['connection_limit', oneConnection],
    ['pool_timeout', oneConnection],
    ['socket_timeout', '_busy_timeout says how long a lock is waited for.'],
  ]),
  ...rows('better-sqlite3', 'refused', [
    ['readonly', 'Write mode=ro.'],
    ['fileMustExist', 'Write mode=rw.'],
    ['nativeBinding', 'Hand in a client of better-sqlite3 that has it.'],
  ]),
  ...rows('Rails, Django, SQLAlchemy', 'ignored', [
    ['pool pool_size', oneConnection],
    ['check_same_thread', oneConnection],
    ['uri', 'A "file:" URI is taken as one anyway.'],
  ]),
  ...rows('Rails, Django, SQLAlchemy', 'refused', [
    ['timeout', 'Write _busy_timeout=MILLISECONDS.'],
    ['isolation_level', 'Leave it out: mig begins its transactions as it needs them.'],
  ]),
])
