import { isMigrateError, type MigrateError } from '@mig/core'
import { describe, expect, test } from 'vitest'
import type { SqliteClient } from '../../src/index.ts'
import { readOptions, withSettings } from '../../src/connect/options.ts'

const thrownBy = (action: () => unknown): MigrateError => {
  try {
    action()
  } catch (error) {
    if (isMigrateError(error)) return error
    throw error
  }
  return expect.fail('nothing was thrown')
}

describe('where a URL or path points to', () => {
  test.each([
    ['sqlite:///abs/x.db', '/abs/x.db'],
    ['sqlite3:///abs/x.db', '/abs/x.db'],
    ['sqlite://rel/x.db', 'rel/x.db'],
    ['sqlite://x.db', 'x.db'],
    ['sqlite://./x.db', './x.db'],
    ['sqlite://../x.db?x-no-tx-wrap=true', '../x.db'],
    ['sqlite:x.db', 'x.db'],
    ['sqlite:///tmp/my%20file.db', '/tmp/my%20file.db'],
    ['sqlite:///tmp/my file.db', '/tmp/my file.db'],
    ['sqlite:///tmp/a#b.db', '/tmp/a#b.db'],
    ['sqlite:///tmp/données.db', '/tmp/données.db'],
    ['sqlite://:memory:', ':memory:'],
    ['sqlite::memory:', ':memory:'],
    ['sqlite3://:memory:', ':memory:'],
    [':memory:', ':memory:'],
    ['sqlite://file:/abs/x.db?mode=rw', '/abs/x.db'],
    ['sqlite3://file:rel.db', 'rel.db'],
    ['file:/abs/my%20file.db', '/abs/my file.db'],
    ['file:///abs/x.db', '/abs/x.db'],
    ['file://localhost/abs/x.db', '/abs/x.db'],
    ['file:rel.db?cache=shared#part', 'rel.db'],
    ['file::memory:?cache=shared', ':memory:'],
    ['file:anything?mode=memory&cache=shared', ':memory:'],
    ['/abs/x.db', '/abs/x.db'],
    ['rel/x.db', 'rel/x.db'],
    ['what?.db', 'what?.db'],
    ['C:\\data\\x.db', 'C:\\data\\x.db'],
  ])('%s', (url, path) => {
    expect(readOptions(url)).toMatchObject({ path, migrationsTable: 'schema_migrations' })
  })
})

describe('what parameters say', () => {
  const defaults = [
    { name: 'foreign_keys', value: '0' },
    { name: 'busy_timeout', value: '5000' },
  ]

  test.each([
    ['x-migrations-table=moves', { migrationsTable: 'moves' }],
    ['x-migrations-table="my moves"', { migrationsTable: 'my moves' }],
    ['x-migrations-table=`my``moves`', { migrationsTable: 'my`moves' }],
    ['x-migrations-table=[my moves]', { migrationsTable: 'my moves' }],
    ['x-migrations-table=', { migrationsTable: 'schema_migrations' }],
    ['x-no-tx-wrap=T', { pragmas: defaults }],
    ['x-anything=goes', { pragmas: defaults }],
    ['cache=shared&_txlock=immediate', { pragmas: defaults }],
    ['mode=ro', { readonly: true, create: false }],
    ['mode=rw', { readonly: false, create: false }],
    ['mode=rwc', { readonly: false, create: true }],
  ])('%s', (query, expected) => {
    expect(readOptions(`sqlite://x.db?${query}`)).toMatchObject(expected)
  })

  test.each([
    ['_foreign_keys=1', 'foreign_keys', '1'],
    ['_fk=true', 'foreign_keys', 'true'],
    ['_busy_timeout=100', 'busy_timeout', '100'],
    ['_timeout=100', 'busy_timeout', '100'],
    ['_journal_mode=WAL', 'journal_mode', 'WAL'],
    ['_journal=wal', 'journal_mode', 'wal'],
    ['_synchronous=NORMAL', 'synchronous', 'NORMAL'],
    ['_sync=3', 'synchronous', '3'],
    ['_cache_size=-2000', 'cache_size', '-2000'],
    ['_pragma=foreign_keys(1)', 'foreign_keys', '1'],
    ['_pragma=journal_mode=WAL', 'journal_mode', 'WAL'],
    ["_pragma=journal_mode('wal')", 'journal_mode', 'wal'],
  ])('%s', (query, name, value) => {
    expect(readOptions(`sqlite://x.db?${query}`).pragmas).toEqual([...defaults, { name, value }])
  })
})

