/** How thorough a test run is. */
export type TestDepth = 'quick' | 'ci' | 'full'

const depths: readonly TestDepth[] = ['quick', 'ci', 'full']

/** The depth that `MIG_TEST_DEPTH` names; `quick` without it. Throws for any other value. */
export const testDepth = (): TestDepth => {
  const text = process.env['MIG_TEST_DEPTH'] || 'quick'
  const depth = depths.find((name) => name === text)
  if (depth === undefined) {
    throw new Error(`MIG_TEST_DEPTH is "${text}". Use ${depths.join(', ')}.`)
  }
  return depth
}

/**
 * The value for the depth of this run, such as how often to repeat something. Every kind of test runs at every depth, if
 * only once.
 */
export const atDepth = <Value>(values: Readonly<Record<TestDepth, Value>>): Value =>
  values[testDepth()]
