import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** Ways to make a start quicker that Node does not support, or that run code nobody checked. */
const unofficial = ['Module._extensions', 'cachedData', 'setFlagsFromString', '_load =', '--no-opt']

test('nothing in the repository goes around Node', () => {
  const search = (patterns: readonly string[], ...paths: string[]): string => {
    const args = patterns.flatMap((pattern) => ['-e', pattern])
    const found = spawnSync('git', ['grep', '-nIF', ...args, '--', ...paths], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(found.stderr).toBe('')
    return found.stdout
  }
  expect(search(unofficial, ':!apps/cli/test/unit/official-mechanisms.test.ts')).toBe('')
  expect(
    search(['enableCompileCache('], 'packages', 'apps')
      .split('\n')
      .filter((line) => !line.includes('/test/')),
  ).toHaveLength(2)
})
