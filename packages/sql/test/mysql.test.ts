import { describe, expect, test } from 'vitest'
import { splitMysql, type MysqlSplitOptions } from '../src/index.ts'
import { texts } from './support/script.ts'

const cases: readonly [
  name: string,
  script: string,
  statements: readonly string[],
  options?: MysqlSplitOptions,
][] = [
  ['nothing', ' # a;\n-- b;\n/* c; */ ;; ', []],
  ['a byte order mark and CRLF', '\ufeffselect 1;\r\nselect 2\r\n', ['select 1', 'select 2']],
  ['backslash escapes', `select 'a\\'; b', "c\\"; d"; e`, [`select 'a\\'; b', "c\\"; d"`, 'e']],
  [
    'no backslash escapes',
    "select 'a\\'; b",
    ["select 'a\\'", 'b'],
    { sqlMode: 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES' },
  ],
  [
    'double quotes that quote names',
    'select "a\\"; b',
    ['select "a\\"', 'b'],
    { sqlMode: 'ANSI_QUOTES' },
  ],
  ['backticks', 'select `a\\`; select `b;``c`', ['select `a\\`', 'select `b;``c`']],
  ['doubled quotes', `select 'a'';b', "c"";d"; e`, [`select 'a'';b', "c"";d"`, 'e']],
  [
    'two dashes without a space',
    'select 1--1; select 2 -- ;\n, 3',
    ['select 1--1', 'select 2 -- ;\n, 3'],
  ],
  ['two dashes at the end', 'select 1; --', ['select 1']],
  ['a tab after two dashes', 'select 1 --\t;\n; b', ['select 1', 'b']],
  ['a lone CR does not end a comment', 'select 1 # ;\r;\n; b', ['select 1', 'b']],
  ['comments do not nest', 'select /* /* ; */ 1; b', ['select /* /* ; */ 1', 'b']],
  ['optimizer hints', 'select /*+ BKA(t1;) */ 1; /*+ x; */ b', ['select /*+ BKA(t1;) */ 1', 'b']],
  [
    'executable comments',
    "/*!40101 SET NAMES utf8 */;\n/*! select ';*/' */; b",
    ['/*!40101 SET NAMES utf8 */', "/*! select ';*/' */", 'b'],
  ],
  [
    'an executable comment within',
    'create table t (a int) /*!50100 partition by hash (a) */; b',
    ['create table t (a int) /*!50100 partition by hash (a) */', 'b'],
  ],
  [
    'a comment in an executable comment',
    '/*!50001 select /* ; */ 1 */; b',
    ['/*!50001 select /* ; */ 1 */', 'b'],
  ],
  [
    'an executable comment for a later server',
    "/*!99999 it's /* ; */ */; b",
    ['b'],
    { serverVersion: 90700 },
  ],
  [
    'one for this server',
    '/*!090700 select 1 */; b',
    ['/*!090700 select 1 */', 'b'],
    { serverVersion: 90700 },
  ],
  [
    'MariaDB skips comments for MySQL 5.7 and later',
    "/*!50701 it's */; /*!50601 a */; /*!100100 b */",
    ['/*!50601 a */', '/*!100100 b */'],
    { flavor: 'mariadb' },
  ],
  [
    'comments for MariaDB',
    "/*M!100100 select ';' */; b",
    ["/*M!100100 select ';' */", 'b'],
    { flavor: 'mariadb', serverVersion: 101109 },
  ],
  ['comments for MariaDB on MySQL', "/*M!100100 it's */; b", ['b']],
  ['BEGIN … COMMIT', 'begin; select 1; commit', ['begin', 'select 1', 'commit']],
  [
    'JavaScript',
    'create function f() returns int language javascript as $js$ let a = ";\'"; $js$; b',
    ['create function f() returns int language javascript as $js$ let a = ";\'"; $js$', 'b'],
  ],
  ['dollars in a name', 'select a as $b; c', ['select a as $b', 'c']],
  [
    'a table named event',
    'create table event (a int); alter table event add b int; c',
    ['create table event (a int)', 'alter table event add b int', 'c'],
  ],
  [
    'ALTER EVENT',
    'alter event e do begin a; end; alter event e disable; b',
    ['alter event e do begin a; end', 'alter event e disable', 'b'],
  ],
  [
    'a loadable function',
    "create aggregate function f returns int soname 'a.so'; b",
    ["create aggregate function f returns int soname 'a.so'", 'b'],
  ],
]

test.each(cases)('splits %s', (_name, script, statements, options) => {
  const parsed = splitMysql(script, options)
  expect(parsed.problem).toBeUndefined()
  expect(texts(parsed)).toEqual(statements)
})

describe('problems', () => {
  test.each([
    ['an open string', "select 1; select 'a\\'", '1:18 This string is never closed.'],
    ['an open string in double quotes', 'select 1;\nselect "a', '2:8 This string is never closed.'],
    ['an open name', 'select 1; select `a', '1:18 This quoted name is never closed.'],
    ['an open comment', 'select 1; /* a', '1:11 This comment is never closed.'],
    [
      'an open executable comment',
      'select 1; /*!50000 select 2',
      '1:11 This comment is never closed.',
    ],
    [
      'DELIMITER alone',
      'select 1;\nDELIMITER \nselect 2',
      '2:1 DELIMITER has no delimiter after it.',
    ],
  ])('%s', (_name, script, expected) => {
    const { problem, statements } = splitMysql(script)
    expect(`${problem?.line}:${problem?.column} ${problem?.message}`).toBe(expected)
    expect(problem?.hint).toMatch(/\.$/)
    expect(texts({ statements })).toEqual(['select 1'])
  })
})
