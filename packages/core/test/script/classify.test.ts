import { describe, expect, test } from 'vitest'
import { classify, type Classification } from '../../src/script/classify.ts'
import type { Directives } from '../../src/script/directives.ts'
import type { ParsedScript, StatementRole } from '../../src/script/statement.ts'

const parsed = (...roles: StatementRole[]): ParsedScript => ({
  statements: roles.map((role, index) => ({
    text: role,
    start: index,
    end: index + 1,
    line: index + 1,
    column: 1,
    role,
    command: role.toUpperCase(),
    ...(role.startsWith('outside') ? { reason: `${role} at ${index + 1}` } : {}),
  })),
})

const rich = { transactionalDdl: true, transactionalSettings: true }
const poor = { transactionalDdl: false, transactionalSettings: false }

const kind = (roles: StatementRole[], directives?: Directives): Classification =>
  classify(parsed(...roles), rich, directives)

describe('transactional', () => {
  test.each<StatementRole[]>([
    [],
    ['plain'],
    ['session', 'plain', 'session'],
    ['set-transaction', 'plain'],
    ['plain', 'savepoint', 'plain', 'savepoint'],
    ['outside-alone', 'plain'],
  ])('%s', (...roles) => {
    expect(kind(roles)).toMatchObject({ kind: 'transactional' })
    expect(kind(roles)).not.toHaveProperty('block')
  })

  test.each<[StatementRole[], number, number]>([
    [['begin', 'plain', 'commit'], 0, 2],
    [['begin', 'commit'], 0, 1],
    [['session', 'begin', 'plain', 'commit', 'session', 'session'], 1, 3],
    [['begin', 'outside-alone', 'commit'], 0, 2],
  ])('%s has a block of its own', (roles, begin, end) => {
    expect(kind(roles)).toMatchObject({ kind: 'transactional', block: { begin, end } })
  })
})

describe('non-transactional', () => {
  test.each<[StatementRole[], string]>([
    [['outside'], 'outside at 1'],
    [['plain', 'outside', 'plain'], 'outside at 2'],
    [['outside-alone'], 'outside-alone at 1'],
  ])('%s', (roles, reason) => {
    expect(kind(roles)).toEqual({ kind: 'non-transactional', reason })
  })

  test('settings, where the database cannot take them back', () => {
    expect(classify(parsed('session', 'plain'), poor)).toMatchObject({ kind: 'non-transactional' })
    expect(classify(parsed('plain'), poor)).toMatchObject({ kind: 'transactional' })
  })

  test('by wish of the file, whatever it holds', () => {
    expect(kind(['begin', 'plain', 'rollback'], { transaction: 'none' })).toMatchObject({
      kind: 'non-transactional',
    })
  })
})

describe('refused, with the line of the statement', () => {
  test.each<[StatementRole[], number]>([
    [['begin', 'plain', 'rollback'], 3],
    [['begin', 'plain', 'commit-and-chain'], 3],
    [['plain', 'prepare-transaction'], 2],
    [['begin-read-only', 'commit'], 1],
    [['begin', 'plain'], 1],
    [['plain', 'commit'], 2],
    [['commit', 'begin'], 1],
    [['rollback'], 1],
    [['begin', 'plain', 'commit', 'begin', 'plain', 'commit'], 4],
    [['begin', 'plain', 'commit', 'commit'], 4],
    [['plain', 'begin', 'plain', 'commit'], 1],
    [['begin', 'plain', 'commit', 'plain'], 4],
    [['begin', 'commit', 'outside-alone'], 3],
  ])('%s', (roles, line) => {
    expect(kind(roles)).toMatchObject({ kind: 'refused', line })
  })

  test('a problem of the lexer comes first', () => {
    const problem = { message: 'open string', hint: 'close it', offset: 9, line: 2, column: 3 }
    expect(classify({ ...parsed('plain'), problem }, rich, { transaction: 'none' })).toEqual({
      kind: 'refused',
      reason: 'open string',
      hint: 'close it',
      line: 2,
      column: 3,
    })
  })

  test('a directive nobody knows', () => {
    expect(kind(['plain'], { unknown: { text: 'transaction=off', line: 2 } })).toMatchObject({
      kind: 'refused',
      line: 2,
    })
  })
})
