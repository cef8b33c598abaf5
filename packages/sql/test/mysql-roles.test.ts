import { expect, test } from 'vitest'
import { splitMysql } from '../src/index.ts'
import { kindOf } from './support/script.ts'

const commits = (command: string): string =>
  `outside: ${command}: ${command} commits by itself on MySQL`
const unsure = (command: string): string =>
  `outside: ${command}: ${command} may do what a rollback does not undo on MySQL`
const locks = 'It calls a lock function, whose effect a rollback does not undo'
const comment = "What an executable comment does depends on the server's version"

test.each<[script: string, kind: string]>([
  ['insert into a values (1)', 'plain: INSERT'],
  ['Update a set b = 1', 'plain: UPDATE'],
  ['delete from a', 'plain: DELETE'],
  ['replace into a values (1)', 'plain: REPLACE'],
  ['select 1', 'plain: SELECT'],
  ['(select 1)', 'plain: SELECT'],
  ['select a into @b from c for update', 'plain: SELECT'],
  ['with a as (select 1) select * from a', 'plain: WITH'],
  ['values row(1)', 'plain: VALUES'],
  ['table a', 'plain: TABLE'],
  ['select /*!40001 SQL_NO_CACHE */ 1', 'plain: SELECT'],
  [
    "select 1 into outfile '/a'",
    'outside: SELECT: It writes a file, which a rollback does not undo',
  ],
  ["select get_lock('a', 1)", `outside: SELECT: ${locks}`],
  ['insert into a select RELEASE_ALL_LOCKS()', `outside: INSERT: ${locks}`],
  ["set @a = release_lock('a')", `outside: SET: ${locks}`],
  ["select 'get_lock', `outfile`", 'plain: SELECT'],
  // SET
  ['set @a = 1', 'plain: SET'],
  ['set @a = (select f(1, 2)), @`b` := 3', 'plain: SET'],
  ['set @a = 1, sql_mode = default', 'session: SET'],
  ['set @@session.sql_mode = default', 'session: SET'],
  ['set names utf8mb4', 'session: SET'],
  ['set autocommit = 0', 'session: SET'],
  ['set session transaction read only', 'session: SET'],
  ['set transaction isolation level serializable', 'set-transaction: SET TRANSACTION'],
  ["set password = 'a'", commits('SET PASSWORD')],
  ['set statement max_statement_time = 1 for truncate a', unsure('SET STATEMENT')],
  ['use a', 'session: USE'],
  // transaction control
  ['begin work', 'begin: BEGIN'],
  ['start transaction with consistent snapshot', 'begin: START TRANSACTION'],
  ['start transaction with consistent snapshot, read only', 'begin-read-only: START TRANSACTION'],
  ['commit', 'commit: COMMIT'],
  ['commit work and chain no release', 'commit-and-chain: COMMIT AND CHAIN'],
  ['rollback', 'rollback: ROLLBACK'],
  ['rollback work to a', 'savepoint: ROLLBACK TO'],
  ['savepoint a', 'savepoint: SAVEPOINT'],
  ['release savepoint a', 'savepoint: RELEASE'],
  ["xa start 'a'", 'outside: XA START: XA manages a transaction of its own'],
  [
    'begin not atomic select 1; end',
    'outside: BEGIN NOT ATOMIC: The block may run statements that commit',
  ],
  ['end', unsure('END')],
  // everything else
  ['create table a (b int)', commits('CREATE TABLE')],
  [
    'create temporary table a (b int)',
    'outside: CREATE TABLE: CREATE TABLE of a temporary table cannot be rolled back on MySQL',
  ],
  ['create definer = `a`@`b` sql security definer view v as select 1', commits('CREATE VIEW')],
  ['create unique index a on b (c)', commits('CREATE INDEX')],
  ['alter table a add b int', commits('ALTER TABLE')],
  ['drop database a', commits('DROP DATABASE')],
  ['truncate table a', commits('TRUNCATE TABLE')],
  ['truncate a', commits('TRUNCATE')],
  ['rename table a to b', commits('RENAME TABLE')],
  ['grant all on *.* to a', commits('GRANT')],
  ['lock tables a write', commits('LOCK TABLES')],
  ['unlock tables', commits('UNLOCK TABLES')],
  ['analyze table a', commits('ANALYZE TABLE')],
  ['flush privileges', commits('FLUSH PRIVILEGES')],
  ['start replica', commits('START REPLICA')],
  ["load data infile '/a' into table b", unsure('LOAD DATA')],
  ['call p()', 'outside: CALL: CALL may run statements that commit'],
  ['do sleep(1)', unsure('DO')],
  ["prepare a from 'select 1'", unsure('PREPARE')],
  ['/*!40101 SET @a = @@b */', `outside: SET: ${comment}`],
  ['/*!40000 ALTER TABLE `a` DISABLE KEYS */', `outside: ALTER TABLE: ${comment}`],
])('%s', (script, kind) => {
  expect(kindOf(splitMysql(script))).toEqual([kind])
})

test('names MariaDB where the server is MariaDB', () => {
  expect(kindOf(splitMysql('drop sequence a', { flavor: 'mariadb' }))).toEqual([
    'outside: DROP SEQUENCE: DROP SEQUENCE commits by itself on MariaDB',
  ])
})
