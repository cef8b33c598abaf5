import { expect, test } from 'vitest'
import { errorCatalog, type MigrateErrorCode } from '../../src/errors/error-catalog.ts'
import { isMigrateError, MigrateError, withDetails } from '../../src/errors/errors.ts'

test('takes the hint of its code unless it has its own', () => {
  expect(new MigrateError('NO_MIGRATIONS', 'x').hint).toBe(errorCatalog.NO_MIGRATIONS.hint)
  expect(new MigrateError('NO_MIGRATIONS', 'x', { hint: 'y' }).hint).toBe('y')
})

test('keeps its cause untouched', () => {
  const cause = new Error('server')
  expect(new MigrateError('DATABASE_FAILED', 'x', { cause }).cause).toBe(cause)
  expect('cause' in new MigrateError('DATABASE_FAILED', 'x')).toBe(false)
})

test('is recognised across copies of the package', () => {
  const foreign = Object.defineProperty(new Error('x'), Symbol.for('@mig/core/MigrateError'), {
    value: true,
  })
  expect(isMigrateError(foreign)).toBe(true)
  expect(isMigrateError(new Error('x'))).toBe(false)
  expect(isMigrateError('x')).toBe(false)
  expect(isMigrateError(null)).toBe(false)
})

test('details are added, never replaced', () => {
  const error = new MigrateError('MIGRATION_FAILED', 'x', { details: { version: 1n } })
  const more = withDetails(error, { version: 2n, state: null })
  expect(more.details).toEqual({ version: 1n, state: null })
  expect(more.message).toBe('x')
})

test('a code of a later release keeps everything but a usual hint', () => {
  const code = 'QUOTA_EXCEEDED' as MigrateErrorCode
  const cause = new Error('server')
  const error = new MigrateError(code, 'x', { cause, details: { version: 1n } })
  expect(error).toMatchObject({ code, message: 'x', cause, hint: undefined })
  const more = withDetails(error, { state: null })
  expect(more).toMatchObject({ code, message: 'x', cause, hint: undefined })
  expect(more.details).toEqual({ version: 1n, state: null })
})

test('a code that is named like a method of every object has no usual hint', () => {
  expect(new MigrateError('toString' as MigrateErrorCode, 'x').hint).toBe(undefined)
})

test('cuts texts that a server made long, once', () => {
  const long = '\u{1f600}'.repeat(1_000_000)
  const failed = { version: 1n, direction: 'up', title: 't', serverMessage: long } as const
  const error = withDetails(new MigrateError('MIGRATION_FAILED', `x${long}`, { hint: long }), {
    failed,
    state: null,
  })
  expect(error.message).toBe(`x${'\u{1f600}'.repeat(4999)}… (1990002 more characters)`)
  expect(error.hint).toBe(`${'\u{1f600}'.repeat(5000)}… (1990000 more characters)`)
  expect(error.details.failed?.serverMessage).toBe(error.hint)
  expect(error.details.failed).toMatchObject({ version: 1n, title: 't' })
})
