import { describe, expect, test } from 'vitest'
import {
  dialText,
  filterCustomQuery,
  formatGoUrl,
  goAtoi,
  goParseBool,
  goParseDuration,
  goParseInt,
  goParseUint,
  goQuote,
  joinErrors,
  lockKey,
  maskUrl,
  parseGoUrl,
  portText,
  queryError,
  schemeOfUrl,
} from '../src/index.ts'

describe('URLs as Go reads them', () => {
  test.each([
    [
      'postgres://u:p@h:5/db?a=b',
      { scheme: 'postgres', host: 'h:5', path: '/db', rawQuery: 'a=b' },
    ],
    ['FILE://Dir/x', { scheme: 'file', host: 'Dir', path: '/x' }],
    ['file:a/b', { opaque: 'a/b', host: '', path: '' }],
    ['sqlite://file:/abs/x.db?mode=ro', { host: 'file:', path: '/abs/x.db' }],
    ['x:///a%20b#f', { host: '', path: '/a b', fragment: 'f' }],
    ['x://%41/', { host: '%41' }],
    ['x://[::1]:5/y', { host: '[::1]:5' }],
  ])('%s', (url, parts) => {
    if (url.includes('%41')) expect(() => parseGoUrl(url)).toThrow('invalid URL escape "%41"')
    else expect(parseGoUrl(url)).toMatchObject(parts)
  })

  test.each(['!', '$', '&', "'", '(', ')', '*', '+', ',', ';', '=', ':', '@'])(
    '%s needs no escape in a password',
    (character) => {
      expect(parseGoUrl(`x://u:a${character}b@h/d`).user?.password).toBe(`a${character}b`)
    },
  )

  test.each([
    ['x://u:a%b@h/d', 'parse "x://u:***@h/d": invalid URL escape "***"'],
    ['x://u:a/b@h/d', 'parse "x://u:***@h/d": invalid port "***" after host'],
    ['x://u:a[b@h/d', 'parse "x://u:***@h/d": net/url: invalid userinfo'],
    ['x://u:a?b@h/d', 'parse "x://u:***@h/d": invalid port "***" after host'],
    ['x://u%zz:p@h/d', 'parse "x://u%zz:***@h/d": invalid URL escape "%zz"'],
    ['x://h:p/d', 'parse "x://h:p/d": invalid port ":p" after host'],
    ['x://a b/c', 'parse "x://a b/c": invalid character " " in host name'],
    ['x://[::1/c', `parse "x://[::1/c": missing ']' in host`],
    [':x', 'parse ":x": missing protocol scheme'],
    ['x://h/\u0001', 'parse "x://h/\\x01": net/url: invalid control character in URL'],
    ['a:b', ''],
  ])('%j', (url, message) => {
    if (message === '') expect(parseGoUrl(url).opaque).toBe('b')
    else expect(() => parseGoUrl(url)).toThrow(message)
  })

  test.each([
    ['sqlite://rel/x y.db', 'sqlite://rel/x%20y.db'],
    ['sqlite:///abs/x(1).db', 'sqlite:///abs/x(1).db'],
    ['sqlite://:memory:', 'sqlite://:memory:'],
    ['x://u:p@h', 'x://u:p@h'],
    ['x:///p?', 'x:///p?'],
    ['x:o?q=1', 'x:o?q=1'],
  ])('%s is written as %s', (url, written) => {
    expect(formatGoUrl(parseGoUrl(url))).toBe(written)
  })

  test("golang-migrate's own parameters are taken out, the rest comes in order", () => {
    expect(filterCustomQuery('z=1&x-custom=2&a=b c&X-y=3&x=4&bad=%zz&a=5')).toBe(
      'X-y=3&a=b+c&a=5&x=4&z=1',
    )
  })

  test('the scheme is what stands before the first colon', () => {
    expect(schemeOfUrl('mysql://user:pass@tcp(host:1337)/db')).toBe('mysql')
    expect(() => schemeOfUrl('')).toThrow('URL cannot be empty')
    expect(() => schemeOfUrl('hello')).toThrow('no scheme')
    expect(() => schemeOfUrl(':x')).toThrow('no scheme')
  })

  test('a password is masked up to the last at sign', () => {
    expect(maskUrl('x://u:p@q/r@h/d')).toBe('x://u:***@h/d')
    expect(maskUrl('x://u@h/d')).toBe('x://u@h/d')
  })
})

