import { describe, expect, test } from 'vitest'
import { isMigrateError, type MigrateError } from '@mig/core'
import { parseTable, resolvePostgresOptions } from '../../src/connect/options.ts'
import { findPassword } from '../../src/connect/passfile.ts'
import { parsePostgresUrl } from '../../src/connect/url.ts'

const withoutParameters = (url: string): object => {
  const { parameters, ...rest } = parsePostgresUrl(url)
  return parameters.size === 0 ? rest : { ...rest, parameters: Object.fromEntries(parameters) }
}

describe('URL', () => {
  test.each<[string, object]>([
    ['postgres://', {}],
    ['postgresql://localhost', { host: 'localhost' }],
    ['postgres://u@h/d', { user: 'u', host: 'h', database: 'd' }],
    [
      'pgx5://u:p@h:5433/d?a=b',
      { user: 'u', password: 'p', host: 'h', port: '5433', database: 'd', parameters: { a: 'b' } },
    ],
    ['postgres://u:@h/d', { user: 'u', password: '', host: 'h', database: 'd' }],
    ['postgres://u:p%40s%2Fs@h/d', { user: 'u', password: 'p@s/s', host: 'h', database: 'd' }],
    ['postgres://u:p@ss@h/d', { user: 'u', password: 'p@ss', host: 'h', database: 'd' }],
    ['postgres://u:p:s@h/d', { user: 'u', password: 'p:s', host: 'h', database: 'd' }],
    ['postgres://u:pa/ss@h/d', { user: 'u', password: 'pa/ss', host: 'h', database: 'd' }],
    [
      'postgres://u:pa?ss#1@h:5/d',
      { user: 'u', password: 'pa?ss#1', host: 'h', port: '5', database: 'd' },
    ],
    ['postgres://u:100%@h/d', { user: 'u', password: '100%', host: 'h', database: 'd' }],
    ['postgres://u:%zz@h/d', { user: 'u', password: '%zz', host: 'h', database: 'd' }],
    ['postgres://u:%ff@h/d', { user: 'u', password: '%ff', host: 'h', database: 'd' }],
    ['postgres://u:p+q r@h/d', { user: 'u', password: 'p+q r', host: 'h', database: 'd' }],
    ['postgres://[::1]:5433/d', { host: '::1', port: '5433', database: 'd' }],
    ['postgres://%2Fvar%2Frun/d', { host: '/var/run', database: 'd' }],
    ['postgres:///d?host=/tmp&port=5', { database: 'd', parameters: { host: '/tmp', port: '5' } }],
    ['postgres://h/a%2Fb', { host: 'h', database: 'a/b' }],
    [
      'postgres://h/d?options=-c+a%3Db&x=1&x=2&flag',
      { host: 'h', database: 'd', parameters: { options: '-c a=b', x: '2', flag: '' } },
    ],
  ])('%s', (url, expected) => {
    expect(withoutParameters(url)).toEqual(expected)
  })

  test.each([
    ['no scheme', 'localhost/secret'],
    ['several hosts', 'postgres://u:secret@a,b/d'],
    ['a password that ends nobody knows where', 'postgres://u:s@a/secret@h/d'],
    ['no host and no end of the password', 'postgres://u:secret/x y'],
    ['a port that is none', 'postgres://u:secret@h:port/d'],
  ])('%s is refused, and nothing of the URL is shown', (_, url) => {
    const refusal = (): MigrateError => {
      try {
        parsePostgresUrl(url)
      } catch (error) {
        if (isMigrateError(error)) return error
      }
      return expect.unreachable('it must throw a MigrateError')
    }
    const { code, message, hint } = refusal()
    expect(code).toBe('INVALID_OPTION')
    expect(hint).toBeDefined()
    expect(`${message} ${hint}`).not.toContain('secret')
  })
})

