import { testDepth } from './depth.ts'

const seedLimit = 2 ** 31

/**
 * The seed for everything random in this run: `MIG_TEST_SEED`, a whole number from 0 to 2^31 - 1. Without it the seed is
 * 1, and at depth `full` a new one for each run, which the set-up of the run draws and prints.
 */
export const testSeed = (): number => {
  const text = process.env['MIG_TEST_SEED'] || '1'
  const seed = Number(text)
  if (!/^\d+$/.test(text) || seed >= seedLimit) {
    throw new Error(`MIG_TEST_SEED is "${text}". Use a whole number from 0 to ${seedLimit - 1}.`)
  }
  return seed
}

/** Draws the seed of a run at depth `full`, where none is given. */
export const drawSeed = (): void => {
  if (testDepth() === 'full') process.env['MIG_TEST_SEED'] ||= String(Date.now() % seedLimit)
}
