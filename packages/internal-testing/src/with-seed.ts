import { expect } from 'vitest'
import { testDepth } from './depth.ts'
import { seededRandom, type Random } from './random.ts'
import { testSeed } from './seed.ts'

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** The command that runs the current test again with the same seed, at the same depth. */
export const rerunCommand = (): string => {
  const { testPath = '', currentTestName = '' } = expect.getState()
  const pattern = currentTestName.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const settings = `MIG_TEST_DEPTH=${testDepth()} MIG_TEST_SEED=${testSeed()}`
  return `${settings} npx vitest run ${quote(testPath)} -t ${quote(pattern)}`
}

/**
 * Runs a test that takes random decisions. The numbers depend on the seed of the run alone, so that each test has the
 * same ones whichever ran before. Where it fails, the message also says which seed it was and how to run it again.
 */
export const withSeed = async <Value>(
  action: (random: Random, seed: number) => Value | Promise<Value>,
): Promise<Value> => {
  const seed = testSeed()
  try {
    return await action(seededRandom(seed), seed)
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error))
    failure.message += `\nThe seed was ${seed}. Run it again: ${rerunCommand()}`
    throw failure
  }
}
