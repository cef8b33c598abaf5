import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockKey } from '@mig/golang-migrate'
import type { Workplace } from '@mig/internal-testing'
import { asUser, at, type ListedCase } from './listed-case.ts'

const twoFiles = {
  '1_a.up.sql': 'SELECT 1',
  '1_a.down.sql': 'SELECT 1',
  '2_b.up.sql': 'SELECT 1',
  '2_b.down.sql': 'SELECT 1',
}

const out =
  (...names: readonly string[]) =>
  ({ folder }: Workplace): void => {
    mkdirSync(join(folder, 'out'))
    for (const name of names) writeFileSync(join(folder, 'out', name), '')
  }

const year = new Date().getUTCFullYear()

/** Quirks that `migrate` has too. */
export const keptCases: readonly ListedCase[] = [
  {
    quirk: 'Q-13: the message of a missing version appears twice',
    kind: 'sqlite',
    files: twoFiles,
    command: 'goto 9',
    theirs: {
      exitCode: 1,
      stderr: `${'error: no migration found for version 9: read down for version 9 .: file does not exist'.repeat(2)}\n`,
    },
  },
  {
    quirk: "Q-19: an editor's copy is a migration of the same version",
    kind: 'sqlite',
    files: { '1_a.up.sql': 'SELECT 1', '1_a.up.sql~': 'SELECT 1' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr: 'error: failed to open source, "file://m": duplicate migration file: 1_a.up.sql~\n',
    },
  },
  {
    quirk: 'Q-29: drop asks before it says that there is no database',
    kind: 'postgres',
    url: at('127.0.0.1:1'),
    command: 'drop',
    stdin: 'y\n',
    theirs: {
      exitCode: 1,
      stderr:
        'Are you sure you want to drop the entire database schema? [y/N]\nDropping the entire database schema\nerror: failed to open database: dial tcp 127.0.0.1:1: connect: connection refused\n',
    },
  },
  {
    quirk: 'Q-30: the largest number reverts everything without a question',
    kind: 'sqlite',
    files: twoFiles,
    prepare: (_, database) =>
      database.query(
        `CREATE TABLE schema_migrations (version uint64,dirty bool);
         INSERT INTO schema_migrations VALUES (2, 0)`,
      ),
    command: 'down 18446744073709551615',
    theirs: { exitCode: 0, stderr: '2/d b (D)\n1/d a (D)\n' },
  },
  {
    quirk: 'Q-32: the number after 9 and 10 is made of 9',
    kind: 'sqlite',
    prepare: out('9_x.up.sql', '10_y.up.sql'),
    command: 'create -ext sql -dir out -seq -digits 2 name',
    theirs: { exitCode: 1, stderr: 'error: duplicate migration version: 10\n' },
  },
  {
    quirk: 'Q-33: two migrations at one time collide',
    kind: 'sqlite',
    prepare: out(`${year}_x.up.sql`),
    command: 'create -ext sql -dir out -format 2006 name',
    theirs: { exitCode: 1, stderr: `error: duplicate migration version: ${year}\n` },
  },
  {
    quirk: 'Q-47: a column behind CRLF is one too large',
    kind: 'postgres',
    files: { '1_a.up.sql': 'SELECT 1;\r\nSELECT nope;' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        'error: migration failed: column "nope" does not exist (column 9) in line 2: SELECT 1;\r\nSELECT nope; (details: pq: column "nope" does not exist)\n',
    },
  },
  {
    quirk: 'Q-47: pgx has a column 0',
    kind: 'postgres',
    scheme: 'pgx5',
    files: { '1_a.up.sql': 'SELECT 1/0;' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        'error: migration failed: division by zero (column 0) in line 1: SELECT 1/0; (details: ERROR: division by zero (SQLSTATE 22012))\n',
    },
  },
  {
    quirk: 'Q-49: a lock row that a crash left stays',
    kind: 'postgres',
    scheme: 'pgx',
    parameters: 'x-lock-strategy=table',
    prepare: (_, database) =>
      database.query(
        `CREATE TABLE schema_lock (lock_id bigint not null primary key);
         INSERT INTO schema_lock VALUES (${lockKey(`/${database.name}`)})`,
      ),
    command: 'up',
    theirs: { exitCode: 1, stderr: "error: failed to open database: can't acquire lock\n" },
  },
  {
    quirk: 'Q-56: a plus in credentials is a space',
    kind: 'mysql',
    url: asUser('a+b:c'),
    command: 'version',
    theirs: {
      exitCode: 1,
      stderr: /^error: failed to open database: Error 1045: Access denied for user 'a b'@/,
    },
  },
  {
    quirk: 'Q-56: tls=preferred is a name',
    kind: 'mysql',
    parameters: 'tls=preferred',
    command: 'version',
    theirs: {
      exitCode: 1,
      stderr: 'error: failed to open database: open : no such file or directory\n',
    },
  },
]
