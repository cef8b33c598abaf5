import { expect, test } from 'vitest'
import * as api from '../src/index.ts'

test('the names a program can import', () => {
  expect(Object.keys(api).toSorted()).toEqual([
    'mysqlObjects',
    'postgresObjects',
    'splitMysql',
    'splitPostgres',
    'splitSqlite',
    'sqliteNeedsOwnTransaction',
    'sqliteObjects',
  ])
})
