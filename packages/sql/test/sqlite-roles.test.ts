import { expect, test } from 'vitest'
import { splitSqlite } from '../src/index.ts'
import { kindOf } from './support/script.ts'

const cannot = (command: string): string =>
  `outside: ${command}: ${command} cannot run inside a transaction`
const journal = 'PRAGMA journal_mode cannot change the journal inside a transaction'

test.each<[script: string, kind: string]>([
  ['select 1', 'plain: SELECT'],
  ['create virtual table a using fts5(b)', 'plain: CREATE VIRTUAL TABLE'],
  ['create temp view a as select 1', 'plain: CREATE VIEW'],
  ['alter table a rename to b', 'plain: ALTER TABLE'],
  ['vacuum', cannot('VACUUM')],
  ["attach 'a' as b", cannot('ATTACH')],
  ['detach database b', cannot('DETACH')],
  ['pragma journal_mode = wal', `outside: PRAGMA journal_mode: ${journal}`],
  ['PRAGMA main.Journal_Mode(wal)', `outside: PRAGMA journal_mode: ${journal}`],
  ['PRAGMA Foreign_Keys=OFF', 'session: PRAGMA foreign_keys'],
  ['pragma "temp"."user_version"', 'session: PRAGMA user_version'],
  ['begin', 'begin: BEGIN'],
  ['begin immediate transaction', 'begin: BEGIN'],
  ['commit transaction', 'commit: COMMIT'],
  ['end', 'commit: END'],
  ['rollback', 'rollback: ROLLBACK'],
  ['rollback transaction to savepoint a', 'savepoint: ROLLBACK TO'],
  ['savepoint a', 'savepoint: SAVEPOINT'],
  ['release a', 'savepoint: RELEASE'],
])('%s', (script, kind) => {
  expect(kindOf(splitSqlite(script))).toEqual([kind])
})
