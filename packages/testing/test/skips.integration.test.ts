import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '@mig/internal-testing'
import { afterAll, describe, expect, test } from 'vitest'

const fixture = join(import.meta.dirname, 'fixtures/needs-mysql')
const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
)

interface Run {
  exitCode: number
  output: string
}

/** Runs the fixture's tests on a machine that seems to have neither a server nor Docker. */
function runFixture(environment: Record<string, string>): Promise<Run> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(MIG_|VITEST)/.test(name))
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [vitest, 'run', '--root', fixture, '--reporter=tree'],
      {
        env: {
          ...Object.fromEntries(kept),
          NO_COLOR: '1',
          MIG_TEST_DOCKER: '0',
          ...environment,
        },
      },
      (_error, stdout, stderr) =>
        resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}

describe('without a server and without Docker', () => {
  const folder = temporaryFolder('report')
  const report = folder.path
  afterAll(() => folder[Symbol.dispose]())

  test('tests are skipped, the reason is printed, the rest runs', async () => {
    const { exitCode, output } = await runFixture({ MIG_TEST_REPORT: report })
    expect(output).toContain(
      'Tests on mysql are skipped: MIG_TEST_MYSQL_URL is not set, ' +
        'no Docker engine is used (MIG_TEST_DOCKER is 0)',
    )
    expect(output).toMatch(/a program on mysql \(MIG_TEST_MYSQL_URL is not set, .*\)/)
    expect(output).toContain('1 passed | 2 skipped')
    expect(exitCode).toBe(0)
  })

  test('MIG_REQUIRE_DATABASES=1 makes them fail with the same reason', async () => {
    const { exitCode, output } = await runFixture({ MIG_REQUIRE_DATABASES: '1' })
    expect(output).toContain('No mysql: MIG_TEST_MYSQL_URL is not set')
    expect(output).toContain('No mariadb: a server that may be killed is needed')
    expect(output).toContain('2 failed | 1 passed')
    expect(exitCode).toBe(1)
  })

  test('the report says what was there and why the rest was not', async () => {
    const rows = JSON.parse(await readFile(join(report, 'databases.json'), 'utf8')) as unknown
    expect(rows).toContainEqual(
      expect.objectContaining({ kind: 'mysql', available: false, reason: expect.any(String) }),
    )
    expect(rows).toContainEqual(
      expect.objectContaining({ kind: 'sqlite', available: true, providedBy: 'file' }),
    )
  })
})