describe('options', () => {
  test('defaults', () => {
    const settings = resolvePostgresOptions({ url: 'postgres://u@h/d' })
    expect(settings).toMatchObject({
      host: 'h',
      port: 5432,
      user: 'u',
      database: 'd',
      databaseInUrl: 'd',
      sslMode: 'prefer',
      migrationsTable: { name: 'schema_migrations' },
      statementTimeoutMs: 0,
      multiStatement: false,
      lockTable: 'schema_lock',
      connectTimeoutMs: 30_000,
    })
    expect(settings.lock).toBeUndefined()
    expect(settings.password).toBeUndefined()
  })

  test('parameters of golang-migrate, of the connection, and of the session', () => {
    const settings = resolvePostgresOptions({
      url:
        'postgres://u@h/d?x-migrations-table=v&x-statement-timeout=500&x-multi-statement=1' +
        '&x-lock-strategy=table&x-lock-table=l&x-unknown=1&sslmode=verify-full&sslrootcert=ca.pem' +
        '&connect_timeout=3&search_path=a,b&application_name=me&options=-c%20x.y%3D1&lock_timeout=5s',
    })
    expect(settings).toMatchObject({
      migrationsTable: { name: 'v' },
      statementTimeoutMs: 500,
      multiStatement: true,
      lock: 'table',
      lockTable: 'l',
      sslMode: 'verify-full',
      sslRootCert: 'ca.pem',
      connectTimeoutMs: 3000,
      applicationName: 'me',
      sessionOptions: '-c x.y=1',
    })
    expect(Object.fromEntries(settings.parameters)).toEqual({
      search_path: 'a,b',
      lock_timeout: '5s',
    })
  })

  test('the environment fills what the URL leaves out', async () => {
    const environment = {
      PGHOST: 'eh',
      PGPORT: '1111',
      PGUSER: 'eu',
      PGPASSWORD: 'ep',
      PGDATABASE: 'ed',
      PGSSLMODE: 'require',
      PGAPPNAME: 'ea',
      PGOPTIONS: '-c a=b',
      PGCONNECT_TIMEOUT: '7',
    }
    const empty = resolvePostgresOptions({ url: 'postgres://' }, environment)
    expect(empty).toMatchObject({
      host: 'eh',
      port: 1111,
      user: 'eu',
      database: 'ed',
      sslMode: 'require',
      applicationName: 'ea',
      sessionOptions: '-c a=b',
      connectTimeoutMs: 7000,
    })
    expect(empty.databaseInUrl).toBeUndefined()
    expect(await empty.password?.()).toBe('ep')
    const full = resolvePostgresOptions(
      { url: 'postgres://u:p@h:2/d?sslmode=disable' },
      environment,
    )
    expect(full).toMatchObject({ host: 'h', port: 2, user: 'u', database: 'd', sslMode: 'disable' })
    expect(await full.password?.()).toBe('p')
  })

  test.each([
    ['sslmode=secure', 'sslmode'],
    ['x-statement-timeout=5s', 'x-statement-timeout'],
    ['x-multi-statement=yes', 'x-multi-statement'],
    ['x-multi-statement-max-size=big', 'x-multi-statement-max-size'],
    ['x-migrations-table-quoted=2', 'x-migrations-table-quoted'],
    ['x-migrations-table-quoted=true&x-migrations-table=a.b', 'x-migrations-table'],
    ['x-lock-strategy=hope', 'x-lock-strategy'],
    ['port=99999', 'port'],
    ['host=a,b', 'host'],
    ['connect_timeout=soon', 'connect_timeout'],
  ])('?%s is refused by its name', (query, option) => {
    expect(() => resolvePostgresOptions({ url: `postgres://h/d?${query}` })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', details: { option } }),
    )
  })

  test.each<[string, boolean, { schema?: string; name: string }]>([
    ['a', false, { name: 'a' }],
    ['a.b', false, { name: 'a.b' }],
    ['"a"', true, { name: 'a' }],
    ['"a"."b"', true, { schema: 'a', name: 'b' }],
    ['"a.b"', true, { name: 'a.b' }],
    ['"a""b"', true, { name: 'a"b' }],
  ])('the table %s, quoted %s', (value, quoted, expected) => {
    expect(parseTable(value, quoted)).toEqual(expected)
  })

  test.each([
    ['a', true],
    ['"', true],
    ['"a"."b"."c"', true],
    ['"a" "b"', true],
    ['', false],
  ])('the table %s, quoted %s, is refused', (value, quoted) => {
    expect(() => parseTable(value, quoted)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('password file', () => {
  const owner = { host: 'h', port: 5432, database: 'd', user: 'u' }
  test.each([
    ['h:5432:d:u:secret', 'secret'],
    ['*:*:*:*:secret', 'secret'],
    ['other:*:*:*:no\n# h:*:*:*:no\nh:*:d:u:yes\nh:*:*:*:later', 'yes'],
    ['h:*:*:*:a\\:b\\\\c', 'a:b\\c'],
    ['h:1:*:*:no', undefined],
    ['', undefined],
  ])('%j', (file, expected) => {
    expect(findPassword(file, owner)).toBe(expected)
  })

  test('knows a Unix socket as localhost', () => {
    expect(findPassword('localhost:*:*:*:x', { ...owner, host: '/run' })).toBe('x')
  })
})