test('numbers and booleans as Go reads them', () => {
  expect(['1', 't', 'TRUE', 'True'].map(goParseBool)).toEqual([true, true, true, true])
  expect(['0', 'F', 'false'].map(goParseBool)).toEqual([false, false, false])
  expect(() => goParseBool('yeppers')).toThrow(
    'strconv.ParseBool: parsing "yeppers": invalid syntax',
  )
  expect(goParseInt('-9223372036854775808')).toBe(-9_223_372_036_854_775_808n)
  expect(goAtoi('+7')).toBe(7n)
  expect(() => goAtoi('9223372036854775808')).toThrow(
    'strconv.Atoi: parsing "9223372036854775808": value out of range',
  )
  expect(goParseUint('18446744073709551615')).toBe(18_446_744_073_709_551_615n)
  expect(() => goParseUint('+1')).toThrow('strconv.ParseUint: parsing "+1": invalid syntax')
})

test('texts in quotes as Go writes them', () => {
  expect(goQuote('a"\\\n\t\u0000\u200b😀ü')).toBe('"a\\"\\\\\\n\\t\\x00\\u200b😀ü"')
})

test('errors in the words of golang-migrate', () => {
  expect(queryError({ client: 'C', query: 'Q' }).message).toBe('C in line 0: Q')
  expect(queryError({ client: 'C', query: 'Q', message: 'M', line: 3 }).message).toBe(
    'M in line 3: Q (details: C)',
  )
  expect(joinErrors(new Error('a'), undefined, new Error('b'))?.message).toBe('a\nb')
  expect(joinErrors(undefined)).toBeUndefined()
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED', address: '::1', port: 1 })
  expect(dialText(refused, 'h', 1)).toBe('dial tcp [::1]:1: connect: connection refused')
  expect(dialText(new Error('other'), 'h', 1)).toBeUndefined()
})

test.each([
  [['public', 'schema_migrations'], '/example', 852_184_635n],
  [['public', 'schema_migrations'], 'example', 883_811_544n],
  [[], 'mydb:schema_migrations', 1_906_445_756n],
  [[], 'database_name', 1_764_327_054n],
  [['schema_name_1', 'schema_name_2'], 'database_name', 3_743_845_847n],
])('the lock of %j and %s', (names, database, id) => {
  expect(lockKey(database, ...names)).toBe(id)
})

describe('durations as Go reads them', () => {
  test.each([
    ['0', 0],
    ['1s', 1000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['-5ms', -5],
    ['+.5s', 500],
    ['1.s', 1000],
    ['2µs', 0.002],
  ])('%s is %d ms', (text, ms) => {
    expect(goParseDuration(text)).toBeCloseTo(ms, 9)
  })

  test.each([
    ['', 'time: invalid duration ""'],
    ['abc', 'time: invalid duration "abc"'],
    ['-', 'time: invalid duration "-"'],
    ['.s', 'time: invalid duration ".s"'],
    ['5', 'time: missing unit in duration "5"'],
    ['1s5', 'time: missing unit in duration "1s5"'],
    ['1x', 'time: unknown unit "x" in duration "1x"'],
  ])('%j is none', (text, message) => {
    expect(() => goParseDuration(text)).toThrow(message)
  })
})

test.each([
  ['5432', undefined],
  ['65535', undefined],
  ['65536', 'dial tcp: address 65536: invalid port'],
  ['x', 'dial tcp: lookup tcp/x: unknown port'],
])('of the port %s Go says %j', (port, text) => {
  expect(portText(port)).toBe(text)
})
