/** How much a generated test tries: `quick` by default, `ci`, or `full`. */
const depth = process.env['MIG_TEST_DEPTH'] ?? 'quick'

/** How many runs a generated test makes. */
export const runsAtDepth = (runs: {
  readonly quick: number
  readonly ci: number
  readonly full: number
}): number => runs[depth === 'full' || depth === 'ci' ? depth : 'quick']
