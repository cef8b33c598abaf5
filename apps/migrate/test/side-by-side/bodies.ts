import type { DatabaseKind } from '@mig/testing'
import type { Random } from '@mig/internal-testing'

type Family = 'postgres' | 'mysql' | 'sqlite'

/** Which SQL a database takes. */
export const familyOf = (kind: DatabaseKind): Family => {
  if (kind === 'sqlite') return 'sqlite'
  return kind === 'mysql' || kind === 'mariadb' ? 'mysql' : 'postgres'
}

type Script = (table: string, random: Random) => string

const create: Script = (t) => `CREATE TABLE ${t} (id int primary key, note varchar(40));\n`
const insert: Script = (t, random) =>
  `INSERT INTO ${t} (id, note) VALUES (${random.below(9)}, 'x; y');\n`

const common: readonly (readonly [number, Script])[] = [
  [10, create],
  [6, (t, random) => create(t, random) + insert(t, random)],
  [3, (t, random) => `-- a comment; with a semicolon\n${create(t, random)}-- the end`],
  [2, (t, random) => create(t, random).replaceAll('\n', '\r\n') + insert(t, random)],
  [2, (t) => `CREATE TABLE IF NOT EXISTS shared (id int primary key);\n/* ${t} — ünïcödé 🚀 */`],
  [2, (t, random) => `${create(t, random)}/* ${'long '.repeat(30_000)} */`],
  [3, () => 'SELECT 1'],
]

const failing: readonly (readonly [number, Script])[] = [
  [3, (t) => `CREATE TABEL ${t} (id int);\n`],
  [3, (t) => `INSERT INTO nowhere_${t} (id) VALUES (1);\n`],
  [3, (t, random) => `${create(t, random)}INSERT INTO nowhere_${t} (id) VALUES (1);\n`],
  [
    2,
    (t, random) =>
      `${create(t, random)}INSERT INTO ${t} (id) VALUES (7);INSERT INTO ${t} (id) VALUES (7);\n`,
  ],
  [1, (t) => `-- line one\r\n-- 🚀 line two\r\n  CREATE TABLE ${t} (id int,, b int);\r\n`],
]

