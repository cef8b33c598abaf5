import { isMigrateError, type MigrateError } from '@mig/core'
import { describe, expect, test } from 'vitest'
import { sqliteParameters } from '../src/connect/connection-parameters.ts'
import { sqliteDriver } from '../src/index.ts'
import { readOptions } from '../src/connect/options.ts'

const base = 'sqlite://x.db'
const withParameter = (name: string, value: string): string =>
  `${base}?${encodeURIComponent(name)}=${encodeURIComponent(value)}`

const refusal = (action: () => unknown): MigrateError => {
  try {
    action()
  } catch (error) {
    if (isMigrateError(error)) return error
    throw error
  }
  return expect.unreachable('it must throw a MigrateError')
}

const ofFate = (fate: string): [name: string, first: string][] =>
  sqliteParameters.all
    .filter((parameter) => parameter.fate === fate)
    .flatMap(({ names }) => names.map((name): [string, string] => [name, names[0] ?? '']))

/** Values of those that take no number. */
const values: Readonly<Record<string, string>> = {
  'x-no-tx-wrap': 'true',
  mode: 'ro',
  _pragma: 'foreign_keys(1)',
  _journal_mode: 'WAL',
  _locking_mode: 'EXCLUSIVE',
}

describe('every parameter that is sent in a URL meets its fate', () => {
  test.each(ofFate('used'))('%s is used', (name, first) => {
    const { notes, ...rest } = readOptions(withParameter(name, values[first] ?? '1'))
    expect(notes).toEqual([])
    expect({ ...rest, notes: [] }).not.toEqual(readOptions(base))
  })

  test.each(ofFate('ignored'))('%s has no effect, and that is said once', (name) => {
    const { notes, ...rest } = readOptions(withParameter(name, '7'))
    expect(notes).toEqual([expect.stringContaining(`"${name}" has no effect`)])
    expect({ ...rest, notes: [] }).toEqual(readOptions(base))
    expect(sqliteDriver(withParameter(name, '7')).notes).toEqual(notes)
  })

  test.each(ofFate('refused'))('%s is refused by name', (name) => {
    const { code, message, hint, details } = refusal(() => readOptions(withParameter(name, '7')))
    expect([code, details.option]).toEqual(['INVALID_OPTION', name])
    expect(message).toContain(`"${name}"`)
    expect(hint).not.toBe('')
  })

  test('unknown ones are refused, or said to have no effect where they begin with x-', () => {
    const { code, details } = refusal(() => readOptions(withParameter('colour', 'red')))
    expect([code, details.option]).toEqual(['INVALID_OPTION', 'colour'])
    expect(readOptions(withParameter('x-migration-table', 'v')).notes).toEqual([
      expect.stringContaining('"x-migration-table" is not a parameter of mig'),
    ])
  })
})
