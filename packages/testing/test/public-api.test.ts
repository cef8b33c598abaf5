import { expect, test } from 'vitest'
import * as testing from '@mig/testing'
import * as vitest from '@mig/testing/vitest'
import * as setup from '@mig/testing/vitest-setup'

test('exports these names', () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    'TestDatabaseError',
    'databaseAvailability',
    'databaseKinds',
    'sharedServer',
    'startServer',
    'stopServers',
    'testDatabase',
  ])
  expect(Object.keys(vitest).toSorted()).toEqual(['describeDatabase', 'describeOwnServer'])
  expect(Object.keys(setup)).toEqual(['setup'])
})
