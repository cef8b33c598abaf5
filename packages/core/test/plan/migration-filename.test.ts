import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  formatMigrationFilename,
  isNearMiss,
  parseMigrationFilename,
} from '../../src/plan/migration-filename.ts'

describe('parses what golang-migrate parses', () => {
  test.each([
    ['1_foobar.up.sql', 1n, 'foobar', 'up', 'sql'],
    ['1_foobar.down.sql', 1n, 'foobar', 'down', 'sql'],
    ['1_f-o_ob+ar.up.sql', 1n, 'f-o_ob+ar', 'up', 'sql'],
    ['1485385885_foobar.up.sql', 1485385885n, 'foobar', 'up', 'sql'],
    ['20170412214116_date_foobar.up.sql', 20170412214116n, 'date_foobar', 'up', 'sql'],
    ['0_init.up.sql', 0n, 'init', 'up', 'sql'],
    ['007_bond.up.sql', 7n, 'bond', 'up', 'sql'],
    ['1_.up.sql', 1n, '', 'up', 'sql'],
    ['1_foo.up.', 1n, 'foo', 'up', ''],
    ['1_a.up.down.sql', 1n, 'a.up', 'down', 'sql'],
    ['1_flags..up.sql', 1n, 'flags.', 'up', 'sql'],
    ['1_línea\u2028b.up.sql', 1n, 'línea\u2028b', 'up', 'sql'],
    ['18446744073709551615_x.up.sql', 18446744073709551615n, 'x', 'up', 'sql'],
  ])('%s', (name, version, title, direction, extension) => {
    expect(parseMigrationFilename(name)).toEqual({ version, title, direction, extension })
  })

  test.each([
    '-1_foobar.up.sql',
    'foobar.up.sql',
    '1.up.sql',
    '1_foobar.sql',
    '1_foobar.up',
    '1_foobar.down',
    '1_foo.UP.sql',
    'V1__x.sql',
    '1_a\nb.up.sql',
    '18446744073709551616_x.up.sql',
  ])('%j is not a migration', (name) => {
    expect(parseMigrationFilename(name)).toBeUndefined()
  })
})

test('reads every name of these parts as the grammar does', () => {
  const grammar = /^([0-9]+)_([^\n]*)\.(down|up)\.([^\n]*)$/
  const parts = ['1', '07', '_', '.', '.up', '.down', 'up.', 'down', '\n']
  let names = ['', '1_', '1_.up.']
  let migrations = 0
  for (let length = 0; length < 5; length++) {
    for (const name of names) {
      const match = grammar.exec(name)
      const [, digits = '', title, direction, extension] = match ?? []
      const wanted =
        match === null ? undefined : { version: BigInt(digits), title, direction, extension }
      if (wanted !== undefined) migrations++
      const read = parseMigrationFilename(name)
      // One expectation for each would take the time of a thousand.
      if (!isDeepStrictEqual(read, wanted)) expect(read, JSON.stringify(name)).toEqual(wanted)
    }
    names = names.flatMap((name) => parts.map((part) => name + part))
  }
  expect(migrations).toBeGreaterThan(1000)
})

test('formats with padding', () => {
  const parts = { version: 7n, title: 'bond', direction: 'up', extension: 'sql' } as const
  expect(formatMigrationFilename(parts, 6)).toBe('000007_bond.up.sql')
  expect(formatMigrationFilename(parts)).toBe('7_bond.up.sql')
})

test.each([
  ['V1__x.sql', true],
  ['1_x.up.sql~', true],
  ['1_x.up.sql.bak', true],
  ['1_x.sql', true],
  ['1-x.up.sql', true],
  ['1.up.sql', true],
  ['1_x.up.sql', false],
  ['1_x.up.sql.gz', false],
  ['README.md', false],
  ['schema.sql', false],
])('%s is a near miss: %s', (name, expected) => {
  expect(isNearMiss(name)).toBe(expected)
})
