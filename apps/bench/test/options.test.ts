import { describe, expect, test } from 'vitest'
import { readOptions, UsageError } from '../src/options.ts'

function ids(...args: readonly string[]): readonly string[] {
  const options = readOptions(args, '/docs')
  if (typeof options === 'string') throw new Error(options)
  return options.workloads.map(({ id }) => id)
}

describe('options', () => {
  test('without any, all is measured five times and written', () => {
    expect(readOptions([], '/docs')).toMatchObject({ rounds: 5, output: '/docs' })
  })

  test('a narrowed run writes nothing unless told where', () => {
    expect(readOptions(['--rounds', '2'], '/docs')).toMatchObject({ rounds: 2, output: null })
    expect(readOptions(['--quick', '--output', '/tmp/x'], '/docs')).toMatchObject({
      rounds: 3,
      output: '/tmp/x',
    })
  })

  test('a narrowed run that adds to a report writes into it', () => {
    expect(readOptions(['--only', 'up-1', '--add'], '/docs')).toMatchObject({
      output: '/docs',
      add: true,
    })
  })

  test('workloads are chosen by id or family', () => {
    expect(ids('--only', 'up-10,nothing')).toEqual([
      'up-10',
      'nothing-1',
      'nothing-1000',
      'nothing-10000',
    ])
  })

  test.each([
    ['--only', 'up-7'],
    ['--databases', 'oracle'],
    ['--tools', 'flyway'],
    ['--rounds', '0'],
    ['--fast'],
  ])('%s %s is refused', (...args) => {
    expect(() => readOptions(args, '/docs')).toThrow(UsageError)
  })
})
