import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { migrateTool, openWorkplace } from '../side-by-side/workplace.ts'

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
