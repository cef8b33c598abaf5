import { setFlagsFromString } from 'node:v8'

const manySteps = 2000

/**
 * Prepares for a run of many steps: it makes much garbage and keeps little, and left to itself the engine would let the
 * garbage grow to ten times of what is kept before it takes the time to clear it. It costs a shorter run more than it
 * gives.
 */
export const prepareForSteps = (steps: number): void => {
  if (steps < manySteps) return
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
}
