import { expect, test } from 'vitest'
import { splitMysql } from '../src/index.ts'
import { texts } from './support/script.ts'

const trigger = 'create trigger t before insert on a for each row'

const whole: readonly [name: string, statement: string][] = [
  ['a script of one statement', `${trigger} set new.a = if(new.b > 0, 1, repeat('a', 2))`],
  ['a block', 'create procedure p() begin select 1; begin select 2; end; end'],
  ['a labelled block', 'create procedure p() `l;` : begin leave `l;`; end'],
  ['a definer', 'create or replace definer = `root`@`%` procedure p() begin select 1; end'],
  [
    'a definer that is a function',
    'create definer = current_user() procedure p(a int) begin select 1; end',
  ],
  [
    'a definer named as a kind of object',
    'create definer = event procedure p(a int) begin select 1; end',
  ],
  [
    'IF as the whole script',
    `${trigger} if new.a is null then set new.a = 1; else set new.a = 2; end if`,
  ],
  ['ELSEIF', 'create procedure p() begin if a then b; elseif c then d; end if; end'],
  [
    'IF EXISTS and IF()',
    'create procedure p() begin drop table if exists a; select if(a, b, c); end',
  ],
  ['CASE as a statement', 'create procedure p() begin case a when 1 then b; else c; end case; end'],
  [
    'CASE as an expression',
    'create procedure p() begin set a = case when b then if(c, 1, 2) else case d when 1 then 2 end end; end',
  ],
  [
    'a column named end',
    'create procedure p() begin select end, case when end > 1 then t.end end from t where end; select 2; end',
  ],
  [
    'END between parentheses',
    'create procedure p() begin insert into t (start, end) values (case (case 1 when 1 then 2 end) when 2 then 3 end, 1); end',
  ],
  [
    'loops',
    'create procedure p() begin l: loop leave l; end loop l; repeat set a = 1; until a = case when b then 1 end end repeat; while a do b; end while; end',
  ],
  ['REPEAT as a function', "create procedure p() begin select repeat('a', 2); select 2; end"],
  [
    'a handler that is a block',
    'create procedure p() begin declare exit handler for sqlexception, sqlwarning begin rollback; end; a; end',
  ],
  [
    'a handler that is one statement',
    'create procedure p() begin declare continue handler for not found set done = if(a, 1, 2); a; end',
  ],
  [
    'a handler that is an IF',
    "create procedure p() begin declare exit handler for sqlstate value '23000', 1062, my_condition if a then b; end if; c; end",
  ],
  [
    'a cursor',
    'create procedure p() begin declare c cursor for select if(a, b, c) from t for update; open c; end',
  ],
  [
    'the type of a function',
    "create function f(a enum('x;')) returns varchar(10) character set utf8mb4 collate utf8mb4_bin not deterministic comment 'a;' begin return 1; end",
  ],
  [
    'RETURN alone',
    'create function f() returns int unsigned sql security invoker return case when 1 then 2 end',
  ],
  [
    'IF right after the type',
    'create function f(a int) returns int if a then return 1; else return 2; end if',
  ],
  [
    'a type taken from a column',
    'create function f(a int) returns type of db.t.c begin return 1; end',
  ],
  ['an order of triggers', `${trigger} follows \`begin\` begin set new.a = 1; end`],
  ['another order of triggers', `${trigger} precedes case if new.a then b; end if`],
  [
    'an event',
    "create event if not exists e on schedule every 1 day starts '2026-01-01' on completion preserve comment 'do;' do begin a; b; end",
  ],
  ['BEGIN NOT ATOMIC', 'begin not atomic declare a int; select 1; end'],
  ['a FOR loop', 'begin not atomic for i in 1..10 do select i; end for; end'],
  ['a block in the open', 'if a then select 1; end if'],
  [
    'a user variable named end',
    'create procedure p() begin set @end = 1, @begin = 2; select @end; end',
  ],
  [
    'an executable comment around it',
    '/*!50003 create*/ /*!50017 definer=`a`@`b`*/ /*!50003 trigger t before insert on a for each row begin set new.a = 1; end */',
  ],
]

test.each(whole)('keeps %s whole', (_name, statement) => {
  expect(texts(splitMysql(`select 1; ${statement} ; select 2`))).toEqual([
    'select 1',
    statement,
    'select 2',
  ])
})

test('cuts a script of one statement at its semicolon', () => {
  const script = `${trigger} update b set c = 1; begin; commit; create function f() returns int return 1; end`
  expect(texts(splitMysql(script))).toEqual([
    `${trigger} update b set c = 1`,
    'begin',
    'commit',
    'create function f() returns int return 1',
    'end',
  ])
})
