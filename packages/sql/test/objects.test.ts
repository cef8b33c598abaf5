import { describe, expect, test } from 'vitest'
import { mysqlObjects, postgresObjects, sqliteObjects, type StatementObject } from '../src/index.ts'

/** `create? table s.t`, `drop index i on t cascade`: one line per object, for tables of cases. */
const line = (object: StatementObject): string => {
  const { action, conditional, kind, schema, name, table, cascade } = object
  return (
    `${action}${conditional ? '?' : ''} ${kind} ${schema === undefined ? '' : `${schema}.`}${name}` +
    `${table === undefined ? '' : ` on ${table}`}${cascade ? ' cascade' : ''}`
  )
}

type Case = [statement: string, ...objects: string[]]

describe('PostgreSQL', () => {
  test.each<Case>([
    ['create table Users (id int, name text)', 'create table users'],
    ['create table if not exists "My ""T"".x" (i int)', 'create? table My "T".x'],
    ['create unlogged table s.t (i int)', 'create table s.t'],
    ['create table db.s.t (i int)', 'create table s.t'],
    ['create foreign table f (i int) server s', 'create table f'],
    ['create temp table t (i int)'],
    ['create temporary view v as select 1'],
    ['create unique index concurrently if not exists i on only s.t (a)', 'create? index s.i on t'],
    ['create index i on t using gin (a)', 'create index i on t'],
    ['create index on t (a)'],
    ['create or replace view v as select 1', 'create? view v'],
    ['create recursive view v (n) as select 1', 'create view v'],
    ['create materialized view m as select 1', 'create materialized view m'],
    ['create sequence s', 'create sequence s'],
    ["create type mood as enum ('a', 'b')", 'create type mood'],
    ['create domain d as int', 'create type d'],
    ['create function f(i int) returns int language sql as $$ select 1 $$', 'create? function f'],
    ['create schema if not exists app', 'create? schema app'],
    ['create schema authorization joe'],
    ['create extension if not exists citext', 'create? extension citext'],
    [
      'create constraint trigger g after insert or update of a on s.t for each row execute function f()',
      'create trigger s.g on t',
    ],
    ['create event trigger e on ddl_command_end execute function f()'],
    ['create policy p on t'],
    ['drop table if exists a, s.b cascade', 'drop? table a cascade', 'drop? table s.b cascade'],
    ['drop index concurrently i', 'drop index i'],
    ['drop trigger g on t', 'drop trigger g on t'],
    ['drop function if exists f(int), s.g(text, int)', 'drop? function f', 'drop? function s.g'],
    ['alter function f(int) rename to g', 'drop function f', 'create function g'],
    ['alter function s.f set schema u', 'drop function s.f', 'create function u.f'],
    ['alter trigger a on t rename to b', 'drop trigger a on t', 'create trigger b on t'],
    ['alter schema a rename to b', 'drop schema a cascade', 'create schema b cascade'],
    ['alter table t set schema u', 'drop table t', 'create table u.t'],
    [
      'alter table t add constraint c unique using index i',
      'create constraint c on t',
      'drop index i on t',
      'create index c on t',
    ],
    ['drop schema app', 'drop schema app cascade'],
    ['drop materialized view m', 'drop materialized view m'],
    ['alter table only t * add column if not exists a int', 'create? column a on t'],
    ['alter table if exists t add a int', 'create? column a on t'],
    [
      "alter table s.t add a numeric(10, 2) default round(1.5, 0), drop column b cascade, alter c set default 'x, add d'",
      'create column s.a on t',
      'drop column s.b on t cascade',
    ],
    ['alter table t add constraint c check (a > 0)', 'create constraint c on t'],
    ['alter table t add primary key (a), add unique (b), add check (c > 0)'],
    ['alter table t drop constraint if exists c', 'drop? constraint c on t'],
    ['alter table t rename to u', 'drop table t', 'create table u'],
    ['alter table s.t rename to u', 'drop table s.t', 'create table s.u'],
    ['alter table t rename column a to b', 'drop column a on t', 'create column b on t'],
    ['alter table t rename a to b', 'drop column a on t', 'create column b on t'],
    [
      'alter table t rename constraint a to b',
      'drop constraint a on t',
      'create constraint b on t',
    ],
    ['alter table t alter column a type bigint'],
    ['alter table t attach partition p default'],
    ['alter index s.i rename to j', 'drop index s.i', 'create index s.j'],
    ['alter type m rename to n', 'drop type m', 'create type n'],
    ["alter type m add value 'c'"],
    ['insert into t values (1)'],
    ['/* create table a */ create -- b\n table c (i int)', 'create table c'],
    ['create table U&"d\\0061t" (i int)'],
    ['create table größe (i int)', 'create table größe'],
    ['create'],
    ['drop table'],
    [''],
  ])('%s', (statement, ...objects) => {
    expect(postgresObjects(statement).map(line)).toEqual(objects)
  })
})

