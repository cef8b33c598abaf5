import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMigrateError } from '@mig/core'
import { startServer, type OwnServer } from '@mig/testing'
import { describeOwnServer } from '@mig/testing/vitest'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fromUrl, postgresDriver } from '../src/index.ts'
import { run } from './admin.ts'
import { waitUntil } from './wait-until.ts'

const fixtures = fileURLToPath(new URL('../../testing/test/fixtures/tls/', import.meta.url))
const read = (name: string): string => readFileSync(join(fixtures, name), 'utf8')

/** Lets the server write a file of its own. */
const give = (url: string, name: string, content: string): Promise<unknown> =>
  run(
    url,
    `COPY (SELECT unnest(string_to_array('${content.trim()}', chr(10))))
     TO PROGRAM 'umask 077; cat > ${name}'`,
  )

describeOwnServer(['postgres', 'postgres-old'], 'TLS', (kind) => {
  let server: OwnServer
  let home: string
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'mig-home-'))
    cpSync(fixtures, join(home, 'tls'), { recursive: true })
    vi.stubEnv('HOME', home)
    server = await startServer(kind)
    await give(server.url, 'mig-test.crt', read('server.crt'))
    await give(server.url, 'mig-test.key', read('server.key'))
    await run(server.url, "ALTER SYSTEM SET ssl_cert_file = 'mig-test.crt'")
    await run(server.url, "ALTER SYSTEM SET ssl_key_file = 'mig-test.key'")
    await run(server.url, 'ALTER SYSTEM SET ssl = on')
    await run(server.url, "ALTER SYSTEM SET ssl_max_protocol_version = 'TLSv1.2'")
    await run(server.url, 'SELECT pg_reload_conf()')
    await waitUntil('the server has TLS', async () => (await outcome(checked())) === 'TLS')
  }, 120_000)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await server.stop()
    rmSync(home, { recursive: true })
  })

  const file = (name: string): string => join(home, 'tls', name)

  /** `TLS` or `plain`, or why there is no connection. */
  const outcome = async (query: string, environment?: Record<string, string>): Promise<string> => {
    const url = `${server.url.replace('127.0.0.1', 'localhost')}?${query}`
    const factory = environment === undefined ? postgresDriver(url) : fromUrl(url, { environment })
    try {
      const driver = await factory.open({ ledger: false })
      await using _closed = { [Symbol.asyncDispose]: () => driver.close() }
      const [row] = await run(
        server.url,
        "SELECT count(*) FILTER (WHERE ssl) AS encrypted FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'mig %'",
      )
      return row?.['encrypted'] === '0' ? 'plain' : 'TLS'
    } catch (error) {
      return isMigrateError(error) ? error.message : String(error)
    }
  }

  const checked = (): string => `sslmode=verify-full&sslrootcert=${file('ca.crt')}`

  test('sslmode has the meaning of libpq', async () => {
    expect(await outcome('')).toBe('TLS')
    expect(await outcome('sslmode=disable')).toBe('plain')
    expect(await outcome(checked())).toBe('TLS')
    expect(await outcome(`sslmode=verify-full&sslrootcert=${file('other-ca.crt')}`)).toMatch(
      /certificate/,
    )
    expect(await outcome('ssl=true')).toMatch(/certificate/)
    expect(await outcome('sslmode=require&sslaccept=strict')).toMatch(/certificate/)
    expect(await outcome('schema=public&sslaccept=accept_invalid_certs&connection_limit=1')).toBe(
      'TLS',
    )
  })

  test('channel binding and SCRAM are what a real server can do', async () => {
    expect(await outcome('sslmode=require&channel_binding=require')).toBe('TLS')
    expect(
      await outcome('sslmode=require&channel_binding=require&require_auth=scram-sha-256'),
    ).toBe('TLS')
    expect(await outcome('sslmode=require&channel_binding=disable')).toBe('TLS')
    expect(await outcome('sslmode=disable&channel_binding=require')).toMatch(/SCRAM without TLS/)
    expect(await outcome('', { PGCHANNELBINDING: 'require', PGSSLMODE: 'disable' })).toMatch(
      /SCRAM without TLS/,
    )
    expect(await outcome('require_auth=md5')).toMatch(/by SCRAM.*require_auth/)
    expect(await outcome('', { PGREQUIREAUTH: '!scram-sha-256' })).toMatch(/by SCRAM.*require_auth/)
  })

  test('a revoked certificate is refused', async () => {
    expect(await outcome(`${checked()}&sslcrl=${file('none-revoked.crl')}`)).toBe('TLS')
    expect(await outcome(`${checked()}&sslcrl=${file('server-revoked.crl')}`)).toMatch(/revoked/)
    expect(await outcome(checked(), { PGSSLCRL: file('server-revoked.crl') })).toMatch(/revoked/)
    const folder = join(home, 'crls')
    mkdirSync(folder)
    cpSync(file('server-revoked.crl'), join(folder, '0123abcd.r0'))
    writeFileSync(join(folder, 'README'), 'not a list')
    expect(await outcome(`${checked()}&sslcrldir=${folder}`)).toMatch(/revoked/)
    expect(await outcome(`sslmode=require&sslcrl=${file('server-revoked.crl')}`)).toMatch(
      /none is checked/,
    )
  })

  test('the versions of TLS have their limits', async () => {
    expect(await outcome('sslmode=require&ssl_min_protocol_version=TLSv1.3')).toMatch(
      /version|alert/i,
    )
    expect(await outcome('sslmode=require', { PGSSLMINPROTOCOLVERSION: 'TLSv1.3' })).toMatch(
      /version|alert/i,
    )
    expect(await outcome('sslmode=require&ssl_max_protocol_version=TLSv1.2')).toBe('TLS')
  })

  test("files of the user's own folder count as they do for libpq", async () => {
    const folder = join(home, '.postgresql')
    mkdirSync(folder)
    try {
      cpSync(file('other-ca.crt'), join(folder, 'root.crt'))
      expect(await outcome('sslmode=require')).toMatch(/certificate/)
      expect(await outcome('sslmode=prefer')).toBe('TLS')
      cpSync(file('ca.crt'), join(folder, 'root.crt'))
      expect(await outcome('sslmode=require')).toBe('TLS')
      cpSync(file('server-revoked.crl'), join(folder, 'root.crl'))
      expect(await outcome('sslmode=require')).toMatch(/revoked/)
      rmSync(join(folder, 'root.crl'))
      cpSync(file('impostor.crt'), join(folder, 'postgresql.crt'))
      expect(await outcome('sslmode=require')).toMatch(/no key for it/)
      cpSync(file('impostor.key'), join(folder, 'postgresql.key'))
      chmodSync(join(folder, 'postgresql.key'), 0o644)
      expect(await outcome('sslmode=require')).toMatch(/Others may read the private key/)
      expect(await outcome('sslmode=require&sslcertmode=disable')).toBe('TLS')
      chmodSync(join(folder, 'postgresql.key'), 0o600)
      expect(await outcome('sslmode=require')).toBe('TLS')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('hostaddr is connected to, and the certificate is checked for the host', async () => {
    const at = (host: string): Promise<string> => {
      const url = new URL(server.url)
      return outcome(`host=${host}&hostaddr=${url.hostname}&${checked()}`)
    }
    expect(await at('db.example')).toBe('TLS')
    expect(await at('other.example')).toMatch(/altnames/)
    expect(await outcome('host=db.example', { PGHOSTADDR: '127.0.0.1' })).toBe('TLS')
  })

  test('target_session_attrs refuses another kind of server', async () => {
    for (const target of ['any', 'read-write', 'primary', 'prefer-standby']) {
      expect(await outcome(`target_session_attrs=${target}`)).toBe('TLS')
    }
    for (const target of ['standby', 'read-only']) {
      expect(await outcome(`target_session_attrs=${target}`)).toMatch(/is a primary, and/)
    }
    const readOnly = 'default_transaction_read_only=on&target_session_attrs='
    expect(await outcome(`${readOnly}read-only`)).toBe('TLS')
    expect(await outcome(`${readOnly}read-write`)).toMatch(/is a read-only primary, and/)
    await waitUntil('no session is left', async () => {
      const sessions = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'mig %'"
      return (await run(server.url, sessions)).length === 0
    })
  })
})
