import { describe, expect, test } from 'vitest'
import { splitSqlite, sqliteNeedsOwnTransaction } from '../src/index.ts'
import { texts } from './support/script.ts'

test.each<[name: string, script: string, statements: readonly string[]]>([
  ['nothing', ' -- a;\n;; /* b */ \ufeff', []],
  ['a byte order mark and CRLF', '\ufeffselect 1;\r\nselect 2\r\n', ['select 1', 'select 2']],
  ['strings', "select 'a;''b\\'; c", ["select 'a;''b\\'", 'c']],
  [
    'all quotes for names',
    'select "a;""", [b;"], `c;```; d',
    ['select "a;""", [b;"], `c;```', 'd'],
  ],
  ['comments do not nest', 'select /* /* ; */ 1; b', ['select /* /* ; */ 1', 'b']],
  ['an open comment at the end', 'select 1 /* ; ', ['select 1']],
  ['a lone CR does not end a comment', 'select 1 -- ;\r;\n; b', ['select 1', 'b']],
  ['two dashes without a space', 'select 1--1;\n; b', ['select 1', 'b']],
  ['transactions', 'begin; select 1; end; b', ['begin', 'select 1', 'end', 'b']],
  [
    'a trigger',
    'create trigger t after insert on a begin select case when 1 then 2 end; update b set c = 1; end; b',
    [
      'create trigger t after insert on a begin select case when 1 then 2 end; update b set c = 1; end',
      'b',
    ],
  ],
  [
    'a temporary trigger',
    'Create Temporary /* ; */ Trigger t after insert on a begin select 1; End ; b',
    ['Create Temporary /* ; */ Trigger t after insert on a begin select 1; End', 'b'],
  ],
  [
    'an explained trigger',
    'explain query plan create temp trigger t after insert on a begin select 1; end; b',
    ['explain query plan create temp trigger t after insert on a begin select 1; end', 'b'],
  ],
  ['a table named trigger', 'create table trigger (a); b', ['create table trigger (a)', 'b']],
  [
    'two triggers',
    'create trigger a after insert on t begin select 1; end; create trigger b after insert on t begin select 1; end;',
    [
      'create trigger a after insert on t begin select 1; end',
      'create trigger b after insert on t begin select 1; end',
    ],
  ],
])('splits %s', (_name, script, statements) => {
  const parsed = splitSqlite(script)
  expect(parsed.problem).toBeUndefined()
  expect(texts(parsed)).toEqual(statements)
})

test.each([
  ['an open string', "select 1; select 'a", '1:18 This string is never closed.'],
  ['an open name', 'select 1; select "a', '1:18 This quoted name is never closed.'],
  ['an open name in brackets', 'select 1; select [a', '1:18 This quoted name is never closed.'],
  [
    'a command of the shell',
    'select 1;\n.mode csv\n',
    '2:1 .mode is a command of the sqlite3 shell, not SQL.',
  ],
])('reports %s', (_name, script, expected) => {
  const { problem, statements } = splitSqlite(script)
  expect(`${problem?.line}:${problem?.column} ${problem?.message}`).toBe(expected)
  expect(texts({ statements })).toEqual(['select 1'])
})

describe('sqliteNeedsOwnTransaction', () => {
  test.each([
    ['pragma foreign_keys = off'],
    ['begin; select 1; commit'],
    ['savepoint a; release a'],
    ["attach 'a' as b"],
    ['vacuum'],
    ['insert or rollback into a values (1)'],
    ["create trigger t before insert on a begin select raise(rollback, 'no'); end"],
    ['create table a (b unique on conflict rollback)'],
    ['create temp table a (b)'],
    ['drop table temp.a'],
    ['select * from sqlite_temp_schema'],
  ])('%s: yes', (script) => {
    expect(sqliteNeedsOwnTransaction(splitSqlite(`select 1; ${script}`))).toBe(true)
  })
  test.each([
    ['create table a (temperature int); insert into a values (1)'],
    ['insert or replace into a values (1)'],
    [''],
  ])('%s: no', (script) => {
    expect(sqliteNeedsOwnTransaction(splitSqlite(script))).toBe(false)
  })
})
