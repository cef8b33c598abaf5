import { describe, expect, test } from 'vitest'
import { splitPostgres } from '../src/index.ts'
import { kindOf } from './support/script.ts'

const cannot = (command: string): string =>
  `outside: ${command}: ${command} cannot run inside a transaction`

const cases: readonly [script: string, kind: string][] = [
  ['select 1', 'plain: SELECT'],
  ['(select 1) union select 2', 'plain: SELECT'],
  ['InSeRt into a values (1)', 'plain: INSERT'],
  ['with a as (select 1) select * from a', 'plain: WITH'],
  ['create table begin (i int)', 'plain: CREATE TABLE'],
  ['create unlogged table a ()', 'plain: CREATE TABLE'],
  ['create or replace temp recursive view v (a) as select 1', 'plain: CREATE VIEW'],
  ['create materialized view v as select 1', 'plain: CREATE MATERIALIZED VIEW'],
  ['create text search configuration c (copy = simple)', 'plain: CREATE TEXT SEARCH CONFIGURATION'],
  ['alter operator family f using btree add function 1 f(int)', 'plain: ALTER OPERATOR FAMILY'],
  ['refresh materialized view concurrently v', 'plain: REFRESH'],
  ['listen a', 'plain: LISTEN'],
  ['prepare a as select 1', 'plain: PREPARE'],
  // indexes
  ['create index concurrently a on b (c)', cannot('CREATE INDEX CONCURRENTLY')],
  [
    'create unique index /* x */ concurrently if not exists a on b (c)',
    cannot('CREATE INDEX CONCURRENTLY'),
  ],
  ['create index a on concurrently (c)', 'plain: CREATE INDEX'],
  ['create index "concurrently" on b (c)', 'plain: CREATE INDEX'],
  ['drop index concurrently if exists a', cannot('DROP INDEX CONCURRENTLY')],
  ['drop index a', 'plain: DROP INDEX'],
  ['reindex index concurrently a', cannot('REINDEX INDEX CONCURRENTLY')],
  ['reindex (concurrently) table a', cannot('REINDEX TABLE CONCURRENTLY')],
  ['reindex (verbose, concurrently true) table a', cannot('REINDEX TABLE CONCURRENTLY')],
  ['reindex (concurrently false) table a', 'plain: REINDEX'],
  ['reindex table a', 'plain: REINDEX'],
  ['reindex schema a', cannot('REINDEX SCHEMA')],
  ['reindex (verbose) database a', cannot('REINDEX DATABASE')],
  ['reindex system a', cannot('REINDEX SYSTEM')],
  // the rest of the list
  [
    'alter table only a.b detach partition a.c concurrently',
    cannot('ALTER TABLE DETACH PARTITION CONCURRENTLY'),
  ],
  [
    'alter table if exists "d"."a"."b" detach partition c concurrently',
    cannot('ALTER TABLE DETACH PARTITION CONCURRENTLY'),
  ],
  ['alter table a detach partition b', 'plain: ALTER TABLE'],
  ['alter table a detach partition b finalize', 'plain: ALTER TABLE'],
  ['vacuum', cannot('VACUUM')],
  ['vacuum (full) a', cannot('VACUUM')],
  ['cluster', 'outside: CLUSTER: CLUSTER without a table cannot run inside a transaction'],
  ['cluster verbose', 'outside: CLUSTER: CLUSTER without a table cannot run inside a transaction'],
  [
    'cluster (verbose)',
    'outside: CLUSTER: CLUSTER without a table cannot run inside a transaction',
  ],
  ['cluster a using b', 'plain: CLUSTER'],
  ['cluster verbose a', 'plain: CLUSTER'],
  ['repack (concurrently) a', cannot('REPACK CONCURRENTLY')],
  ["alter system set work_mem = '1MB'", cannot('ALTER SYSTEM')],
  ['create database a', cannot('CREATE DATABASE')],
  ['drop database if exists a', cannot('DROP DATABASE')],
  ["create tablespace a location '/a'", cannot('CREATE TABLESPACE')],
  ['drop tablespace a', cannot('DROP TABLESPACE')],
  ['alter database a set tablespace b', cannot('ALTER DATABASE SET TABLESPACE')],
  ["alter database a set work_mem = '1MB'", 'plain: ALTER DATABASE'],
  ["commit prepared 'a'", cannot('COMMIT PREPARED')],
  ["rollback prepared 'a'", cannot('ROLLBACK PREPARED')],
  ['discard all', cannot('DISCARD ALL')],
  ['discard temp', 'plain: DISCARD'],
  [
    "create subscription a connection 'b' publication c",
    'outside: CREATE SUBSCRIPTION: CREATE SUBSCRIPTION makes a replication slot and cannot run inside a transaction',
  ],
  [
    "create subscription a connection 'b' publication c, d with (enabled = false, create_slot = false)",
    'plain: CREATE SUBSCRIPTION',
  ],
  [
    "create subscription a connection 'b' publication c with (connect = off)",
    'plain: CREATE SUBSCRIPTION',
  ],
  [
    "create subscription a connection 'b' publication c with (slot_name = NONE, create_slot = false)",
    'plain: CREATE SUBSCRIPTION',
  ],
  [
    'drop subscription a',
    'outside: DROP SUBSCRIPTION: DROP SUBSCRIPTION drops its replication slot and cannot run inside a transaction',
  ],
  [
    'alter subscription a refresh publication',
    'outside: ALTER SUBSCRIPTION: ALTER SUBSCRIPTION with a refresh cannot run inside a transaction',
  ],
  ['alter subscription a set publication b with (refresh = false)', 'plain: ALTER SUBSCRIPTION'],
  ['alter subscription a disable', 'plain: ALTER SUBSCRIPTION'],
  ["alter type a add value 'b'", 'plain: ALTER TYPE ADD VALUE'],
  ['alter type a rename to b', 'plain: ALTER TYPE'],
  ['call p()', 'outside-alone: CALL: CALL may run a procedure that commits'],
  [
    'do $$begin perform 1; Commit; end$$',
    'outside-alone: DO: This DO block has a COMMIT or ROLLBACK in its text',
  ],
  ['do $$begin perform 1; end$$', 'plain: DO'],
  ['do $$begin perform committed; end$$', 'plain: DO'],
  // session
  ["set search_path = ''", 'session: SET'],
  ['set session authorization a', 'session: SET'],
  ['set role a', 'session: SET'],
  ['set local role a', 'plain: SET LOCAL'],
  ['set constraints all deferred', 'plain: SET CONSTRAINTS'],
  ['set session characteristics as transaction read only', 'session: SET SESSION CHARACTERISTICS'],
  ['set transaction isolation level serializable', 'set-transaction: SET TRANSACTION'],
  ["set local transaction_isolation = 'serializable'", 'set-transaction: SET'],
  ['reset all', 'session: RESET'],
  ["select set_config('search_path', '', false)", 'session: SELECT set_config'],
  ["SELECT pg_catalog.set_config('search_path', '', false) as x", 'session: SELECT set_config'],
  ["select set_config('a.b', '', false), f()", 'plain: SELECT'],
  ["select set_config('a.b', '', false) from t", 'plain: SELECT'],
  // transaction control
  ['begin', 'begin: BEGIN'],
  ['begin work', 'begin: BEGIN'],
  ['begin transaction isolation level read committed, read write, not deferrable', 'begin: BEGIN'],
  ['begin isolation level serializable, read only', 'begin-read-only: BEGIN'],
  ['start transaction read only', 'begin-read-only: START TRANSACTION'],
  ['start transaction', 'begin: START TRANSACTION'],
  ['commit', 'commit: COMMIT'],
  ['commit work and no chain', 'commit: COMMIT'],
  ['commit and chain', 'commit-and-chain: COMMIT AND CHAIN'],
  ['end transaction', 'commit: END'],
  ['end transaction and chain', 'commit-and-chain: END AND CHAIN'],
  ['rollback', 'rollback: ROLLBACK'],
  ['rollback and chain', 'rollback: ROLLBACK'],
  ['abort', 'rollback: ABORT'],
  ['rollback work to savepoint a', 'savepoint: ROLLBACK TO'],
  ['savepoint a', 'savepoint: SAVEPOINT'],
  ['release savepoint a', 'savepoint: RELEASE'],
  ["prepare transaction 'a'", 'prepare-transaction: PREPARE TRANSACTION'],
]

test.each(cases)('%s', (script, kind) => {
  expect(kindOf(splitPostgres(script))).toEqual([kind])
})

describe('ALTER TYPE … ADD VALUE', () => {
  const script = "alter type s.a add value if not exists 'b'"
  test('cannot run inside a transaction before PostgreSQL 12', () => {
    expect(kindOf(splitPostgres(script, { serverVersion: 110022 }))).toEqual([
      'outside: ALTER TYPE ADD VALUE: ALTER TYPE … ADD VALUE cannot run inside a transaction before PostgreSQL 12',
    ])
  })
  test('can since', () => {
    expect(kindOf(splitPostgres(script, { serverVersion: 120000 }))).toEqual([
      'plain: ALTER TYPE ADD VALUE',
    ])
  })
})
