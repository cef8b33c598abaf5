import { memoryDriver } from '@mig/core/driver'
import { expect, test } from 'vitest'
import * as testkit from '../src/index.ts'
import { memorySql } from './memory-sql.ts'

test('the suite counts the tests of all groups, and those it asks of a driver', async () => {
  const driver = await memoryDriver().open({ ledger: true })
  const cases = testkit.driverTestGroups.flatMap((group) => group.cases)
  const asked = testkit.suiteSize({ driver, sql: memorySql })
  expect(testkit.suiteSize()).toBe(cases.length)
  expect(asked).toBeGreaterThan(cases.length / 2)
  expect(asked).toBeLessThan(cases.length)
  const withoutLedger = { capabilities: driver.capabilities }
  expect(testkit.suiteSize({ driver: withoutLedger, sql: memorySql })).toBeLessThan(asked)
  await driver.close()
})

test('no two tests of a group have one name', () => {
  for (const { title, cases } of testkit.driverTestGroups) {
    const names = cases.map(({ name }) => name)
    expect(new Set(names).size, title).toBe(names.length)
  }
})

test('the package exports what its readme names', () => {
  expect(Object.keys(testkit).toSorted()).toEqual([
    'driverTestGroups',
    'suiteSize',
    'testCancellation',
    'testDriver',
    'testDrop',
    'testEngine',
    'testErrors',
    'testJoinedSteps',
    'testLedger',
    'testLifecycle',
    'testLock',
    'testRun',
    'testSource',
    'testTransactions',
    'testVersionState',
  ])
})
