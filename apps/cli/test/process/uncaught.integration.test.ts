import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { project } from '../support/project.ts'
import { cliFolder } from '../support/run-mig.ts'
import { spawnMig } from '../support/spawn-mig.ts'

const secret = 'S3cr3tPassword'

/** A server that greets every client of PostgreSQL with one message, and keeps the connection open. */
const serverSaying = async (
  message: Buffer,
): Promise<AsyncDisposable & { readonly port: number }> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(message))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

const authentication = (kind: number): Buffer => {
  const message = Buffer.alloc(9)
  message.write('R')
  message.writeInt32BE(8, 1)
  message.writeInt32BE(kind, 5)
  return message
}

const stackLine = /^\s+at .*[:(]/m

describe('an error that nobody caught', () => {
  test.each(['throw', 'reject'])('is one error page, and one JSON object: %s', async (way) => {
    const app = project()
    const url = `${app.url.replace('me@', `me:${secret}@`)}?fail=${way}`
    const page = await spawnMig(['up', '-d', url], { cwd: app.folder })
    expect(page.code).toBe(1)
    expect(page.stdout).toBe('')
    expect(page.stderr).toMatch(/^Error: \S/)
    expect(page.stderr).toContain('next')
    expect(page.stderr).not.toMatch(stackLine)
    expect(page.stderr).not.toContain(secret)

    for (const [argv, env] of [
      [['--json'], {}],
      [[], { MIG_JSON: '1' }],
    ] as const) {
      const run = await spawnMig(['up', '-d', url, ...argv], { cwd: app.folder, env })
      expect(run.code).toBe(1)
      expect(JSON.parse(run.stdout)).toMatchObject({
        ok: false,
        command: 'up',
        error: { code: 'INTERNAL_ERROR', exitCode: 1 },
      })
      expect(run.stdout + run.stderr).not.toContain(secret)
    }

    const verbose = await spawnMig(['up', '--verbose', '-d', url], { cwd: app.folder })
    expect(verbose.stderr).toMatch(stackLine)
    expect(verbose.stderr).not.toContain(secret)
  })

  // 7 is what a server asks for whose pg_hba.conf says `gss`.
  test.each([2, 6, 7, 9, 99])('a server that asks for authentication %i', async (kind) => {
    await using server = await serverSaying(authentication(kind))
    const app = project()
    const url = `postgres://me:${secret}@127.0.0.1:${server.port}/db?sslmode=disable`
    const page = await spawnMig(['status', '-d', url], { cwd: app.folder })
    expect(page.code).toBe(1)
    expect(page.stderr).toMatch(/^Error: \S/)
    expect(page.stderr).not.toMatch(stackLine)
    const json = await spawnMig(['status', '--json', '-d', url], { cwd: app.folder })
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, command: 'status' })

    const dropIn = await new Promise<{ readonly code: unknown; readonly stderr: string }>(
      (done) => {
        execFile(
          process.execPath,
          [
            join(cliFolder, '../migrate/bin/migrate.js'),
            '-path',
            'migrations',
            '-database',
            url,
            'version',
          ],
          { cwd: app.folder },
          (error, _, stderr) => done({ code: error?.code, stderr }),
        )
      },
    )
    expect(dropIn.code).toBe(1)
    expect(dropIn.stderr).toMatch(/^error: \S.*\n$/)
    expect(dropIn.stderr).not.toContain(secret)
  })
})

test('an error of fifty megabytes is cut, and costs little memory', async () => {
  const app = project()
  const url = `${app.url}?fail=long`
  const node = ['--max-old-space-size=180']
  const page = await spawnMig(['up', '-d', url], { cwd: app.folder, node })
  expect(page.code).toBe(1)
  expect(page.stderr.length).toBeLessThan(10_000)
  expect(page.stderr).toMatch(/… \(\d+ more characters\)/)
  const json = await spawnMig(['up', '--json', '-d', url], { cwd: app.folder, node })
  expect(json.stdout.length).toBeLessThan(200_000)
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'DATABASE_FAILED' } })
})
