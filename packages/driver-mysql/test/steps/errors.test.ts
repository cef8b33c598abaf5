import type { PreparedStep } from '@mig/core/driver'
import { splitMysql } from '@mig/sql'
import { expect, test } from 'vitest'
import {
  connectionFailed,
  databaseError,
  isConnectionLost,
  statementFailure,
} from '../../src/steps/errors.ts'
import { refuseLongStatements } from '../../src/session/packet.ts'

const clientError = (message: string, facts: Record<string, unknown>): Error =>
  Object.assign(new Error(message), facts)

test.each([
  ['ECONNREFUSED', undefined, true, /wait for it with --wait/],
  ['ENOTFOUND', undefined, true, /spelling of the host/],
  ['ETIMEDOUT', undefined, true, /firewalls/],
  ['ER_CON_COUNT_ERROR', 1040, true, /max_connections/],
  ['ER_ACCESS_DENIED_ERROR', 1045, false, /Check user and password/],
  ['ER_DBACCESS_DENIED_ERROR', 1044, false, /GRANT/],
  ['ER_BAD_DB_ERROR', 1049, false, /CREATE DATABASE/],
  ['ER_HOST_NOT_PRIVILEGED', 1130, false, /host part/],
  ['HANDSHAKE_NO_SSL_SUPPORT', undefined, false, /tls=preferred/],
])('a connection that fails with %s', (code, errno, retryable, hint) => {
  const cause = clientError('words', { code, ...(errno === undefined ? {} : { errno }) })
  expect(connectionFailed('h:1', cause)).toMatchObject({
    code: 'CONNECTION_FAILED',
    message: 'Cannot connect to h:1: words',
    hint: expect.stringMatching(hint),
    details: { retryable },
    cause,
  })
})

test.each([
  [1290, /replica or was set to read-only/],
  [1836, /replica or was set to read-only/],
  [1142, /privilege/],
  [1205, /SHOW PROCESSLIST/],
])('a statement of mig that fails with %i', (errno, hint) => {
  expect(databaseError('Writing', clientError('no', { errno }))).toMatchObject({
    code: 'DATABASE_FAILED',
    message: 'Writing failed: no',
    hint: expect.stringMatching(hint),
    details: { serverCode: String(errno) },
  })
})

test.each([
  [{ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, true],
  [{ code: 'ECONNRESET' }, true],
  [{ errno: 1927 }, true],
  [{ errno: 4031 }, true],
  [{ errno: 1064, code: 'ER_PARSE_ERROR' }, false],
  [{ errno: 1317, code: 'ER_QUERY_INTERRUPTED' }, false],
])('%o is a lost connection: %s', (facts, lost) => {
  expect(isConnectionLost(clientError('gone', facts))).toBe(lost)
  expect(databaseError('Reading', clientError('gone', facts)).code).toBe(
    lost ? 'CONNECTION_LOST' : 'DATABASE_FAILED',
  )
})

const stepOf = (script: string): PreparedStep => ({
  version: 1n,
  direction: 'up',
  title: '',
  from: null,
  to: 1n,
  script,
  parsed: splitMysql(script),
  entry: {} as PreparedStep['entry'],
})

const syntax = 'You have an error in your SQL syntax; check the manual for the right syntax to use '

test.each([
  ['select 1;\n\n  selec t', 1, "near 'selec t' at line 1", 'selec t'],
  ['select 1,\n 2,\n  3 fro x where y', 0, "near 'x where y' at line 3", 'x where y'],
  // the same word on an earlier line is not it
  ['create table x (\n  a x,\n  x x\n)', 0, "near 'x\n)' at line 3", 'x\n)'],
  ['select (', 0, "near '' at line 1", '('],
  ["select 'é𝒳' fro", 0, "near 'fro' at line 1", 'fro'],
  ['select 1 from (', 0, 'something else', undefined],
])('finds the place in %j', (script, index, message, rest) => {
  const failure = statementFailure(
    stepOf(script),
    index,
    clientError(syntax + message, { errno: 1064 }),
  )
  expect(failure).toMatchObject({ index, serverCode: '1064' })
  expect(failure.offset === undefined ? undefined : script.slice(failure.offset)).toBe(rest)
})

test('a statement that the server would not take is a problem of the script', () => {
  const script = `select 1;\nselect '${'é'.repeat(600)}';`
  const parsed = splitMysql(script)
  expect(refuseLongStatements(script, parsed, 2048).problem).toBeUndefined()
  expect(refuseLongStatements(script, parsed, 1024).problem).toMatchObject({
    message: expect.stringMatching(/of 1209 bytes.*max_allowed_packet is 1024 bytes/),
    line: 2,
    column: 1,
  })
})
