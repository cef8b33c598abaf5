import { atDepth, withSeed } from '@mig/internal-testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { compareKind, comparedKinds, describeComparison } from './compare-kind.ts'
import { findReference } from '@mig/internal-testing'

const reference = findReference()
const required = process.env['MIG_REQUIRE_DATABASES'] === '1'
const steps = atDepth({ quick: 100, ci: 500, full: 5000 })
/** How often every command and option occurs. In a short run they vary more. */
const leastOften = steps < 5000 ? Math.floor(steps / 200) : 50
const leastScripts = steps < 200 ? 0.15 : steps < 1000 ? 0.25 : 0.3

describeDatabase(comparedKinds, 'migrate beside golang-migrate', (kind) => {
  const title = `${steps} random steps`
  if (reference.path === undefined) {
    // eslint-disable-next-line vitest/no-disabled-tests -- there is nothing to compare with
    test.skipIf(!required)(`${title} (${reference.reason})`, () => {
      throw new Error(reference.reason)
    })
    return
  }
  const { path } = reference

  test(title, { timeout: 60_000 + steps * 3_000 }, async () => {
    await withSeed(async (_, firstSeed) => {
      const comparison = await compareKind(kind, {
        reference: path,
        steps,
        firstSeed,
        mostDifferences: 3,
        progress: (text) => console.log(text),
      })
      console.log(describeComparison(kind, comparison))
      const { differences, ranScript, failed, counts } = comparison
      expect(differences).toEqual([])
      expect(ranScript).toBeGreaterThanOrEqual(leastScripts)
      expect(failed).toBeGreaterThanOrEqual(0.1)
      expect(Object.entries(counts).filter(([, count]) => count < leastOften)).toEqual([])
    })
  })
})