const special: Readonly<Record<Family, readonly (readonly [number, Script])[]>> = {
  postgres: [
    [3, (t, random) => `BEGIN;\n${create(t, random)}COMMIT;\n`],
    [2, (t) => `BEGIN;\nCREATE TABLE ${t} (id int);\nSELECT * FROM nowhere;\nCOMMIT;\n`],
    [1, (t, random) => `BEGIN;\n${create(t, random)}`],
    [1, () => ''],
    [1, () => ' \n\t\n'],
    [1, () => '-- only a comment\n'],
    [2, (t, random) => `${create(t, random)}CREATE INDEX ON ${t} (note);\n`],
    [1, (t) => `CREATE INDEX CONCURRENTLY IF NOT EXISTS i_${t} ON shared (id);\n`],
    [1, (t) => `CREATE TABLE ${t} (id int);\nVACUUM;\n`],
    [2, (t) => `DO $$ BEGIN CREATE TABLE ${t} (id int); END $$;\n`],
    [1, () => 'SELECT 1/0;\n'],
    [1, () => 'COMMIT;\n'],
    [1, () => 'ROLLBACK;\n'],
    [
      1,
      (t) =>
        `CREATE TABLE ${t} (id int unique deferrable initially deferred);\nINSERT INTO ${t} VALUES (1), (1);\n`,
    ],
    [1, (t) => `SET search_path TO public;\nCREATE TABLE ${t} (id serial primary key);\n`],
    [1, () => "DO $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'and why', HINT = 'try'; END $$;\n"],
    [1, () => "DO $$ BEGIN RAISE NOTICE 'x'; RAISE WARNING 'y'; END $$;\n"],
    [1, () => 'LISTEN x; NOTIFY x;\n'],
    [1, (t) => `CREATE TABLE ${t} (id int);\nCOPY (SELECT 1) TO STDOUT;\n`],
    [1, () => 'SELECT pg_advisory_unlock_all();\n'],
    [1, () => 'SELECT pg_terminate_backend(pg_backend_pid());\n'],
    [1, () => 'SET default_transaction_read_only = on;\n'],
    [1, () => 'SET search_path = nowhere;\n'],
    [1, () => "SET client_encoding = 'LATIN1'; SELECT 'é' AS \"é\", nope;\n"],
    [1, () => "SET standard_conforming_strings = off; SELECT 'a\\'; SELECT nope;\n"],
    [1, (t) => `BEGIN; SET TRANSACTION READ ONLY; CREATE TABLE ${t} (id int); COMMIT;\n`],
    [1, () => 'SAVEPOINT x;\n'],
    [1, () => 'CREATE TEMP TABLE schema_migrations (a int);\n'],
    [1, () => 'DROP TABLE schema_migrations;\n'],
    [1, () => 'INSERT INTO schema_migrations VALUES (77, false);\n'],
    [1, () => 'LOCK TABLE schema_migrations;\n'],
    [1, () => "SELECT '\ufeff', 1 WHERE 'x' = 1;\n"],
  ],
  mysql: [
    [3, (t, random) => `${create(t, random)}START TRANSACTION;\n${insert(t, random)}COMMIT;\n`],
    [1, () => ''],
    [1, () => ' \n\t\n'],
    [1, () => '-- only a comment\n'],
    [
      2,
      (t) =>
        `CREATE TABLE ${t} (id int auto_increment primary key, a int, index (a)) ENGINE=InnoDB;\n`,
    ],
    [
      2,
      (t) => `CREATE PROCEDURE p_${t}() BEGIN SELECT 1; SELECT 2; END;\nDROP PROCEDURE p_${t};\n`,
    ],
    [1, () => 'START TRANSACTION;\nSELECT 1;\n'],
    [1, (t) => `DELIMITER //\nCREATE TABLE ${t} (id int)//\n`],
    [1, (t) => `SET autocommit=1;\nCREATE TABLE \`${t}\` (\`a b\` int);\n`],
    [1, () => "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no';\n"],
    [1, () => "SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'only a warning';\n"],
    [1, () => 'SET sql_safe_updates = 1;\n'],
    [1, () => 'SET sql_select_limit = 0;\n'],
    [1, (t, random) => `SET autocommit = 0;\n${create(t, random)}${insert(t, random)}`],
    [1, (t, random) => `${create(t, random)}LOCK TABLES ${t} WRITE;\n`],
    [1, () => 'SELECT RELEASE_ALL_LOCKS();\n'],
    [1, () => 'USE information_schema;\n'],
    [1, () => 'SET SESSION TRANSACTION READ ONLY;\n'],
    [1, () => 'START TRANSACTION READ ONLY;\n'],
    [1, () => 'CREATE TEMPORARY TABLE schema_migrations (a int);\n'],
    [1, () => 'DROP TABLE schema_migrations;\n'],
    [1, () => "PREPARE s FROM 'SELECT ?'; EXECUTE s;\n"],
    [1, () => "SET NAMES latin1; SELECT 'é' AS x;\n"],
    [1, (t) => `CREATE VIEW v_${t} AS SELECT 1;\nDROP TABLE v_${t};\n`],
    [1, () => "SELECT 'a\n"],
  ],
  sqlite: [
    [2, (t, random) => `BEGIN;\n${create(t, random)}COMMIT;\n`],
    [1, () => ''],
    [1, () => ' \n\t\n'],
    [1, () => '-- only a comment\n'],
    [1, () => 'COMMIT;\n'],
    [1, () => 'ROLLBACK;\n'],
    [1, () => 'VACUUM;\n'],
    [
      2,
      (t) =>
        `CREATE TABLE ${t} (id integer primary key, a text default "double quoted");\nINSERT INTO ${t} (a) VALUES ("double");\n`,
    ],
    [1, (t) => `CREATE TABLE ${t} (id integer primary key autoincrement, a text);\n`],
    [
      2,
      (t) =>
        `CREATE TABLE ${t} (id int);\nCREATE TRIGGER tr_${t} AFTER INSERT ON ${t} BEGIN SELECT 1; SELECT 2; END;\n`,
    ],
    [
      1,
      (t) =>
        `CREATE TABLE ${t} (id int primary key references nowhere(id));\nINSERT INTO ${t} VALUES (1);\n`,
    ],
    [1, () => "SELECT RAISE(FAIL, 'no');\n"],
    [1, (t, random) => `SAVEPOINT a;\n${create(t, random)}ROLLBACK TO a;\nRELEASE a;\n`],
    [1, () => 'RELEASE a;\n'],
    [1, () => 'PRAGMA journal_mode = WAL;\n'],
    [1, () => 'PRAGMA query_only = 1;\n'],
    [1, (t) => `PRAGMA foreign_keys = on;\nCREATE TABLE ${t} (id int references shared(id));\n`],
    [1, (t) => `CREATE TABLE ${t} (id int) STRICT;\nINSERT INTO ${t} VALUES ('x');\n`],
    [1, (t) => `CREATE VIRTUAL TABLE ${t} USING fts5(a);\nINSERT INTO ${t} VALUES ('one');\n`],
    [1, () => "ATTACH ':memory:' AS other; CREATE TABLE other.t (a int);\n"],
    [1, () => 'CREATE TEMP TABLE schema_migrations (a int);\n'],
    [1, () => 'DROP TABLE schema_migrations;\n'],
    [1, () => 'INSERT INTO schema_migrations VALUES (77, 0);\n'],
    [1, () => "SELECT 'a\n"],
    [
      1,
      (t) =>
        `CREATE TABLE ${t} (id int primary key on conflict rollback);\nINSERT INTO ${t} VALUES (1);INSERT INTO ${t} VALUES (1);\n`,
    ],
  ],
}

/** A script that goes up. About one in four fails, or has something about it. */
export const upScript = (kind: DatabaseKind, table: string, random: Random): string => {
  const choices = random.weighted([
    [20, common],
    [0.8, failing],
    [2, special[familyOf(kind)]],
  ])
  return random.weighted(choices)(table, random)
}

/** A script that goes down. */
export const downScript = (kind: DatabaseKind, table: string, random: Random): string =>
  random.weighted<Script>([
    [20, (t) => `DROP TABLE IF EXISTS ${t};\n`],
    [1, (t) => `DROP TABLE ${t};\n`],
    [1, random.weighted(failing)],
    [1, random.weighted(special[familyOf(kind)])],
  ])(table, random)
