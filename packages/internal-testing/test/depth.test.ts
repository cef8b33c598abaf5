import { afterEach, describe, expect, test, vi } from 'vitest'
import { atDepth, testDepth } from '../src/depth.ts'
import { drawSeed, testSeed } from '../src/seed.ts'
import { withSeed } from '../src/with-seed.ts'

afterEach(() => vi.unstubAllEnvs())

describe('MIG_TEST_DEPTH', () => {
  test('is quick unless it says otherwise', () => {
    vi.stubEnv('MIG_TEST_DEPTH', undefined)
    expect(testDepth()).toBe('quick')
    vi.stubEnv('MIG_TEST_DEPTH', '')
    expect(testDepth()).toBe('quick')
  })

  test.each(['quick', 'ci', 'full'] as const)('%s decides values', (depth) => {
    vi.stubEnv('MIG_TEST_DEPTH', depth)
    expect(atDepth({ quick: 'of quick', ci: 'of ci', full: 'of full' })).toBe(`of ${depth}`)
  })

  test.each(['Quick', 'fast', '1', 'toString'])('"%s" is an error that names the three', (text) => {
    vi.stubEnv('MIG_TEST_DEPTH', text)
    expect(() => testDepth()).toThrow(`MIG_TEST_DEPTH is "${text}". Use quick, ci, full.`)
  })
})

describe('MIG_TEST_SEED', () => {
  test('is 1 unless it says otherwise, and drawn at depth full', () => {
    vi.stubEnv('MIG_TEST_SEED', undefined)
    vi.stubEnv('MIG_TEST_DEPTH', 'ci')
    drawSeed()
    expect(testSeed()).toBe(1)
    vi.stubEnv('MIG_TEST_DEPTH', 'full')
    drawSeed()
    expect(testSeed()).toBeGreaterThan(1)
  })

  test('is not drawn where it is given', () => {
    vi.stubEnv('MIG_TEST_DEPTH', 'full')
    vi.stubEnv('MIG_TEST_SEED', '7')
    drawSeed()
    expect(testSeed()).toBe(7)
  })

  test.each(['x', '-1', '1.5', '1e3', '2147483648'])('"%s" is an error', (text) => {
    vi.stubEnv('MIG_TEST_SEED', text)
    expect(() => testSeed()).toThrow(`MIG_TEST_SEED is "${text}"`)
  })

  test('gives the same numbers again', async () => {
    vi.stubEnv('MIG_TEST_SEED', '7')
    const numbers = (): Promise<readonly number[]> =>
      withSeed((random) => [random.below(1000), random.below(1000)])
    expect(await numbers()).toEqual(await numbers())
    vi.stubEnv('MIG_TEST_SEED', '8')
    const others = await numbers()
    vi.stubEnv('MIG_TEST_SEED', '7')
    expect(others).not.toEqual(await numbers())
  })

  test("is in a failing test's message (with the command)", async () => {
    vi.stubEnv('MIG_TEST_DEPTH', 'ci')
    vi.stubEnv('MIG_TEST_SEED', '7')
    const failing = withSeed(() => expect(1).toBe(2))
    await expect(failing).rejects.toThrow(
      /^expected 1 to be 2[^]*\nThe seed was 7\. Run it again: MIG_TEST_DEPTH=ci MIG_TEST_SEED=7 npx vitest run '.*depth\.test\.ts' -t 'MIG_TEST_SEED > is in a failing test'\\''s message \\\(with the command\\\)'$/,
    )
  })
})
