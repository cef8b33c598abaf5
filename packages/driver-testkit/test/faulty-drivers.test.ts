import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { once } from 'node:events'
import { beforeAll, describe, expect, test } from 'vitest'
import { driverTestGroups } from '../src/index.ts'
import { faults } from './faults.ts'

interface Assertion {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly failureMessages: readonly string[]
}

let assertions: readonly Assertion[] = []

/** Runs the suite against all faulty drivers in a vitest of its own, because there it is meant to fail. */
const runFixture = async (): Promise<readonly Assertion[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'mig-faulty-'))
  try {
    const vitest = join(
      dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
      'vitest.mjs',
    )
    const outputFile = join(folder, 'report.json')
    const config = join(import.meta.dirname, 'fixtures', 'vitest.config.ts')
    const child = spawn(
      process.execPath,
      [vitest, 'run', '--config', config, '--reporter=json', `--outputFile=${outputFile}`],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: import.meta.dirname },
    )
    child.stdout.resume()
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    await once(child, 'close')
    const text = await readFile(outputFile, 'utf8').catch(() => expect.fail(errors))
    const report = JSON.parse(text) as {
      readonly testResults: readonly { readonly assertionResults: readonly Assertion[] }[]
    }
    return report.testResults.flatMap(({ assertionResults }) => assertionResults)
  } finally {
    await rm(folder, { recursive: true })
  }
}

beforeAll(async () => {
  assertions = await runFixture()
}, 180_000)

test('every group has a fault of its own', () => {
  const exclusive = faults.filter(({ alsoFails }) => alsoFails === undefined)
  expect([...new Set(exclusive.map(({ group }) => group))].toSorted()).toEqual(
    driverTestGroups.map(({ title }) => title).toSorted(),
  )
})

describe.each(faults)('$group: $name', ({ name, group, alsoFails = [] }) => {
  const failed = (): readonly Assertion[] =>
    assertions.filter(
      ({ ancestorTitles, status }) => ancestorTitles[0] === `driver ${name}` && status === 'failed',
    )

  test('fails its group and no other', () => {
    const groups = new Set(failed().map(({ ancestorTitles }) => ancestorTitles[1]))
    expect(groups).toEqual(new Set([group, ...alsoFails]))
  })

  test('fails by an assertion', () => {
    for (const { ancestorTitles, title, failureMessages } of failed()) {
      if (ancestorTitles[1] !== group) continue
      expect(failureMessages, title).not.toEqual([])
      for (const message of failureMessages) expect(message, title).toMatch(/^AssertionError/)
    }
  })
})
