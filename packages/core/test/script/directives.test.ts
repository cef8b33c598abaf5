import { expect, test } from 'vitest'
import { readDirectives, type Directives } from '../../src/script/directives.ts'

test.each<[string, Directives]>([
  ['', {}],
  ['create table a()', {}],
  ['-- mig: transaction=none\ncreate table a()', { transaction: 'none' }],
  ['\n  -- a comment\r\n-- mig: transaction=none\r\n', { transaction: 'none' }],
  ['--mig:transaction=none', { transaction: 'none' }],
  ['# mig: transaction=none', { transaction: 'none' }],
  ['select 1;\n-- mig: transaction=none', {}],
  ['-- migrate: transaction=none', {}],
  ['-- mig: transaction=off', { unknown: { text: 'transaction=off', line: 1 } }],
  ['--\n-- mig: lock=none', { unknown: { text: 'lock=none', line: 2 } }],
])('%j', (script, expected) => {
  expect(readDirectives(script)).toEqual(expected)
})
