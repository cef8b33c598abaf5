import { expect, test } from 'vitest'
import { transactionControl } from '../src/transaction-control.ts'

test.each([
  ['BEGIN', 'begin'],
  ['BEGIN ISOLATION LEVEL READ COMMITTED', 'begin'],
  ['BEGIN READ ONLY', 'begin-read-only'],
  ['BEGIN READ ONLY , ISOLATION LEVEL READ COMMITTED', 'begin-read-only'],
  ['BEGIN READ ONLY , READ WRITE', 'begin'],
  ['BEGIN READ WRITE , READ ONLY', 'begin-read-only'],
  ['START TRANSACTION', 'begin'],
  ['START REPLICA', undefined],
  ['COMMIT', 'commit'],
  ['COMMIT AND CHAIN', 'commit-and-chain'],
  ['COMMIT AND NO CHAIN', 'commit'],
  ['END', 'commit'],
  ['ABORT AND CHAIN', 'rollback'],
  ['ROLLBACK', 'rollback'],
  ['ROLLBACK TO A', 'savepoint'],
  ['SAVEPOINT A', 'savepoint'],
  ['RELEASE A', 'savepoint'],
  ['SELECT 1', undefined],
])('%s: %s', (tokens, role) => {
  expect(transactionControl(tokens.split(' '))?.role).toBe(role)
})
