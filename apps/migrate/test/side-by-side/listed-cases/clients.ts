import { bytes, type ListedCase } from './listed-case.ts'

const up = { exitCode: 0, stderr: '1/u a (D)\n' }
const endsItself = 'SELECT pg_terminate_backend(pg_backend_pid());'
const told =
  'error: migration failed: terminating connection due to administrator command (column 0) in line 1: '
const toldBy =
  '(details: FATAL: terminating connection due to administrator command (SQLSTATE 57P01))'

/** What database clients say and do about a script. */
export const clientCases: readonly ListedCase[] = [
  {
    quirk: 'a script that is not UTF-8, on SQLite',
    kind: 'sqlite',
    files: { '1_a.up.sql': bytes("CREATE TABLE t (a text); INSERT INTO t VALUES ('", 0xff, "');") },
    command: 'up',
    theirs: { exitCode: 0, stderr: '1/u a (D)\n' },
    page: 'one that is not valid UTF-8 is refused before it is run',
    ours: {
      exitCode: 1,
      stderr: 'error: the migration is not valid UTF-8, nothing of it was run\n',
    },
  },
  {
    quirk: 'a script that is not UTF-8, on PostgreSQL, is the same',
    kind: 'postgres',
    files: { '1_a.up.sql': bytes("SELECT '", 0xff, "';") },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr: /^error: migration failed: invalid byte sequence for encoding "UTF8": 0xff/,
    },
  },
  {
    quirk: 'a script that is not UTF-8, on MySQL, is the same',
    kind: 'mysql',
    files: {
      '1_a.up.sql': bytes(
        "CREATE TABLE t (a varbinary(9)); INSERT INTO t VALUES (_binary'",
        0xff,
        "');",
      ),
    },
    command: 'up',
    theirs: { exitCode: 0, stderr: '1/u a (D)\n' },
    afterwards: "SELECT 1 / (HEX(a) = 'FF') FROM t",
  },
  {
    quirk: 'a script with a parameter, on SQLite',
    kind: 'sqlite',
    files: { '1_a.up.sql': 'CREATE TABLE t (a int); INSERT INTO t VALUES (?);' },
    command: 'up',
    theirs: { exitCode: 1, stderr: /^error: missing argument with index 1 in line 0: / },
    page: 'a parameter such as `?` in a script is NULL',
    ours: { exitCode: 0, stderr: '1/u a (D)\n' },
  },
  {
    quirk: 'x-statement-timeout, PostgreSQL',
    kind: 'postgres',
    parameters: 'x-statement-timeout=200',
    files: { '1_a.up.sql': 'SELECT pg_sleep(30)' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        'error: migration failed: canceling statement due to user request in line 0: SELECT pg_sleep(30) (details: pq: canceling statement due to user request)\ndriver: bad connection in line 0: SELECT pg_advisory_unlock($1)\n',
    },
  },
  {
    quirk: 'x-statement-timeout, PostgreSQL by pgx5',
    kind: 'postgres',
    scheme: 'pgx5',
    parameters: 'x-statement-timeout=200',
    files: { '1_a.up.sql': 'SELECT pg_sleep(30)' },
    command: 'up',
    theirs: { exitCode: 1, stderr: /^error: migration failed in line 0: SELECT pg_sleep\(30\) / },
  },
  {
    quirk: 'x-statement-timeout, MySQL',
    kind: 'mysql',
    parameters: 'x-statement-timeout=200',
    files: { '1_a.up.sql': 'DO SLEEP(30)' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        /error: migration failed in line 0: DO SLEEP\(30\) \(details: context deadline exceeded\)\n/,
    },
  },
  {
    quirk: 'no time for the lock, PostgreSQL',
    kind: 'postgres',
    files: { '1_a.up.sql': 'SELECT 1' },
    command: '-lock-timeout=0 up',
    theirs: { exitCode: 1, stderr: "error: timeout: can't acquire database lock\n" },
  },
  {
    quirk: 'COPY FROM STDIN, PostgreSQL by lib/pq',
    kind: 'postgres',
    files: { '1_a.up.sql': 'CREATE TABLE t (a int); COPY t FROM STDIN;\n' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        "error: migration failed in line 0: CREATE TABLE t (a int); COPY t FROM STDIN;\n (details: pq: unknown response for simple query: 'G')\ndriver: bad connection in line 0: SELECT pg_advisory_unlock($1)\n",
    },
  },
  {
    quirk: 'COPY TO STDOUT, PostgreSQL by lib/pq',
    kind: 'postgres',
    files: { '1_a.up.sql': 'COPY (SELECT 1) TO STDOUT;' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        "error: migration failed in line 0: COPY (SELECT 1) TO STDOUT; (details: pq: unknown response for simple query: 'H')\ndriver: bad connection in line 0: SELECT pg_advisory_unlock($1)\n",
    },
  },
  {
    quirk: 'many statements, PostgreSQL by lib/pq',
    kind: 'postgres',
    parameters: 'x-multi-statement=true',
    files: { '1_a.up.sql': 'SELECT 1;'.repeat(30) },
    command: 'up',
    theirs: up,
  },
  {
    quirk: 'COPY TO STDOUT, PostgreSQL by pgx5',
    kind: 'postgres',
    scheme: 'pgx5',
    files: { '1_a.up.sql': 'COPY (SELECT 1) TO STDOUT;' },
    command: 'up',
    theirs: up,
  },
  {
    quirk: 'a connection that the server ends, PostgreSQL by lib/pq',
    kind: 'postgres',
    files: { '1_a.up.sql': endsItself },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr: `error: migration failed in line 0: ${endsItself} (details: driver: bad connection)\nsql: connection is already closed in line 0: SELECT pg_advisory_unlock($1)\n`,
    },
  },
  ...['pgx', 'pgx5'].map((scheme): ListedCase => ({
    quirk: `a connection that the server ends, PostgreSQL by ${scheme}`,
    kind: 'postgres',
    scheme,
    files: { '1_a.up.sql': endsItself },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr: `${told}${endsItself} ${toldBy}\ndriver: bad connection in line 0: SELECT pg_advisory_unlock($1)\n`,
    },
  })),
  ...['DISCARD ALL', 'DEALLOCATE ALL'].map((script): ListedCase => ({
    quirk: `${script}, PostgreSQL by pgx5`,
    kind: 'postgres',
    scheme: 'pgx5',
    files: { '1_a.up.sql': script },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr: /^error: ERROR: prepared statement "stmtcache_\w+" does not exist/,
    },
    ours: up,
    page: '`DISCARD ALL` or `DEALLOCATE ALL`',
  })),
  ...(['mysql', 'mariadb'] as const).flatMap((kind): readonly ListedCase[] => [
    {
      quirk: `a connection that the server ends, ${kind}`,
      kind,
      files: { '1_a.up.sql': 'DO SLEEP(20) /* holder */' },
      losesConnection: true,
      command: 'up',
      theirs: {
        exitCode: 1,
        stderr:
          /^(?:\[mysql\] .*\n)+error: migration failed in line 0: DO SLEEP\(20\) \/\* holder \*\/ \(details: invalid connection\)\ndriver: bad connection in line 0: SELECT RELEASE_LOCK\(\?\)\n$/,
      },
      ours: {
        exitCode: 1,
        stderr:
          'error: migration failed in line 0: DO SLEEP(20) /* holder */ (details: invalid connection)\ndriver: bad connection in line 0: SELECT RELEASE_LOCK(?)\n',
      },
      page: "golang-migrate's MySQL client logs on its own",
    },
    {
      quirk: `a connection that a script ends, ${kind}`,
      kind,
      files: { '1_a.up.sql': 'KILL CONNECTION_ID()' },
      command: 'up',
      theirs: {
        exitCode: 1,
        stderr:
          /^\[mysql\] .*\nerror: migration failed in line 0: KILL CONNECTION_ID\(\) \(details: Error \d+: .*\)\ninvalid connection in line 0: SELECT RELEASE_LOCK\(\?\)\n$/,
      },
      ours: {
        exitCode: 1,
        stderr:
          /^error: migration failed in line 0: KILL CONNECTION_ID\(\) \(details: Error \d+: .*\)\ninvalid connection in line 0: SELECT RELEASE_LOCK\(\?\)\n$/,
      },
      page: "golang-migrate's MySQL client logs on its own",
    },
  ]),
  {
    quirk: 'the version is written under sql_safe_updates',
    kind: 'mysql',
    files: { '1_a.up.sql': 'SET sql_safe_updates = 1' },
    command: 'up',
    theirs: up,
    afterwards: 'SELECT 1 / (version = 1 AND dirty = 0) FROM schema_migrations',
  },
  {
    quirk: 'a file of the client is not handed out, MariaDB',
    kind: 'mariadb',
    files: { '1_a.up.sql': "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE schema_migrations" },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        "error: migration failed in line 0: LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE schema_migrations (details: local file '/etc/hostname' is not registered)\n",
    },
  },
  {
    quirk: 'a version write that fails is told as golang-migrate wrote it, SQLite',
    kind: 'sqlite',
    files: { '1_a.up.sql': 'CREATE TEMP TABLE schema_migrations (a int);' },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr:
        'error: SQL logic error: table schema_migrations has no column named version (1) in line 0: INSERT INTO schema_migrations (version, dirty) VALUES (?, ?)\n',
    },
  },
  {
    quirk: 'a newer SQLite understands more',
    kind: 'sqlite',
    files: { '1_a.up.sql': "SELECT concat('a', 'b');" },
    command: 'up',
    theirs: { exitCode: 1, stderr: /^error: SQL logic error: no such function: concat \(1\) / },
    ours: up,
    page: 'SQLite 3.39',
  },
]
