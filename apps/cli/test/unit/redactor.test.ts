import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { maskUrl, secretsOfUrl } from '@mig/app-kit/secrets'
import { Redactor } from '@mig/app-kit/secrets'

test.each([
  [
    'postgres://me:secret@host:5432/db?sslmode=require',
    'postgres://me:***@host:5432/db?sslmode=require',
  ],
  ['postgres://me@host/db', 'postgres://me@host/db'],
  ['postgres://:secret@host/db', 'postgres://:***@host/db'],
  ['postgres://me:p@ss/w#r?d@host/db', 'postgres://me:***@host/db'],
  ['mysql://me:secret@tcp(host:3306)/db?tls=true', 'mysql://me:***@tcp(host:3306)/db?tls=true'],
  ['postgres://host/db?user=me&password=secret&x=1', 'postgres://host/db?user=me&password=***&x=1'],
  ['sqlite:///var/data/a:b@c.db', 'sqlite:///var/data/a:b@c.db'],
  ['sqlite://./dev.db', 'sqlite://./dev.db'],
  ['no url', 'no url'],
])('%s is shown as %s', (url, shown) => {
  expect(maskUrl(url)).toBe(shown)
})

test('every way to read a URL gives a secret', () => {
  expect(secretsOfUrl('postgres://me:p@s/s@host/db')).toEqual(['p@s/s', 'p@s/s', 'p'])
})

test('hides a password in all the forms it can take', () => {
  const redactor = new Redactor()
  redactor.addUrl("postgres://me:it's%20%22so%22@host/db")
  const plain = 'it\'s "so"'
  const forms = [
    plain,
    encodeURIComponent(plain),
    "it's%20%22so%22",
    'it%27s%20%22so%22',
    JSON.stringify({ password: plain }),
    inspect({ password: plain }),
    `password=${plain};`,
  ]
  for (const form of forms) expect(redactor.redact(form)).not.toMatch(/so/)
})

test('a password that is the user or the database too is hidden in URLs only', () => {
  const redactor = new Redactor()
  redactor.addUrl('postgres://postgres:postgres@host/db')
  expect(redactor.redact('PostgreSQL at postgres://postgres:postgres@host/db of postgres')).toBe(
    'PostgreSQL at postgres://postgres:***@host/db of postgres',
  )
})

test('a short password is hidden where it stands alone, not within words', () => {
  const redactor = new Redactor()
  redactor.addUrl('postgres://me:table@host/db')
  expect(redactor.redact('password "table" for tables')).toBe('password "***" for tables')
})
