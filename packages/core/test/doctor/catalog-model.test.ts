import { describe, expect, test } from 'vitest'
import type { InspectedObject, InspectedStatement } from '../../src/driver/inspection.ts'
import { CatalogModel } from '../../src/doctor/catalog-model.ts'

/** `+t` makes a table, `-t.c` removes a column, `+?t` may find it there, `-t!` takes along what depends on it. */
const object = (text: string, there: ReadonlySet<string>): InspectedObject => {
  const [, sign = '', question = '', name = '', bang = ''] =
    /^([+-])(\??)([\w.]+)(!?)$/.exec(text) ?? []
  const [table = '', column] = name.split('.')
  return {
    action: sign === '+' ? 'create' : 'drop',
    kind: column === undefined ? 'table' : 'column',
    label: name,
    key: name,
    conditional: question !== '',
    cascade: bang !== '',
    shown: there.has(name),
    ...(column === undefined ? {} : { owner: table }),
  }
}

/** Points that a catalog with these objects does not contradict. */
const standing = (
  script: readonly string[],
  there: readonly string[],
  reached = script.length,
): number[] => {
  const shown = new Set(there)
  const statements: InspectedStatement[] = script.map((statement) => ({
    objects: statement === '' ? [] : statement.split(' ').map((text) => object(text, shown)),
  }))
  const model = new CatalogModel(statements)
  return Array.from({ length: script.length + 1 }, (_, point) => point).filter(
    (point) => model.contradictions(point, reached).length === 0,
  )
}

describe('points that the catalog does not contradict', () => {
  test.each<[script: string[], there: string[], points: number[]]>([
    // One object per statement tells exactly.
    [['+a', '+b', '+c'], [], [0]],
    [['+a', '+b', '+c'], ['a', 'b'], [2]],
    [['+a', '+b', '+c'], ['a', 'b', 'c'], [3]],
    [['-a', '-b'], ['a', 'b'], [0]],
    [['-a', '-b'], ['b'], [1]],
    // Statements that leave nothing to look for leave a range.
    [['+a', '', '', '+b'], ['a'], [1, 2, 3]],
    [['', ''], [], [0, 1, 2]],
    // Made and removed again: only the time in between shows.
    [['+a', '-a'], [], [0, 2]],
    [['+a', '-a'], ['a'], [1]],
    // IF NOT EXISTS: absent says no, present says nothing.
    [['+?a'], [], [0]],
    [['+?a'], ['a'], [0, 1]],
    [['-?a'], ['a'], [0]],
    [['-?a'], [], [0, 1]],
    // A rename is one statement with two objects.
    [['-a +b'], ['b'], [1]],
    [['-a +b'], ['a'], [0]],
    [['-a +b'], ['a', 'b'], []],
    // Somebody has been here.
    [['+a', '+b'], ['b'], []],
    // Columns come and go with their table.
    [['+t', '+t.c'], [], [0]],
    [['+t', '+t.c'], ['t'], [1]],
    [['+t', '+t.c'], ['t', 't.c'], [2]],
    [['+t.c', '-t'], [], [2]],
    [['+t.c', '-t'], ['t', 't.c'], [1]],
    [['+t.c', '-t'], ['t'], [0]],
    // A column of a table that the script makes was not there before, whatever removes it.
    [['+t', '-t.c'], [], [0]],
    [['+t', '-t.c'], ['t', 't.c'], [1]],
    [['+t', '-t.c'], ['t'], [2]],
    // A table that may have been there had no column that could still be made.
    [['+?t', '+t.c'], ['t'], [0, 1]],
    [['+?t', '+t.c'], ['t', 't.c'], [2]],
    [
      ['+?t', '-t.c'],
      ['t', 't.c'],
      [0, 1],
    ],
    // An old table goes and a new one comes.
    [['-t', '+t', '+t.c'], ['t'], [0, 2]],
    // CASCADE may take anything along.
    [['+a', '-b!', ''], ['b'], [0]],
    [['+a', '-b!', ''], [], [2, 3]],
    [['+a', '-b!', ''], ['a', 'b'], [1]],
  ])('%j with %j', (script, there, points) => {
    expect(standing(script, there)).toEqual(points)
  })

  const history = (statements: readonly InspectedStatement[]): string[] =>
    new CatalogModel(statements, { longHistory: true })
      .contradictions(statements.length, statements.length)
      .map(({ label, statement, shown }) => `${statement} ${shown ? 'there is' : 'no'} ${label}`)

  const index = (action: 'create' | 'drop', name: string): InspectedObject => ({
    ...object('+i', new Set()),
    action,
    kind: 'index',
    key: `index ${name}`,
    label: `index ${name}`,
    owner: 't',
  })

  test('in a long history, what may have gone with something else is not missed', () => {
    const table = { objects: [object('+t', new Set(['t']))] }
    const made = { objects: [index('create', 'i')] }
    expect(history([table, made])).toEqual(['2 no index i'])
    // The column it was on, or a constraint of its name.
    expect(history([table, made, { objects: [object('-t.c', new Set())] }])).toEqual([])
    expect(history([table, made, { objects: [index('drop', 'j')] }])).toEqual([])
    expect(history([table, { objects: [index('drop', 'j')] }, made])).toEqual(['3 no index i'])
  })

  test('what cannot be read may have done anything to what was there before', () => {
    const call: InspectedStatement = { objects: [], unreadable: true }
    const made = { objects: [object('+a', new Set())] }
    expect(history([made])).toEqual(['1 no a'])
    expect(history([made, call])).toEqual([])
    expect(history([call, made])).toEqual(['2 no a'])
    const later = new CatalogModel([call, { objects: [object('+a', new Set(['a']))] }])
    expect(later.contradictions(0, 2)).toEqual([])
  })

  test('an index keeps its name when its table gets another one', () => {
    const renamed = { objects: [object('-t', new Set()), object('+u', new Set(['u']))] }
    const kept = { ...index('create', 'i'), shown: true }
    expect(history([{ objects: [kept] }, renamed])).toEqual([])
    expect(history([{ objects: [kept] }, { objects: [object('-t', new Set())] }])).toEqual([
      '1 there is index i',
    ])
  })

  test('what cannot be asked for contradicts nothing', () => {
    const { shown: _, ...unknown } = object('+a', new Set())
    const model = new CatalogModel([{ objects: [unknown] }])
    expect([model.contradictions(0, 1), model.contradictions(1, 1)]).toEqual([[], []])
  })

  test.each<[script: string[], there: string[], points: number[]]>([
    // Nobody knows whether the first statement failed because its table was there already.
    [['+a', '+b'], ['a'], [0, 1]],
    [
      ['+a', '+b'],
      ['a', 'b'],
      [0, 1, 2],
    ],
    // What is not there was not made.
    [['+a', '+b'], [], [0]],
    [['+a', '+b'], ['b'], [0]],
    [['-a', '-b'], ['a'], [0]],
    [['-a', '-b'], ['b'], [0, 1]],
  ])('%j with %j, if no statement need have been reached', (script, there, points) => {
    expect(standing(script, there, 0)).toEqual(points)
  })
})
