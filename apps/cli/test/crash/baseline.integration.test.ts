import { testDatabase, type DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { mig, succeed, type Place } from './doctor-report.ts'
import { migrationFolder, type MigrationFolder } from './folder.ts'
import { inspect, type Inspector } from './inspector.ts'

const all = ['postgres', 'postgres-old', 'mysql', 'mariadb', 'sqlite'] as const

const isPostgres = (kind: DatabaseKind): boolean => kind.startsWith('postgres')

/** A folder whose migrations are these scripts. */
const folderOf = (...scripts: readonly string[]): Promise<MigrationFolder> =>
  migrationFolder(scripts.length, (version) => ({ up: scripts[version - 1] ?? '' }))

const withDatabase = async (
  kind: DatabaseKind,
  scripts: readonly string[],
  action: (at: Place, inspector: Inspector) => Promise<void>,
): Promise<void> => {
  await using database = await testDatabase(kind)
  await using folder = await folderOf(...scripts)
  await using inspector = await inspect(kind, database.url)
  await action({ path: folder.path, url: database.url }, inspector)
}

interface Refusal {
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** Asks for a baseline that must be refused, and gives the reason. */
const refusal = async (at: Place, version: string): Promise<Refusal> => {
  const { code, stdout } = await mig(at, 'baseline', version, '--json')
  expect(code).toBe(6)
  const output = JSON.parse(stdout) as { readonly error: Refusal }
  expect(output.error.code).toBe('CANNOT_BASELINE')
  return output.error
}

const shop = [
  'create table users (id int primary key, name varchar(20));\n',
  'create table pets (id int);\nalter table users add email varchar(50);\n',
  'create index users_email on users (email);\n',
  'drop table pets;\n',
] as const

describeDatabase(all, 'mig baseline', (kind) => {
  test('adopts a database at the version it looks like', { timeout: 120_000 }, async () => {
    await withDatabase(kind, shop, async (at, inspector) => {
      await inspector.rows(
        'create table users (id int primary key, name varchar(20), email varchar(50))',
      )
      await inspector.rows('create table pets (id int)')
      expect((await refusal(at, '1')).message).toBe(
        'The database does not look like version 1: ' +
          '000002_step.up.sql is to make table pets, which is there; ' +
          '000002_step.up.sql is to make column email of users, which is there',
      )
      const three = await refusal(at, '3')
      expect(three.message).toMatch(
        /^The database does not look like version 3: 000003_step\.up\.sql makes index users_email( of users)?, which is not there$/,
      )
      expect(three.hint).toBe('It looks like version 2. To adopt it as it is, pass --force.')
      expect((await refusal(at, '4')).message).toContain(
        '000004_step.up.sql removes table pets, which is there',
      )
      expect(await mig(at, 'version')).toMatchObject({ code: 0, stdout: 'none\n' })
      await succeed(at, 'baseline', '2')
      await succeed(at, 'up')
      await succeed(at, 'verify')
    })
  })

  test('adopts one that is at the newest version', { timeout: 120_000 }, async () => {
    await withDatabase(kind, shop, async (at, inspector) => {
      await succeed(at, 'up')
      await inspector.rows('drop table schema_migrations')
      await inspector.rows('drop table schema_migrations_history')
      for (const version of ['1', '2', '3']) await refusal(at, version)
      await succeed(at, 'baseline', '4')
      expect(await mig(at, 'status', '--check')).toMatchObject({ code: 0 })
    })
  })

  test('says of an empty database that the files are to be run', async () => {
    await withDatabase(kind, shop, async (at) => {
      const { message, hint } = await refusal(at, '3')
      expect(message).toMatch(/makes table users, which is not there; .*; and \d more$/)
      expect(hint).toMatch(/^Nothing of what the files make is there: "mig up" makes it\./)
    })
  })

  test('adopts with --force, on record', { timeout: 120_000 }, async () => {
    await withDatabase(kind, shop.slice(0, 1), async (at, inspector) => {
      const { code, stderr } = await mig(at, 'baseline', '1', '--force')
      expect(code).toBe(0)
      expect(stderr).toContain('Warning: The database does not look like version 1: ')
      expect(await inspector.rows('select kind, message from schema_migrations_history')).toEqual([
        ['baselined', 'although 000001_step.up.sql makes table users, which is not there'],
      ])
    })
  })

  test('takes nothing for missing that cannot be told', { timeout: 120_000 }, async () => {
    const scripts = [
      'create table t (id int, a int, b int);\ncreate index t_b on t (b);\ncreate view v as select id from t;\n',
      // The index goes with its column, and the view with nothing that the file says.
      kind === 'sqlite'
        ? 'drop view v;\ndrop index t_b;\nalter table t drop column b;\n'
        : 'drop view v;\nalter table t drop column b;\n',
      'create table if not exists t (id int);\ninsert into t (id) values (1);\n',
      'alter table t rename to u;\n',
    ]
    await withDatabase(kind, scripts, async (at, inspector) => {
      await succeed(at, 'up')
      await inspector.rows('drop table schema_migrations')
      await inspector.rows('drop table schema_migrations_history')
      await succeed(at, 'baseline', '4')
    })
  })
})

describeDatabase(['postgres', 'postgres-old'], 'mig baseline on PostgreSQL', (kind) => {
  test('knows a table by its name with and without its schema', { timeout: 120_000 }, async () => {
    const scripts = [
      'create table users (id int);\ncreate schema app;\ncreate table app.pets (id int);\ncreate table moved (id int);\n',
      'drop table public.users;\nset search_path = app;\ndrop table pets;\ncreate table users (id int);\nset search_path = public;\n' +
        'create function f() returns int language sql as $$ select 1 $$;\ndrop function f();\nalter table moved set schema app;\n',
      "create table other (id int);\ndo $$ begin execute 'drop ' || 'table other'; end $$;\n",
    ]
    await withDatabase(kind, scripts, async (at, inspector) => {
      await succeed(at, 'up')
      await inspector.rows('drop table schema_migrations, schema_migrations_history')
      expect(isPostgres(kind)).toBe(true)
      await refusal(at, '1')
      await succeed(at, 'baseline', '3')
    })
  })
})

describeDatabase(['mysql', 'mariadb'], 'mig baseline on MySQL', (kind) => {
  test('knows that a unique constraint is dropped as an index', { timeout: 120_000 }, async () => {
    const scripts = [
      'create table t (a int);\nalter table t add constraint t_a unique (a);\n',
      'alter table t drop index t_a;\n',
      'create table other (id int);\ncreate procedure p() drop table other;\ncall p();\ndrop procedure p;\n',
    ]
    await withDatabase(kind, scripts, async (at, inspector) => {
      await succeed(at, 'up')
      await inspector.rows('drop table schema_migrations, schema_migrations_history')
      await succeed(at, 'baseline', '3')
    })
  })
})
