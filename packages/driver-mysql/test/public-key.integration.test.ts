import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMigrateError } from '@mig/core/driver'
import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mysqlDriver } from '../src/index.ts'
import { fakeServer } from './fake-server.ts'

const password = 'S3cr3tPw'

/** An address of this machine that does not look like one, as a server elsewhere does not. */
const elsewhere = '127.1'

const open = async (url: string): Promise<string> => {
  try {
    const driver = await mysqlDriver(url).open({ ledger: false })
    await driver.close()
    return 'open'
  } catch (error) {
    return isMigrateError(error) ? `${error.code} ${error.message}` : String(error)
  }
}

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'mig-key-'))))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a server in the middle that hands out a key of its own', () => {
  test.each(['caching_sha2_password', 'sha256_password'] as const)(
    'gets nothing by %s from a client elsewhere',
    async (plugin) => {
      const server = await fakeServer(plugin)
      const url = (host: string, query = ''): string =>
        `mysql://app:${password}@${host}:${server.port}/d?timeout=5s${query}`
      const keyFile = join(folder, 'other.pem')
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      writeFileSync(keyFile, publicKey.export({ type: 'spki', format: 'pem' }))
      try {
        expect(await open(url(elsewhere))).toMatch(/^CONNECTION_FAILED .*RSA key of its own/)
        expect(await open(url(elsewhere, '&tls=preferred'))).toMatch(/RSA key of its own/)
        expect(server.stolen()).toBeUndefined()
        // Encrypted with a key that is not the server's, the password is of no use to it.
        expect(await open(url(elsewhere, `&server-public-key-path=${keyFile}`))).not.toBe('open')
        expect(server.stolen()).not.toBe(password)
        expect(await open(url(elsewhere, '&allowPublicKeyRetrieval=true'))).not.toBe('open')
        expect(server.stolen()).toBe(password)
      } finally {
        await server.close()
      }
    },
  )
})

describeDatabase('mysql', 'the RSA key', (kind) => {
  let database: TestDatabase
  let user: string
  const admin = async (sql: string): Promise<RowDataPacket[]> => {
    const connection = await createConnection({ uri: database.url, multipleStatements: true })
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    await connection.end()
    return rows
  }
  beforeEach(async () => {
    database = await testDatabase(kind)
    user = `${database.name.slice(-20)}_rsa`
    await admin(
      `CREATE USER '${user}'@'%' IDENTIFIED WITH caching_sha2_password BY '${password}';
       GRANT ALL ON \`${database.name}\`.* TO '${user}'@'%'`,
    )
  })
  afterEach(async () => {
    await admin(`DROP USER '${user}'@'%'`)
    await database.drop()
  })

  const url = (host: string, query = ''): string => {
    const { port } = new URL(database.url)
    return `mysql://${user}:${password}@${host}:${port}/${database.name}${query}`
  }

  test('is taken from a server on this machine', async () => {
    expect(await open(url('127.0.0.1'))).toBe('open')
  })

  test('is refused from a server elsewhere, which TLS makes unnecessary', async () => {
    expect(await open(url(elsewhere))).toMatch(/RSA key of its own/)
    expect(await open(url(elsewhere, '?tls=skip-verify'))).toBe('open')
    // Now the server knows the password's hash, and needs the password itself no more.
    expect(await open(url(elsewhere))).toBe('open')
  })

  test('is taken where it was given, or allowed', async () => {
    const [row] = await admin("SHOW STATUS LIKE 'Caching_sha2_password_rsa_public_key'")
    const keyFile = join(folder, 'server.pem')
    writeFileSync(keyFile, String(row?.['Value']))
    expect(await open(url(elsewhere, `?serverPubKey=${keyFile}`))).toBe('open')
    await admin(`ALTER USER '${user}'@'%' IDENTIFIED BY '${password}'`)
    expect(await open(url(elsewhere, '?allowPublicKeyRetrieval=true'))).toBe('open')
    writeFileSync(keyFile, 'no key')
    expect(await open(url(elsewhere, `?serverPubKey=${keyFile}`))).toMatch(
      /INVALID_OPTION .*no public key/,
    )
  })

  test('an authority means that the certificate is checked', async () => {
    const authority = fileURLToPath(
      new URL('../../testing/test/fixtures/tls/other-ca.crt', import.meta.url),
    )
    for (const query of [
      `?x-tls-ca=${authority}`,
      `?ssl_ca=${authority}`,
      '?ssl=true',
      '?ssl={"rejectUnauthorized":true}',
      '?sslaccept=strict',
      '?TLS=true',
    ]) {
      expect(await open(url('127.0.0.1', query))).toMatch(/certificate/)
    }
    for (const query of [
      '?useSSL=true&requireSSL=true',
      '?ssl-mode=REQUIRED',
      '?tls-version=TLSv1.2&tls=skip-verify',
    ]) {
      expect(await open(url('127.0.0.1', query))).toBe('open')
    }
  })
})
