import { isMigrateError } from '@mig/core/driver'
import { expect, test } from 'vitest'
import { withEnvironment } from '../../src/connect/environment.ts'
import { resolveOptions, type MysqlDriverOptions } from '../../src/connect/options.ts'
import { readMysqlUrl } from '../../src/connect/url-options.ts'

const place = { host: 'h', port: 3307, database: 'd' }

test.each<[url: string, options: MysqlDriverOptions]>([
  // golang-migrate's form
  ['mysql://u:p@tcp(h:3307)/d', { user: 'u', password: 'p', ...place }],
  ['mysql://u@tcp(h)/d', { user: 'u', host: 'h', database: 'd' }],
  ['mysql://tcp(h:3307)/d', place],
  ['mysql://u:p@/d', { user: 'u', password: 'p', database: 'd' }],
  ['mysql:///d', { database: 'd' }],
  ['mysql://u:p@tcp([::1]:3307)/d', { user: 'u', password: 'p', ...place, host: '::1' }],
  ['mysql://u@unix(/run/my.sock)/d', { user: 'u', socketPath: '/run/my.sock', database: 'd' }],
  ['mysql://u%40x:p%3A%40q@tcp(h)/d', { user: 'u@x', password: 'p:@q', host: 'h', database: 'd' }],
  // there a plus is a space, as in a form
  ['mysql://u:a+b@tcp(h)/d', { user: 'u', password: 'a b', host: 'h', database: 'd' }],
  // the database is not decoded there
  ['mysql://u@tcp(h)/a%20b', { user: 'u', host: 'h', database: 'a%20b' }],
  // plain URLs
  ['mysql://u:p@h:3307/d', { user: 'u', password: 'p', ...place }],
  ['mariadb://u:p@h/d', { user: 'u', password: 'p', host: 'h', database: 'd' }],
  ['mysql://u:p@[::1]:3307/d', { user: 'u', password: 'p', ...place, host: '::1' }],
  ['mysql://u:a+b@h/a%20b', { user: 'u', password: 'a+b', host: 'h', database: 'a b' }],
  // raw passwords
  ['mysql://u:p@ss:w/rd@h:3307/d', { user: 'u', password: 'p@ss:w/rd', ...place }],
  ['mysql://u:100%@h/d', { user: 'u', password: '100%', host: 'h', database: 'd' }],
  ['mysql://u:a?b#c@tcp(h)/d', { user: 'u', password: 'a?b#c', host: 'h', database: 'd' }],
  ['mysql://u:@h/d', { user: 'u', password: '', host: 'h', database: 'd' }],
  // parameters
  [
    'mysql://u@h/d?x-migrations-table=m&x-no-lock=true&x-statement-timeout=1500',
    {
      user: 'u',
      host: 'h',
      database: 'd',
      migrationsTable: 'm',
      lock: 'none',
      statementTimeoutMs: 1500,
    },
  ],
  ['mysql://h/d?x-no-lock=0&x-whatever=1', { host: 'h', database: 'd', lock: 'advisory' }],
  ['mysql://h/d?timeout=1m30s', { host: 'h', database: 'd', connectTimeoutMs: 90_000 }],
  ['mysql://h/d?parseTime=true&multiStatements=true', { host: 'h', database: 'd' }],
  [
    'mysql://h/d?sql_mode=%27ANSI%27&foreign_key_checks=0',
    { host: 'h', database: 'd', sessionVariables: { sql_mode: "'ANSI'", foreign_key_checks: '0' } },
  ],
  ['mysql://h/d?charset=utf8mb4', { host: 'h', database: 'd', collation: 'utf8mb4_general_ci' }],
  ['mysql://h/d?tls=true', { host: 'h', database: 'd', tls: true }],
  ['mysql://h/d?tls=skip-verify', { host: 'h', database: 'd', tls: 'skip-verify' }],
  ['mysql://h/d?tls=preferred', { host: 'h', database: 'd', tls: 'preferred' }],
  ['mysql://h/d?tls=false', { host: 'h', database: 'd', tls: false }],
  ['mysql://h/d?ssl-mode=REQUIRED', { host: 'h', database: 'd', tls: 'skip-verify' }],
  ['mysql://h/d?ssl-mode=verify_ca', { host: 'h', database: 'd', tls: { verifyHost: false } }],
  [
    'mysql://h/d?tls=custom&x-tls-ca=%2Fca.pem&x-tls-insecure-skip-verify=1',
    { host: 'h', database: 'd', tls: { caFile: '/ca.pem', skipVerify: true } },
  ],
  // a path with raw slashes, which golang-migrate does not take
  [
    'mysql://u:p@tcp(h:3307)/d?tls=custom&x-tls-ca=/etc/ca.pem',
    { user: 'u', password: 'p', ...place, tls: { caFile: '/etc/ca.pem' } },
  ],
])('reads %s', (url, options) => {
  expect(readMysqlUrl(url)).toEqual(options)
})