describe('what is refused', () => {
  test.each([
    ['postgres://me:secret@host/db', 'database', '"postgres" is not a scheme of the SQLite driver'],
    ['', 'database', 'The URL names no file'],
    ['sqlite://', 'database', 'The URL names no file'],
    ['sqlite://?mode=ro', 'database', 'The URL names no file'],
    ['sqlite://x.db ', 'database', 'The file name has a blank at an end, or a NUL in it'],
    ['file://host/x.db', 'database', 'A "file:" URI names no host but localhost, not "host"'],
    ['file:%ff.db', 'database', '"%ff.db" is not percent-encoded UTF-8'],
    ['sqlite://x.db?mode=wo', 'mode', '"wo" is not a mode'],
    [
      'sqlite://x.db?x-no-tx-wrap=yeppers',
      'x-no-tx-wrap',
      '"yeppers" is not a value for x-no-tx-wrap',
    ],
    [
      'sqlite://x.db?x-migrations-table=sqlite_x',
      'migrationsTable',
      'SQLite keeps names like "sqlite_x" to itself',
    ],
    ['sqlite://x.db?_journal_mode=OFF', '_journal_mode', '"OFF" is not a value for journal_mode'],
    ['sqlite://x.db?_busy_timeout=5s', '_busy_timeout', '"5s" is not a value for busy_timeout'],
    ['sqlite://x.db?_fk=maybe', '_fk', '"maybe" is not a value for foreign_keys'],
    ['sqlite://x.db?_pragma=user_version(3)', '_pragma', '"_pragma=user_version(3)" cannot be set'],
    ['sqlite://x.db?_pragma=fk', '_pragma', '"_pragma=fk" cannot be set'],
    [
      'sqlite://x.db?constructor=1',
      'constructor',
      'The SQLite driver does not know the URL parameter "constructor"',
    ],
    ['sqlite://x.db?_pragma=constructor(1)', '_pragma', '"_pragma=constructor(1)" cannot be set'],
    [
      'sqlite://${APP}.db',
      'database',
      'The database URL holds a variable such as "${NAME}", and variables are not expanded there',
    ],
    ['sqlite://x.db?immutable=1', 'immutable', 'mig cannot do what "immutable" asks for'],
  ])('%s', (url, option, message) => {
    expect(thrownBy(() => readOptions(url))).toMatchObject({
      code: 'INVALID_OPTION',
      message,
      details: { option },
    })
  })

  test('a password of another database is not repeated', () => {
    const error = thrownBy(() => readOptions('mysql://me:secret@host/db'))
    expect(JSON.stringify(error) + error.message + String(error.hint)).not.toContain('secret')
  })

  test('both a database and a client, or neither', () => {
    const client = { name: 'x.db' } as SqliteClient
    expect(thrownBy(() => readOptions({ database: 'x.db', client })).code).toBe('INVALID_OPTION')
    expect(thrownBy(() => readOptions({})).code).toBe('INVALID_OPTION')
    expect(readOptions({ client })).toMatchObject({ path: 'x.db', pragmas: [] })
  })

  test('a busy timeout that is not a number of milliseconds', () => {
    const error = thrownBy(() => readOptions({ database: 'x.db', busyTimeoutMs: 0.5 }))
    expect(error).toMatchObject({ code: 'INVALID_OPTION', details: { option: 'busyTimeoutMs' } })
  })
})

test('options win over the URL', () => {
  const options = { database: 'sqlite://x.db?x-migrations-table=a&_fk=0', migrationsTable: 'b' }
  const read = readOptions({ ...options, foreignKeys: true, busyTimeoutMs: 7, readonly: true })
  expect(read).toMatchObject({ migrationsTable: 'b', readonly: true })
  expect(read.pragmas.slice(-2)).toEqual([
    { name: 'foreign_keys', value: '1' },
    { name: 'busy_timeout', value: '7' },
  ])
})

test('settings of a migrator win over options', () => {
  const read = readOptions({ database: 'x.db', migrationsTable: 'a' })
  expect(withSettings(read, { ledger: true }).migrationsTable).toBe('a')
  expect(withSettings(read, { ledger: true, migrationsTable: 'b' }).migrationsTable).toBe('b')
})

test('there is no lock table and no lock inside of a transaction', () => {
  const read = readOptions('x.db')
  expect(withSettings(read, { ledger: true, lock: 'none' })).toEqual(read)
  const error = thrownBy(() => withSettings(read, { ledger: true, lock: 'table' }))
  expect(error).toMatchObject({ code: 'INVALID_OPTION', details: { option: 'lock' } })
})
