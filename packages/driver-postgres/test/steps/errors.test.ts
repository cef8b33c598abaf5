import type { PreparedStep } from '@mig/core/driver'
import { splitPostgres } from '@mig/sql'
import { describe, expect, test } from 'vitest'
import { connectError } from '../../src/connect/connect-error.ts'
import { databaseError, stepError } from '../../src/steps/errors.ts'
import type { ExchangeResult } from '../../src/session/exchange.ts'
import { placeOfFailure } from '../../src/steps/failure-place.ts'
import { resolvePostgresOptions } from '../../src/connect/options.ts'
import { layOutStep, type StepFrame, type StepMessages } from '../../src/steps/step-message.ts'

const serverError = (code: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { severity: 'ERROR', code, ...more })

const networkError = (code: string, message = ''): Error =>
  Object.assign(new Error(message), { code })

describe('connecting', () => {
  const settings = resolvePostgresOptions({ url: 'postgres://u:secret@h:5433/d' })

  test.each<[string, Error, boolean, string]>([
    ['refused', networkError('ECONNREFUSED'), true, 'the connection was refused'],
    ['unknown host', networkError('ENOTFOUND', 'getaddrinfo ENOTFOUND h'), true, 'not known'],
    ['starting', serverError('57P03', 'the database system is starting up'), true, 'starting up'],
    ['full', serverError('53300', 'too many clients already'), true, 'too many clients'],
    ['dropped', new Error('Connection terminated unexpectedly'), true, 'terminated'],
    ['silent', new Error('timeout expired'), true, 'did not answer'],
    [
      'password',
      serverError('28P01', 'password authentication failed for user "u"'),
      false,
      'password',
    ],
    ['rules', serverError('28000', 'no pg_hba.conf entry'), false, 'pg_hba'],
    ['database', serverError('3D000', 'database "d" does not exist'), false, 'does not exist'],
    ['no TLS', new Error('The server does not support SSL connections'), false, 'SSL'],
    [
      'certificate',
      networkError('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'),
      false,
      'self-signed',
    ],
    [
      'no password',
      new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string'),
      false,
      'none is given',
    ],
  ])('%s', (_, cause, retryable, reason) => {
    const error = connectError(cause, settings)
    expect(error.code).toBe('CONNECTION_FAILED')
    expect(error.message).toContain('h:5433, database "d", user "u"')
    expect(error.message).toContain(reason)
    expect(error.details.retryable).toBe(retryable)
    expect(error.cause).toBe(cause)
    expect(`${error.message}${error.hint}`).not.toContain('secret')
  })
})

describe("statements of mig's own", () => {
  test.each([
    ['57P01', 'CONNECTION_LOST'],
    ['08006', 'CONNECTION_LOST'],
    ['42501', 'DATABASE_FAILED'],
    ['42703', 'DATABASE_FAILED'],
  ])('%s is %s', (serverCode, code) => {
    expect(databaseError(serverError(serverCode, 'no'), 'It failed')).toMatchObject({ code })
  })

  test('an error of the socket is a lost connection', () => {
    expect(databaseError(networkError('ECONNRESET', 'read ECONNRESET'), 'It failed')).toMatchObject(
      {
        code: 'CONNECTION_LOST',
      },
    )
  })
})

const frame: StepFrame = {
  open: ['SELECT 1'],
  close: ['SELECT 2', 'SELECT 3'],
  reset: ['RESET ALL'],
  roles: ['RESET ROLE'],
}

const stepOf = (script: string, block?: { begin: number; end: number }): PreparedStep =>
  ({
    version: 1n,
    direction: 'up',
    title: '',
    file: '1.up.sql',
    from: null,
    to: 1n,
    script,
    parsed: splitPostgres(script),
    ...(block === undefined ? {} : { block }),
  }) as unknown as PreparedStep

const textOf = (messages: StepMessages): string =>
  messages.map((parts) => parts.map(({ text }) => text).join('')).join('')

