import { expect, test } from 'vitest'
import * as driverApi from '../src/driver-api.ts'
import * as api from '../src/index.ts'

test('the names a program can import', () => {
  expect(Object.keys(api).toSorted()).toEqual([
    'MigrateError',
    'Migrator',
    'createMigrator',
    'directorySource',
    'errorCatalog',
    'formatMigrationFilename',
    'formatState',
    'formatVersion',
    'isMigrateError',
    'maxVersion',
    'memoryDatabase',
    'memoryDriver',
    'memorySource',
    'parseMigrationFilename',
    'provenRemedy',
    'remedyText',
  ])
})

test('the names a driver can import', () => {
  expect(Object.keys(driverApi).toSorted()).toEqual([
    'AnswerLimitError',
    'MigrateError',
    'connectionParameters',
    'defineCapabilities',
    'emptyState',
    'formatState',
    'formatVersion',
    'isMigrateError',
    'ledgerFormat',
    'lockKey',
    'longestAnswerBytes',
    'longestServerMessageBytes',
    'maxVersion',
    'memoryDatabase',
    'memoryDriver',
    'movingKinds',
    'offsetOfCharacter',
    'ownStatementLimitMs',
    'parameterRows',
    'parseSummaryEvents',
    'positionOf',
    'refuseVariables',
    'sameState',
    'statementEntry',
    'statementError',
    'textOf',
    'unknownParameterNote',
    'versionFromRow',
    'versionToRow',
  ])
})
