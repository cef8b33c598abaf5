import { expect, test } from 'vitest'
import type { Statement, StatementRole } from '../../src/script/statement.ts'
import { boundariesOf, type Commits } from '../../src/doctor/boundaries.ts'

const roles: Readonly<Record<string, StatementRole>> = {
  s: 'plain',
  B: 'begin',
  C: 'commit',
  R: 'rollback',
}

const statements = (text: string): Statement[] =>
  [...text].map((letter, index) => ({
    text: letter,
    start: index,
    end: index + 1,
    line: 1,
    column: index + 1,
    command: letter,
    role: roles[letter] ?? 'plain',
  }))

test.each<[script: string, commits: Commits, points: number[] | undefined]>([
  ['sss', 'each-statement', [0, 1, 2, 3]],
  ['sss', 'each-transaction', [0, 1, 2, 3]],
  ['sss', 'whole-script', [0, 3]],
  ['', 'whole-script', [0]],
  ['BssC', 'each-transaction', [0, 4]],
  ['BssC', 'whole-script', [0, 4]],
  ['sBssCs', 'each-transaction', [0, 1, 5, 6]],
  ['sBssCs', 'whole-script', [0, 5, 6]],
  ['BsC', 'each-statement', [0, 1, 2, 3]],
  ['BsCBsC', 'whole-script', [0, 3, 6]],
  ['BsRs', 'whole-script', undefined],
])('%s, %s', (script, commits, points) => {
  expect(boundariesOf(statements(script), commits)?.points).toEqual(points)
})

test('says which points lie inside a block', () => {
  const found = boundariesOf(statements('sBsCs'), 'each-statement')
  expect([...(found?.inBlock ?? [])]).toEqual([2, 3])
})
