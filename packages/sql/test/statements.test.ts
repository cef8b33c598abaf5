import { expect, test } from 'vitest'
import { splitPostgres } from '../src/index.ts'
import { ScriptBuilder } from '../src/statements.ts'

test('an empty script has an empty list', () => {
  const { statements } = splitPostgres('')
  expect(statements.length).toBe(0)
  expect(statements.at(0)).toBeUndefined()
  expect(statements.at(-1)).toBeUndefined()
  expect([...statements]).toEqual([])
})

test('at counts from the end, too', () => {
  const { statements } = splitPostgres('select 1; select 2; select 3')
  expect(statements.at(-1)?.text).toBe('select 3')
  expect(statements.at(-3)?.text).toBe('select 1')
  expect(statements.at(-4)).toBeUndefined()
  expect(statements.at(3)).toBeUndefined()
  expect(statements.at(0.5)).toBeUndefined()
})

test('a list can be read more than once', () => {
  const { statements } = splitPostgres('select 1; select 2')
  expect([...statements]).toEqual([...statements])
  expect(statements.at(1)).toEqual([...statements][1])
})

test.each([1, 32, 33, 16_384, 16_385, 50_000])('keeps %d statements', (count) => {
  const { statements } = splitPostgres('select 1;\n'.repeat(count))
  expect(statements.length).toBe(count)
  expect(statements.at(-1)).toEqual({
    text: 'select 1',
    start: (count - 1) * 10,
    end: (count - 1) * 10 + 8,
    line: count,
    column: 1,
    role: 'plain',
    command: 'SELECT',
  })
  expect([...statements].findIndex(({ line }, i) => line !== i + 1)).toBe(-1)
})

test('statements of one kind share its strings and have no reason unless there is one', () => {
  const parsed = new ScriptBuilder('ab', 0)
  const kind = { role: 'outside', command: 'A', reason: 'because' } as const
  parsed.add(0, 1, kind)
  parsed.add(1, 2, { role: 'plain', command: 'B' })
  const { statements } = parsed.finish()
  expect(statements.at(0)?.reason).toBe(kind.reason)
  expect(statements.at(1)).not.toHaveProperty('reason')
})

test('a million statements cost at most 30 MB', { timeout: 60_000 }, () => {
  const script = "INSERT INTO a VALUES (1, 'x');\n".repeat(1_000_000)
  const before = process.memoryUsage().arrayBuffers
  const { statements } = splitPostgres(script)
  expect(statements.length).toBe(1_000_000)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30e6)
})
