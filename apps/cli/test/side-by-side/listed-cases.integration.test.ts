import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { mask } from './compare.ts'
import { openSideDatabase, type SideDatabase } from './database.ts'
import { findReference } from './reference-binary.ts'
import type { Tool } from './run-tool.ts'
import { migrateTool, openWorkplace, type Workplace } from './workplace.ts'

interface Result {
  readonly exitCode: number | null
  readonly stderr: string | RegExp
}

/** A deviation that random steps do not meet, or a case where there must be none. */
interface ListedCase {
  /** Number in the list of quirks, or what it is about. */
  readonly quirk: string
  readonly kind: DatabaseKind
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  prepare?(workplace: Workplace, database: SideDatabase): Promise<void> | void
  readonly parameters?: string
  readonly scheme?: string
  readonly command: string
  readonly theirs: Result
  readonly ours: Result
  /** A query that must work on our side afterwards. */
  readonly afterwards?: string
}

const bytes = (...parts: readonly (string | number)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))),
  )

const cases: readonly ListedCase[] = [
  {
    quirk: 'Q-14: a body that cannot be read counts as an empty one',
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
    quirk: 'a body that is not UTF-8, on SQLite',
    kind: 'sqlite',
    files: { '1_a.up.sql': bytes("CREATE TABLE t (a text); INSERT INTO t VALUES ('", 0xff, "');") },
    command: 'up',
    theirs: { exitCode: 0, stderr: '1/u a (D)\n' },
    ours: {
      exitCode: 1,
      stderr: 'error: the migration is not valid UTF-8, nothing of it was run\n',
    },
  },
  {
    quirk: 'a body that is not UTF-8, on PostgreSQL, is the same',
    kind: 'postgres',
    files: { '1_a.up.sql': bytes("SELECT '", 0xff, "';") },
    command: 'up',
    theirs: {
      exitCode: 1,
      stderr: /^error: migration failed: invalid byte sequence for encoding "UTF8": 0xff/,
    },
    ours: {
      exitCode: 1,
      stderr: /^error: migration failed: invalid byte sequence for encoding "UTF8": 0xff/,
    },
  },
  {
    quirk: 'a body that is not UTF-8, on MySQL, is the same',
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
    ours: { exitCode: 0, stderr: '1/u a (D)\n' },
    afterwards: "SELECT 1 / (HEX(a) = 'FF') FROM t",
  },
  {
    quirk: 'a body with a parameter, on SQLite',
    kind: 'sqlite',
    files: { '1_a.up.sql': 'CREATE TABLE t (a int); INSERT INTO t VALUES (?);' },
    command: 'up',
    theirs: { exitCode: 1, stderr: /^error: missing argument with index 1 in line 0: / },
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
    ours: {
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
    ours: { exitCode: 1, stderr: /^error: migration failed in line 0: SELECT pg_sleep\(30\) / },
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
    ours: {
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
    ours: { exitCode: 1, stderr: "error: timeout: can't acquire database lock\n" },
  },
  {
    quirk: 'COPY FROM STDIN has no data',
    kind: 'postgres',
    files: { '1_a.up.sql': 'CREATE TABLE t (a int); COPY t FROM STDIN;\n1\n\\.\n' },
    command: 'up',
    theirs: { exitCode: 1, stderr: /^error: migration failed/ },
    ours: { exitCode: 1, stderr: /^error: migration failed/ },
  },
]

const reference = findReference()

const run = async (listed: ListedCase, tool: Tool): Promise<Result & { stdout: string }> => {
  using workplace = openWorkplace()
  const database = await openSideDatabase(listed.kind, workplace.folder)
  try {
    workplace.write(listed.files ?? {})
    await listed.prepare?.(workplace, database)
    const scheme = listed.scheme ?? (listed.kind === 'sqlite' ? 'sqlite' : 'postgres')
    const url = database.url(scheme, listed.parameters ?? '')
    const args = ['-path', 'm', '-database', url, ...listed.command.split(' ')]
    const outcome = await workplace.run(tool, args)
    if (tool === migrateTool && listed.afterwards !== undefined) {
      await database.query(listed.afterwards)
    }
    const stderr = mask(mask(outcome.stderr, workplace.folder), database.name)
    return { ...outcome, stderr }
  } finally {
    await database.close()
  }
}

const check = (result: Result & { stdout: string }, wanted: Result): void => {
  if (wanted.stderr instanceof RegExp) expect(result.stderr).toMatch(wanted.stderr)
  else expect(result.stderr).toBe(wanted.stderr)
  expect(result.exitCode).toBe(wanted.exitCode)
  expect(result.stdout).toBe('')
}

describeDatabase(['postgres', 'mysql', 'sqlite'], 'listed cases', (kind) => {
  const own = cases.filter((listed) => listed.kind === kind)

  test.each(own)('$quirk: migrate', async (listed) => {
    check(await run(listed, migrateTool), listed.ours)
  })

  const { path } = reference
  test.skipIf(path === undefined).each(own)('$quirk: golang-migrate', async (listed) => {
    check(await run(listed, [path ?? '']), listed.theirs)
  })
})
