import type { Driver } from '@mig/core/driver'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { DriverTestKit } from './driver-test-kit.ts'
import type { DriverTestOptions, DriverTestSql } from './options.ts'

/** What decides whether a test is asked of a driver: its capabilities, and what its language has. */
export interface DriverTestSubject {
  readonly driver: Pick<Driver, 'capabilities' | 'readLedger'>
  readonly sql: DriverTestSql
}

/** One test of a group. */
export interface DriverTestCase {
  readonly name: string
  /** Why a driver is not asked, or nothing. */
  readonly skip?: (subject: DriverTestSubject) => string | undefined
  readonly run: (kit: DriverTestKit) => Promise<void>
}

/** A group of tests. Called, it registers them with vitest. */
export interface DriverTestGroup {
  (options: DriverTestOptions): void
  readonly title: string
  readonly cases: readonly DriverTestCase[]
}

const timeoutMs = 60_000

/** Makes a group of its tests. */
export const defineGroup = (title: string, cases: readonly DriverTestCase[]): DriverTestGroup =>
  Object.assign(
    (options: DriverTestOptions): void => {
      describe(title, () => {
        registerCases(options, cases)
      })
    },
    { title, cases },
  )

const registerCases = (options: DriverTestOptions, cases: readonly DriverTestCase[]): void => {
  const kit = new DriverTestKit(options)
  beforeEach(() => options.reset(), timeoutMs)
  afterEach(() => kit.close(), timeoutMs)
  for (const { name, skip, run } of cases) {
    test(name, { timeout: timeoutMs }, async (context) => {
      if (skip !== undefined) {
        const driver = await kit.open()
        const reason = skip({ driver, sql: options.sql })
        await kit.close()
        if (reason !== undefined) context.skip(reason)
      }
      await run(kit)
    })
  }
}