const settings = {}

test.each([
  ['mysql://u:secret@h', /slash before the database/],
  ['mysql://u:secret@h:port/d', /not a port/],
  ['mysql://u:secret@udp(h)/d', /"udp" is not a network/],
  ['mysql://u:secret@tcp(h:99999)/d', /not a port/],
  ['postgres://u:secret@h/d', /does not begin with mysql/],
  ['mysql://u:secret@h/', /names no database/],
  ['mysql://u:secret@h/d?x-no-lock=maybe', /not a value for x-no-lock/],
  ['mysql://u:secret@h/d?x-statement-timeout=5s', /not a value for x-statement-timeout/],
  ['mysql://u:secret@h/d?timeout=5', /not a value for timeout/],
  ['mysql://u:secret@h/d?tls=mine', /needs its authority/],
  ['mysql://u:secret@h/d?tls=true&x-tls-cert=c', /both its certificate and its key/],
  ['mysql://u:secret@h/d?ssl-mode=maybe', /not a value for ssl-mode/],
  ['mysql://u:secret@h/d?collation=latin1_swedish_ci', /not a UTF-8 collation/],
  ['mysql://u:secret@h/d?a-b=1', /"a-b" is not a parameter/],
  [`mysql://u:secret@h/d?x-migrations-table=${'m'.repeat(65)}`, /not a name that MySQL takes/],
])('refuses %s', (url, message) => {
  let error: unknown
  try {
    resolveOptions(readMysqlUrl(url), settings)
  } catch (thrown) {
    error = thrown
  }
  expect(isMigrateError(error)).toBe(true)
  expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(message) })
  expect(JSON.stringify(error) + String(error)).not.toContain('secret')
})

test('refuses a lock strategy that is not there', () => {
  expect(() => resolveOptions({ database: 'd' }, { lock: 'table' })).toThrow(/"table" is not there/)
})

test('lets the settings choose table and lock', () => {
  const options = { database: 'd', migrationsTable: 'a', lock: 'none' } as const
  expect(resolveOptions(options, { migrationsTable: 'b', lock: 'advisory' })).toMatchObject({
    migrationsTable: 'b',
    lock: 'advisory',
  })
})

const environment = {
  MYSQL_HOST: 'eh',
  MYSQL_TCP_PORT: '3399',
  MYSQL_USER: 'eu',
  MYSQL_PWD: 'ep',
  MYSQL_PASSWORD: 'other',
  MYSQL_DATABASE: 'ed',
}

test.each<[url: string, env: Record<string, string>, options: MysqlDriverOptions]>([
  [
    'mysql:///',
    environment,
    { host: 'eh', port: 3399, user: 'eu', password: 'ep', database: 'ed' },
  ],
  ['mysql://u:p@h/d', environment, { host: 'h', user: 'u', password: 'p', database: 'd' }],
  ['mysql:///d', { MYSQL_UNIX_PORT: '/s' }, { socketPath: '/s', database: 'd' }],
  ['mysql://h/d', { MYSQL_UNIX_PORT: '/s' }, { host: 'h', database: 'd' }],
  ['mysql:///d', { MYSQL_UNIX_PORT: '/s', MYSQL_HOST: 'far' }, { host: 'far', database: 'd' }],
  [
    'mysql://u@h/d',
    { MYSQL_PASSWORD: 'x' },
    { user: 'u', host: 'h', database: 'd', password: 'x' },
  ],
])('fills %s from the environment', (url, env, options) => {
  expect(withEnvironment(readMysqlUrl(url), env)).toEqual(options)
})

test('refuses a port in the environment that is none', () => {
  expect(() => withEnvironment({ database: 'd' }, { MYSQL_TCP_PORT: 'x' })).toThrow(/not a port/)
})