describe('the place of a failure', () => {
  const failAt = (
    script: string,
    { find, completed }: { find?: string; completed: number },
    countsBytes = false,
  ): object => {
    const step = stepOf(script)
    const messages = layOutStep(step, frame)
    const at = find === undefined ? -1 : textOf(messages).indexOf(find)
    const before = textOf(messages).slice(0, at)
    const position = countsBytes ? Buffer.byteLength(before) : Array.from(before).length
    const error = serverError('42601', 'no', at === -1 ? {} : { position: String(position + 1) })
    const place = placeOfFailure(
      messages,
      step.parsed.statements,
      {
        answers: [{ completed, tags: [], rows: [] }],
        failure: { error, message: 0 },
        transaction: 'E',
      },
      countsBytes,
    )
    const { failed = {} } = stepError(step, error, place).details
    const { line, column, statement } = failed as Record<string, unknown>
    return { line, column, statement }
  }

  test.each([
    ['the first statement', 'selec 1; select 2', { find: 'selec 1', completed: 0 }, [1, 1, 1]],
    ['a later line', 'select 1;\nselect\n  x', { find: 'x', completed: 4 }, [3, 3, 2]],
    ['CRLF', 'select 1;\r\nselect x', { find: 'x', completed: 4 }, [2, 8, 2]],
    ['beyond ASCII', "select '😀ä';\nselect '😀', x", { find: 'x', completed: 4 }, [2, 13, 2]],
    ['no position', 'select 1;\n-- c\n  select 2;', { completed: 4 }, [3, 3, 2]],
    [
      'an unfinished statement',
      'select 1;\nselect (',
      { find: ';SELECT 2', completed: 0 },
      [2, 9, 2],
    ],
  ])('%s', (_, script, failure, [line, column, statement]) => {
    expect(failAt(script, failure)).toEqual({ line, column, statement })
  })

  test('counts bytes where the server does', () => {
    expect(failAt("select '😀ä';\nselect '😀', x", { find: 'x', completed: 4 }, true)).toEqual({
      line: 2,
      column: 13,
      statement: 2,
    })
  })

  test('after all statements it is the COMMIT', () => {
    const step = stepOf('select 1')
    const messages = layOutStep(step, frame)
    const error = serverError('23503', 'no')
    const result = {
      answers: [{ completed: 6, tags: [], rows: [] }],
      failure: { error, message: 0 },
      transaction: 'I' as const,
    } satisfies ExchangeResult
    expect(placeOfFailure(messages, step.parsed.statements, result, false)).toEqual({
      role: 'commit',
    })
  })
})

describe('the messages of a step', () => {
  test('a usual script is one message', () => {
    const messages = layOutStep(stepOf('select 1 -- bye'), frame)
    expect(messages).toHaveLength(1)
    expect(splitPostgres(textOf(messages)).statements.length).toBe(8)
    expect(messages[0]?.reduce((sum, { commands }) => sum + commands, 0)).toBe(8)
  })

  test('SET TRANSACTION stays before the first write', () => {
    const messages = layOutStep(stepOf('SET TRANSACTION READ WRITE; select 9'), frame)
    expect([...splitPostgres(textOf(messages)).statements].map(({ text }) => text)).toEqual([
      'BEGIN',
      'SET LOCAL synchronous_commit = off',
      'SET TRANSACTION READ WRITE',
      'SELECT 1',
      'select 9',
      'SELECT 2',
      'SELECT 3',
      'COMMIT',
      'RESET ALL',
    ])
  })

  test("the writes go inside the script's own block", () => {
    const script = '-- a\nBEGIN; -- b\nselect 9; -- c\nCOMMIT; -- d'
    const messages = layOutStep(stepOf(script, { begin: 0, end: 2 }), frame)
    expect([...splitPostgres(textOf(messages)).statements].map(({ text }) => text)).toEqual([
      'BEGIN',
      'SET LOCAL synchronous_commit = off',
      'SELECT 1',
      'select 9',
      'SELECT 2',
      'SELECT 3',
      'COMMIT',
      'RESET ALL',
    ])
  })

  test('a large script is cut at its statements, and nothing of it is lost', () => {
    const script = `${'insert into a values (1);\n'.repeat(40_000)}select 1`
    const messages = layOutStep(stepOf(script), frame)
    expect(messages.length).toBeGreaterThan(4)
    const parts = messages.flat().filter(({ role }) => role === 'script')
    expect(parts.map(({ text }) => text).join('')).toBe(script)
    for (const parted of messages) {
      expect(parted.map(({ text }) => text).join('').length).toBeLessThan(300_000)
    }
  })
})
