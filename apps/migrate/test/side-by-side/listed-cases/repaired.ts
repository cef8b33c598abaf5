import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { ListedCase } from './listed-case.ts'

/** Where golang-migrate hangs, crashes, loses data or hides an error. */
export const repairedCases: readonly ListedCase[] = [
  {
    quirk: 'Q-14: a script that cannot be read counts as an empty one',
    kind: 'sqlite',
    prepare: ({ folder }) => symlinkSync('/', join(folder, 'm', '1_folder.up.sql')),
    command: 'up',
    theirs: {
      exitCode: 0,
      stderr: /^error: read <side>\/m\/1_folder.up.sql: is a directory1\/u folder \(D\)\n$/,
    },
    ours: { exitCode: 1, stderr: 'error: read <side>/m/1_folder.up.sql: is a directory\n' },
  },
  {
    quirk: 'Q-31: a version of 2^63 or more crashes',
    kind: 'sqlite',
    files: { '9223372036854775808_x.up.sql': 'SELECT 1;', '9223372036854775809_x.up.sql': '' },
    command: 'up',
    theirs: { exitCode: 2, stderr: /panic: suint\(-9223372036854775808\) expects input >= 0/ },
    ours: {
      exitCode: 1,
      stderr:
        'error: version 9223372036854775808 is too large, the largest one is 9223372036854775807\n',
    },
  },
  {
    quirk: 'Q-43: a quoted table without a name crashes',
    kind: 'postgres',
    parameters: 'x-migrations-table-quoted=true',
    files: { '1_a.up.sql': 'SELECT 1;' },
    command: 'up',
    theirs: { exitCode: 2, stderr: /panic: runtime error: index out of range/ },
    ours: { exitCode: 0, stderr: '1/u a (D)\n' },
    afterwards: 'SELECT version FROM public.schema_migrations',
  },
  {
    quirk: 'Q-43: a lone quote as the name of a table crashes',
    kind: 'postgres',
    parameters: 'x-migrations-table=%22&x-migrations-table-quoted=true',
    command: 'version',
    theirs: { exitCode: 2, stderr: /panic: runtime error: index out of range/ },
    ours: {
      exitCode: 1,
      stderr:
        'error: failed to open database: x-migrations-table is no quoted name, current value is: "\n',
    },
  },
  {
    quirk: 'Q-54: a table of a similar name counts as the version table',
    kind: 'mysql',
    files: { '1_a.up.sql': 'SELECT 1;' },
    prepare: (_, database) => database.query('CREATE TABLE schemaXmigrations (id int)'),
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        "error: Error 1146: Table '<side>.schema_migrations' doesn't exist in line 0: SELECT version, dirty FROM `schema_migrations` LIMIT 1\n",
    },
    ours: { exitCode: 0, stderr: '1/u a (D)\n' },
    afterwards: 'SELECT version, dirty FROM schema_migrations',
  },
  {
    quirk: 'Q-55: of several rows one is removed',
    kind: 'mysql',
    prepare: (_, database) =>
      database.query(
        `CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null);
         INSERT INTO schema_migrations VALUES (1, 0), (2, 1), (3, 0)`,
      ),
    command: 'force 7',
    theirs: { exitCode: 0, stderr: '' },
    ours: { exitCode: 0, stderr: '' },
    afterwards: 'SELECT 1 / (COUNT(*) = 1) FROM schema_migrations',
  },
  {
    quirk: 'Q-60: any error while the version is read counts as "no migration"',
    kind: 'sqlite',
    prepare: (_, database) =>
      database.query(
        `CREATE TABLE schema_migrations (version uint64,dirty bool);
         INSERT INTO schema_migrations VALUES ('three', 0)`,
      ),
    command: 'version',
    theirs: { exitCode: 1, stderr: 'error: no migration\n' },
    ours: {
      exitCode: 1,
      stderr:
        'error: the row is no version in line 0: SELECT version, dirty FROM schema_migrations LIMIT 1\n',
    },
  },
  {
    quirk: 'Q-61: drop fails on tables that belong to SQLite itself',
    kind: 'sqlite',
    prepare: (_, database) =>
      database.query(
        `CREATE TABLE "a b" (id integer primary key autoincrement);
         CREATE TABLE child (id int references "a b"(id)); INSERT INTO "a b" VALUES (1); INSERT INTO child VALUES (1)`,
      ),
    command: 'drop -f',
    theirs: { exitCode: 1, stderr: /^error: SQL logic error: .* in line 0: DROP TABLE / },
    ours: { exitCode: 0, stderr: '' },
    afterwards: 'CREATE TABLE child (id int); CREATE TABLE "a b" (id int)',
  },
  {
    quirk: 'Q-61: drop fails on the tables behind a virtual table, which went with it',
    kind: 'sqlite',
    prepare: (_, database) => database.query('CREATE VIRTUAL TABLE notes USING fts5(a)'),
    command: 'drop -f',
    theirs: {
      exitCode: 1,
      stderr:
        'error: SQL logic error: no such table: notes_data (1) in line 0: DROP TABLE notes_data in line 0: DROP TABLE notes_data\n',
    },
    ours: { exitCode: 0, stderr: '' },
    afterwards: 'CREATE TABLE notes (a int); CREATE TABLE notes_data (a int)',
  },
  {
    quirk: 'Q-65: a failed version write leaves its transaction open, the text is the same',
    kind: 'sqlite',
    prepare: (_, database) =>
      database.query(
        `CREATE TABLE schema_migrations (version uint64,dirty bool); INSERT INTO schema_migrations VALUES (1, 0);
         CREATE TRIGGER no BEFORE DELETE ON schema_migrations BEGIN SELECT RAISE(ABORT, 'not now'); END`,
      ),
    command: 'force 3',
    theirs: {
      exitCode: 1,
      stderr: 'error: constraint failed: not now (1811) in line 0: DELETE FROM schema_migrations\n',
    },
    ours: {
      exitCode: 1,
      stderr: 'error: constraint failed: not now (1811) in line 0: DELETE FROM schema_migrations\n',
    },
  },
  {
    quirk: 'COPY FROM STDIN hangs with pgx',
    kind: 'postgres',
    scheme: 'pgx5',
    files: { '1_a.up.sql': 'CREATE TABLE t (a int); COPY t FROM STDIN;\n' },
    command: 'up',
    theirs: 'hangs',
    ours: {
      exitCode: 1,
      stderr: /^error: migration failed: COPY from stdin failed: COPY FROM STDIN has no data here /,
    },
    page: '`COPY … FROM STDIN` in a script',
  },
]
