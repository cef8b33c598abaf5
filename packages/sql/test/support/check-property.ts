import { atDepth, rerunCommand, testSeed, type TestDepth } from '@mig/internal-testing'
import fc from 'fast-check'

/** How many cases are tried at each depth. */
export type Cases = Readonly<Record<TestDepth, number>>

/** Checks a property with the seed of the run. A failure says how to run it again, beside the smallest case. */
export const checkProperty = <Values>(property: fc.IProperty<Values>, cases: Cases): void =>
  fc.assert(property, {
    seed: testSeed(),
    numRuns: atDepth(cases),
    reporter: (details) => {
      if (!details.failed) return
      throw new Error(`${fc.defaultReportMessage(details)}\nRun it again: ${rerunCommand()}`, {
        cause: details.errorInstance,
      })
    },
  })
