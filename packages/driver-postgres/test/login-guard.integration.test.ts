import { createHash } from 'node:crypto'
import { isMigrateError } from '@mig/core'
import { describe, expect, test } from 'vitest'
import { postgresDriver } from '../src/index.ts'
import { type demands, fakeServer } from './fake-server.ts'

const user = 'app'
const password = 'S3cr3tPw'

/** What gives the password away, to one who knows the salt. */
const traces = [
  password,
  createHash('md5')
    .update(createHash('md5').update(`${password}${user}`).digest('hex'))
    .update('salt')
    .digest('hex'),
]

const connect = async (
  demand: keyof typeof demands,
  query: string,
  tls: boolean,
): Promise<{ readonly message: string; readonly code: string; readonly received: Buffer }> => {
  const server = await fakeServer(demand, { tls })
  try {
    const url = `postgres://${user}:${password}@127.0.0.1:${server.port}/d?connect_timeout=5&${query}`
    const outcome = await postgresDriver(url)
      .open({ ledger: true })
      .catch((error: unknown) => error)
    if (!isMigrateError(outcome)) throw new Error('It must not connect', { cause: outcome })
    return { message: outcome.message, code: outcome.code, received: server.received() }
  } finally {
    await server.close()
  }
}

const encrypted = 'sslmode=require'

describe('a server in the middle', () => {
  test.each<[demand: keyof typeof demands, query: string, tls: boolean, reason: RegExp]>([
    ['cleartext', `${encrypted}&channel_binding=require`, true, /in clear text.*channel_binding/],
    ['md5', `${encrypted}&channel_binding=require`, true, /by MD5.*channel_binding/],
    ['scram', `${encrypted}&channel_binding=require`, true, /by SCRAM.*channel_binding/],
    ['trust', `${encrypted}&channel_binding=require`, true, /no password.*channel_binding/],
    ['scram, then cleartext', `${encrypted}&channel_binding=require`, true, /in clear text/],
    ['scram, then in', `${encrypted}&channel_binding=require`, true, /no password/],
    ['scram', 'sslmode=disable&channel_binding=require', false, /by SCRAM without TLS/],
    ['scram with channel binding', 'channel_binding=require', false, /by SCRAM without TLS/],
    ['cleartext', 'channel_binding=require', false, /in clear text/],
    ['cleartext', 'require_auth=scram-sha-256', false, /in clear text.*require_auth/],
    ['cleartext', `${encrypted}&require_auth=scram-sha-256,md5`, true, /in clear text/],
    ['md5', 'require_auth=!md5,!password', false, /by MD5.*require_auth/],
    ['trust', 'require_auth=scram-sha-256', false, /no password.*require_auth/],
    ['scram, then cleartext', 'sslmode=require&require_auth=scram-sha-256', true, /clear text/],
    ['scram, then in', 'sslmode=require&require_auth=scram-sha-256', true, /no password/],
    ['scram', 'require_auth=none', false, /by SCRAM.*require_auth/],
  ])('%s with %s sees nothing of the password', async (demand, query, tls, reason) => {
    const { code, message, received } = await connect(demand, query, tls)
    expect(code).toBe('CONNECTION_FAILED')
    expect(message).toMatch(reason)
    for (const trace of traces) expect(received.includes(trace)).toBe(false)
    if (!demand.startsWith('scram, then')) expect(received).toEqual(Buffer.alloc(0))
  })

  test('gets it in clear text where nothing forbids that, or this test would see nothing', async () => {
    const { received } = await connect('cleartext', encrypted, true)
    expect(received.includes(password)).toBe(true)
  })

  test('is asked for channel binding by default where there is TLS', async () => {
    const { received } = await connect('scram with channel binding', encrypted, true)
    expect(received.toString('latin1')).toMatch(/SCRAM-SHA-256-PLUS.*p=tls-server-end-point/s)
    const without = await connect(
      'scram with channel binding',
      `${encrypted}&channel_binding=disable`,
      true,
    )
    expect(without.received.toString('latin1')).toMatch(/SCRAM-SHA-256\0.*n,,n=/s)
  })
})
