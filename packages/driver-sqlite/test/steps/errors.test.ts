import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { requireNodeApi } from '../../src/connect/client.ts'
import { errorOffset } from '../../src/steps/failure-place.ts'
import { databaseError, hintOf, isBusy, isReadOnly, resultCode } from '../../src/steps/errors.ts'

const failure = (action: () => unknown): Error => {
  try {
    action()
  } catch (error) {
    if (error instanceof Error) return error
  }
  return expect.fail('nothing was thrown')
}

const coded = (code: string, message = 'it failed'): Error =>
  Object.assign(new Error(message), { code })

describe('the place of an error in its statement', () => {
  const client = new Database(':memory:')
  client.exec('CREATE TABLE a (x INTEGER, y INTEGER)')

  /** The statement with a mark where the error is. */
  const mark = (statement: string): string => {
    const { message } = failure(() => client.prepare(statement))
    const at = errorOffset(client, statement, message)
    return at === undefined ? message : `${statement.slice(0, at)}^${statement.slice(at)}`
  }

  test.each([
    ['SELECT * ^FRM a'],
    ["SELECT 'FRM', FRM FROM a WHERE x ^FRM y"],
    ['SELECT x, y ,^, x FROM a'],
    ['CREATE TABLE b (x INTEGER, y INTEGER,^)'],
    ['CREATE TABLE "in" (a INTEGER ^IN)'],
    ['SELECT ^#1 FROM a'],
    ["SELECT x FROM a WHERE x = ^'open"],
    ['SELECT (1^'],
    ['SELECT x, ^z FROM a'],
    ['SELECT x FROM ^main.nowhere'],
    ['SELECT ^nofn(x) FROM a'],
    ['CREATE TABLE b (c INTEGER, É É É ^IN, d)'],
  ])('%s', (marked) => {
    expect(mark(marked.replace('^', ''))).toBe(marked)
  })

  test('is left open where a name stands there twice', () => {
    expect(mark('SELECT z FROM a WHERE z = 1')).toBe('no such column: z')
  })

  test('a statement is not run to find it', () => {
    expect(mark('INSERT INTO a VALUES (1, 2) VALUES (3)')).toBe(
      'INSERT INTO a VALUES (1, 2) ^VALUES (3)',
    )
    expect(client.prepare('SELECT count(*) FROM a').pluck().get()).toBe(0)
  })

  test('a PRAGMA is not even prepared', () => {
    expect(errorOffset(client, 'PRAGMA foreign_keys = ) = 1', 'near ")": syntax error')).toBe(
      undefined,
    )
  })
})

describe('result codes', () => {
  test.each([
    ['SQLITE_FULL', /room on the disk/],
    ['SQLITE_READONLY_DBMOVED', /read-only/],
    ['SQLITE_CANTOPEN', /rights on the folder/],
    ['SQLITE_IOERR_WRITE', /file system/],
    ['SQLITE_CORRUPT_INDEX', /integrity_check/],
    ['SQLITE_NOTADB', /no SQLite database/],
    ['SQLITE_BUSY_SNAPSHOT', /Another connection/],
  ])('%s has a hint', (code, hint) => {
    expect(hintOf(code)).toMatch(hint)
  })

  test('an error of a statement keeps its code and cause', () => {
    const cause = coded('SQLITE_FULL', 'database or disk is full')
    expect(databaseError(cause, 'write the ledger')).toMatchObject({
      code: 'DATABASE_FAILED',
      message: 'Could not write the ledger: database or disk is full',
      details: { serverCode: 'SQLITE_FULL' },
      cause,
    })
  })

  test('an error of mig stays what it is', () => {
    const error = databaseError(coded('SQLITE_FULL'), 'write')
    expect(databaseError(error, 'write more')).toBe(error)
  })

  test('codes that are not of SQLite are none', () => {
    expect(resultCode(coded('ENOENT'))).toBeUndefined()
    expect(resultCode('text')).toBeUndefined()
    expect(isBusy(coded('SQLITE_BUSY_RECOVERY'))).toBe(true)
    expect(isBusy(coded('SQLITE_LOCKED'))).toBe(false)
    expect(isReadOnly(coded('SQLITE_READONLY_DIRECTORY'))).toBe(true)
  })
})

test.each([
  ['9', 'v22.12.0'],
  [undefined, 'v20.0.0'],
])('Node-API %s of Node.js %s is refused', (napi, node) => {
  const error = failure(() => requireNodeApi(napi, node))
  expect(error).toMatchObject({
    code: 'CONNECTION_FAILED',
    message: `better-sqlite3 does not run on Node.js ${node.slice(1)}`,
    hint: 'Use Node.js 22.14 or newer.',
  })
})

test.each([
  ['10', 'v22.14.0'],
  ['11', 'v25.0.0'],
])('Node-API %s of Node.js %s is fine', (napi, node) => {
  expect(() => requireNodeApi(napi, node)).not.toThrow()
})
