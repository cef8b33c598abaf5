import { expect, test } from 'vitest'
import { ledgerName, MysqlLedger } from '../../src/tables/ledger.ts'

test('the name of a ledger is never longer than MySQL allows, and tells long tables apart', () => {
  expect(ledgerName('schema_migrations')).toBe('schema_migrations_history')
  const names = ['a', 'b'].map((end) => ledgerName('t'.repeat(63) + end))
  expect(new Set(names).size).toBe(2)
  for (const name of names) expect(name).toMatch(/^t{47}_[0-9a-f]{8}_history$/)
})

test('a text of versions that the server cut is not taken for the ledger', () => {
  const ledger = new MysqlLedger('db', 'schema_migrations')
  const row = ['20', '0', '20', '0', '0', '4'] as const
  const recorded = { version: 20n, dirty: false }
  expect(ledger.linearOf([...row, '1\n20'])).toEqual({ versions: '1\n20', recorded })
  expect(ledger.linearOf([...row, '1\n2'])).toBeUndefined()
  expect(ledger.linearOf([...row, null])).toBeUndefined()
})
