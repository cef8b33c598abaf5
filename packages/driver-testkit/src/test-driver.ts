import { describe } from 'vitest'
import { testCancellation } from './groups/cancellation.ts'
import { testDrop } from './groups/drop.ts'
import { testEngine } from './groups/engine.ts'
import { testErrors } from './groups/errors.ts'
import { testJoinedSteps } from './groups/joined-steps.ts'
import { testLedger } from './groups/ledger.ts'
import { testLifecycle } from './groups/lifecycle.ts'
import { testLock } from './groups/lock.ts'
import { testRun } from './groups/run.ts'
import { testTransactions } from './groups/transactions.ts'
import { testVersionState } from './groups/version-state.ts'
import type { DriverTestOptions } from './options.ts'
import type { DriverTestGroup, DriverTestSubject } from './test-group.ts'

/** All groups, in the order in which {@link testDriver} runs them. */
export const driverTestGroups: readonly DriverTestGroup[] = [
  testLifecycle,
  testVersionState,
  testLock,
  testRun,
  testTransactions,
  testJoinedSteps,
  testLedger,
  testDrop,
  testErrors,
  testCancellation,
  testEngine,
]

/**
 * Registers the whole suite with vitest: what a driver must do so that the engine, the command line and other tools can
 * rely on it. Each test starts with an empty database and drivers of its own, so that their order does not matter. What
 * a driver cannot do by its `capabilities` is skipped, and the skip prints its reason.
 */
export const testDriver = (options: DriverTestOptions): void => {
  describe(`driver ${options.name}`, () => {
    for (const testGroup of driverTestGroups) testGroup(options)
  })
}

/** How many tests the suite has; with a subject, how many of them it asks of that driver. */
export const suiteSize = (subject?: DriverTestSubject): number =>
  driverTestGroups
    .flatMap(({ cases }) => cases)
    .filter(({ skip }) => subject === undefined || skip?.(subject) === undefined).length