describe('MySQL', () => {
  test.each<Case>([
    ['CREATE TABLE `a``b`.`T` (i int)', 'create table a`b.T'],
    ['create temporary table t (i int)'],
    ['drop temporary table t'],
    ['create unique index i on t (a)', 'create index i on t'],
    ['drop index i on d.t', 'drop index d.i on t'],
    [
      "create definer = `me`@'localhost' trigger g before insert on t for each row set new.a = 1",
      'create trigger g',
    ],
    [
      'create or replace algorithm = merge definer = current_user() sql security invoker view v as select 1',
      'create? view v',
    ],
    ['create procedure p() begin select 1; end', 'create procedure p'],
    ['drop procedure if exists p', 'drop? procedure p'],
    ['create event e on schedule every 1 day do select 1', 'create event e'],
    ['create database d', 'create schema d'],
    [
      'rename table a to b, c to x.d',
      'drop table a',
      'create table b',
      'drop table c',
      'create table x.d',
    ],
    ['alter table t rename u', 'drop table t', 'create table u'],
    ['alter table t rename as u', 'drop table t', 'create table u'],
    ['alter table t add (a int, b decimal(3, 1))', 'create column a on t', 'create column b on t'],
    [
      'alter table t add index i (a), add unique key u (b), add fulltext f (c), add key (d), add constraint k foreign key (e) references o (i)',
      'create index i on t',
      'create index u on t',
      'create index f on t',
      'create constraint k on t',
    ],
    ['alter table t add constraint foreign key (a) references o (i)'],
    ['alter table t drop foreign key k, drop key i', 'drop constraint k on t', 'drop index i on t'],
    ['alter table t rename index a to b', 'drop index a on t', 'create index b on t'],
    ['alter table t change column a b int', 'drop column a on t', 'create column b on t'],
    ['alter table t change a A bigint, modify c text'],
    ['alter table t add column a int after b, algorithm=inplace', 'create column a on t'],
    ['alter table t drop primary key, drop a', 'drop column a on t'],
    ['/*!50003 create table t (i int) */', 'create table t'],
    ['create table "no name" (i int)'],
    ['update t set a = 1'],
  ])('%s', (statement, ...objects) => {
    expect(mysqlObjects(statement).map(line)).toEqual(objects)
  })

  test('double quotes name things under ANSI_QUOTES', () => {
    const objects = mysqlObjects('create table "T" (i int)', { sqlMode: 'ANSI_QUOTES' })
    expect(objects.map(line)).toEqual(['create table T'])
  })
})

describe('SQLite', () => {
  test.each<Case>([
    ['create table [my table] (i int)', 'create table my table'],
    ['create table main."T" (i int)', 'create table main.T'],
    ['create virtual table f using fts5(a)', 'create table f'],
    ['create temp table t (i int)'],
    ['create index if not exists i on t (a)', 'create? index i on t'],
    ['drop index i', 'drop index i'],
    ['create trigger g after insert on t begin select 1; end', 'create trigger g'],
    ['alter table t rename to u', 'drop table t', 'create table u'],
    ['alter table t rename a to b', 'drop column a on t', 'create column b on t'],
    ['alter table t add a int', 'create column a on t'],
    ['alter table t drop a', 'drop column a on t'],
    ['vacuum'],
  ])('%s', (statement, ...objects) => {
    expect(sqliteObjects(statement).map(line)).toEqual(objects)
  })
})
