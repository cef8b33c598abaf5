import { expect, test } from 'vitest'
import { LineCounter } from '../src/line-counter.ts'

test.each<[name: string, script: string, offset: number, place: string]>([
  ['the start', 'abc', 0, '1:1'],
  ['the same line', 'abc', 2, '1:3'],
  ['after a line feed', 'a\nbc', 2, '2:1'],
  ['after CRLF', 'a\r\nbc', 3, '2:1'],
  ['after a lone CR, which ends no line', 'a\rbc', 2, '1:3'],
  ['after a surrogate pair', '😀a', 2, '1:2'],
  ['at the end', 'a\n\n', 3, '3:1'],
])('%s', (_name, script, offset, place) => {
  const counter = new LineCounter(script, 0)
  counter.moveTo(offset)
  expect(`${counter.line}:${counter.column}`).toBe(place)
})

test('goes on from where it was', () => {
  const counter = new LineCounter('\ufeffab\ncd', 1)
  const places: string[] = []
  for (const offset of [1, 2, 2, 4, 5]) {
    counter.moveTo(offset)
    places.push(`${counter.line}:${counter.column}`)
  }
  expect(places).toEqual(['1:1', '1:2', '1:2', '2:1', '2:2'])
})
