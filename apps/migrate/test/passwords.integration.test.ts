import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { migrateTool, openWorkplace } from '@mig/internal-testing'

const secret = 'Geheim99'

describeDatabase('sqlite', 'a password', () => {
  test.each([
    `postgres://user:${secret}@127.0.0.1:1/db`,
    `postgres://user:${secret}/${secret}@127.0.0.1:1/db`,
    `postgres://user:${secret}#${secret}@127.0.0.1:1/db`,
    `postgres://user:${secret}%zz@127.0.0.1:1/db`,
    `postgres://user:%${secret}@127.0.0.1:1/db`,
    `postgres://user:${secret}\t@127.0.0.1:1/db`,
    `postgres://user:[${secret}]@127.0.0.1:1/db`,
    `postgres://user:${secret}@[127.0.0.1:1/db`,
    `postgres://user:${secret}@127.0.0.1:x/db`,
    `pgx5://user:${secret}@127.0.0.1:1/db?sslmode=nope`,
    `pgx://user:${secret}@127.0.0.1:1/db`,
    `mysql://user:${secret}@tcp(127.0.0.1:1)/db`,
    `mysql://user:${secret}%zz@tcp(127.0.0.1:1)/db`,
    `mysql://user:x?%${secret}@tcp(127.0.0.1:1)/db`,
    `pgx5://user:${secret}@127.0.0.1:1/db?service=x`,
    `pgx://user:${secret}@127.0.0.1:99999/db`,
    `mysql://user:${secret}@tcp(127.0.0.1:1/db`,
    `mysql://user:${secret}@127.0.0.1:1`,
    `sqlite://user:${secret}%zz@/db`,
    `nope://user:${secret}@host/db`,
  ])('is not told: %s', async (url) => {
    using workplace = openWorkplace()
    for (const args of [
      ['-path', 'm', '-database', url],
      ['-source', url, '-database', 'stub://'],
      ['-verbose', '-path', 'm', '-database', url],
    ]) {
      const { exitCode, stderr } = await workplace.run(migrateTool, [...args, 'version'])
      expect(exitCode).toBe(1)
      expect(stderr).toMatch(/error: failed to/)
      expect(stderr.toLowerCase()).not.toContain(secret.toLowerCase())
      expect(stderr).not.toContain(`%${secret.slice(0, 2)}`)
    }
  })
})

describeDatabase(['postgres', 'postgres-old'], 'a password file', (kind) => {
  test.each(['postgres', 'pgx5'])('is read for %s, without a word', async (scheme) => {
    await using database = await testDatabase(kind)
    using workplace = openWorkplace()
    const { username, password, port, hostname, pathname } = new URL(database.url)
    const file = join(workplace.folder, 'pass')
    workplace.write({ '1_a.up.sql': 'select 1' })
    writeFileSync(file, `*:*:*:${username}:${decodeURIComponent(password)}\n`)
    chmodSync(file, 0o600)
    const url = `${scheme}://${username}@${hostname}:${port}${pathname}?sslmode=disable`
    const run = (env: Record<string, string>): ReturnType<typeof workplace.run> =>
      workplace.run(migrateTool, ['-path', 'm', '-database', url, 'up'], '', env)
    const found = await run({ PGPASSFILE: file })
    expect(found.stderr).toMatch(/^1\/u a \(.*\)\n$/)
    expect(found.exitCode).toBe(0)
    const missing = await run({})
    expect(missing.stderr).toMatch(/password authentication failed|empty password/)
    expect(missing.stderr).not.toMatch(/Deprecat/)
  })
})
