import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { inspect } from '../crash/inspector.ts'
import { plantCaptureTraps } from '../support/capture-traps.ts'
import { project, type Project } from '../support/project.ts'
import { execute, serverUser } from '../support/server-user.ts'
import { runTool } from '@mig/internal-testing'
import { migrateTool } from '@mig/internal-testing'

const migrations = {
  '1_users.up': 'create table public.users (id int primary key);',
  '1_users.down': 'drop table public.users;',
  '2_index.up': 'create index concurrently users_id on public.users (id);',
  '2_index.down': 'drop index concurrently public.users_id;',
  '3_pets.up': 'begin; create table public.pets (id int primary key); commit;',
  '3_pets.down': 'drop table public.pets;',
}

/** One that fails half-way, outside of a transaction, so that doctor and repair have something to look at. */
const halfWay = {
  '4_half.up':
    '-- mig: transaction=none\ncreate table public.half (id int);\ncreate unique index half_id on public.half (id);\nselect from nowhere;',
  '4_half.down': 'drop table public.half;',
}

/** Every command, with what its exit code should be where it matters that it did its work. */
const commands: readonly (readonly [argv: string, exitCode?: number])[] = [
  ['status', 0],
  ['version', 0],
  ['plan', 0],
  ['up 1', 0],
  ['doctor'],
  ['up'],
  ['up'],
  ['status', 0],
  ['version', 0],
  ['history', 0],
  ['verify'],
  ['doctor'],
  ['plan', 0],
  ['redo'],
  ['down'],
  ['goto 2'],
  ['force 1', 0],
  ['history', 0],
  ['unlock --yes'],
  ['doctor'],
]

const afterFailure: readonly (readonly [argv: string, exitCode?: number])[] = [
  ['force 3', 0],
  ['up'],
  ['status'],
  ['doctor'],
  ['plan'],
  ['repair --to=4 --yes'],
  ['repair --yes'],
  ['force none', 0],
  ['baseline 1 --yes'],
  ['force none', 0],
  ['drop --yes', 0],
]

const runAll = async (
  app: Project,
  url: string,
  flags: readonly string[],
  list: typeof commands,
): Promise<void> => {
  for (const [argv, exitCode] of list) {
    const words = argv.split(' ')
    const run = await app.mig([...words, ...flags], { env: { MIG_DATABASE: url } })
    expect(run.stderr, argv).not.toContain('captured: ')
    if (exitCode !== undefined) expect(run.exitCode, `${argv}\n${run.stderr}`).toBe(exitCode)
  }
}

/** A name that ends an SQL text where a backslash escapes the quote after it. */
const hostileName = (role: string): string => `\\') ) v(name); alter role ${role} superuser; --`

const withParameter = (url: string, name: string, value: string): string => {
  const changed = new URL(url)
  changed.searchParams.set(name, value)
  return changed.href
}

/** The usual ones, and one that looks at the server's own schema last. */
const paths = (schema: string): readonly string[] => [
  `public,${schema}`,
  `${schema},public`,
  `public,${schema},pg_catalog`,
]

const variants: readonly (readonly string[])[] = [
  [],
  ['--no-ledger'],
  ['--lock=table'],
  ['--lock=transaction'],
  ['--lock=none', '--no-ledger'],
]

describeDatabase(['postgres', 'postgres-old'], 'names planted in the search path', (kind) => {
  test('are called by no command of mig', { timeout: 240_000 }, async () => {
    await using database = await testDatabase(kind)
    await using user = await serverUser(kind, database.url)
    const schema = 'traps'
    await execute(kind, database.url, [
      `create schema ${schema} authorization ${user.name}`,
      `grant usage on schema ${schema} to public`,
    ])
    const traps = await plantCaptureTraps(user.url, schema)
    for (const path of paths(schema)) {
      for (const flags of path.endsWith('pg_catalog') ? variants : [[]]) {
        const url = withParameter(database.url, 'search_path', path)
        const app = project(migrations)
        await runAll(app, url, flags, commands)
        app.migrations(halfWay)
        await runAll(app, url, flags, afterFailure)
        expect(await traps.sprung(), `${path} ${flags.join(' ')}`).toEqual([])
        await execute(kind, database.url, [
          'drop schema public cascade',
          'create schema public',
          `drop table if exists ${schema}.schema_migrations, ${schema}.schema_migrations_history, ${schema}.schema_lock`,
        ])
      }
    }
  })

  test(
    'are called by no command on a ledger without all its columns',
    { timeout: 120_000 },
    async () => {
      await using database = await testDatabase(kind)
      await using user = await serverUser(kind, database.url)
      await execute(kind, database.url, [`create schema traps authorization ${user.name}`])
      const traps = await plantCaptureTraps(user.url, 'traps')
      const url = withParameter(database.url, 'search_path', 'public,traps')
      const app = project(migrations)
      await runAll(app, url, [], [['up 1', 0]])
      await execute(kind, database.url, [
        'alter table schema_migrations_history drop column details, drop column actor',
      ])
      await runAll(app, url, [], commands)
      expect(await traps.sprung()).toEqual([])
    },
  )

  test('run nothing as a name of a table, whatever a backslash means', async () => {
    await using database = await testDatabase(kind)
    await using user = await serverUser(kind, database.url)
    await execute(kind, database.url, ['grant create on schema public to public'])
    await execute(kind, user.url, [
      'create table marks (i int)',
      `create table "${hostileName(user.name)}" (i int)`,
    ])
    for (const setting of ['off', 'on']) {
      const url = withParameter(database.url, 'standard_conforming_strings', setting)
      const app = project({ '1_a.up': 'create table a (i int);', '1_a.down': 'drop table a;' })
      await runAll(app, url, [], [['up', 0], ['doctor'], ['down', 0], ['up', 0], ['status', 0]])
      await runAll(app, url, [], [['drop --yes', 0]])
      await using inspector = await inspect(kind, database.url)
      const rows = await inspector.rows(
        `select rolsuper, to_regclass('public.marks') is null from pg_roles where rolname = '${user.name}'`,
      )
      expect(rows).toEqual([['false', 'true']])
    }
  })

  test('are called by no command of the drop-in', { timeout: 120_000 }, async () => {
    await using database = await testDatabase(kind)
    await using user = await serverUser(kind, database.url)
    await execute(kind, database.url, [`create schema traps authorization ${user.name}`])
    const traps = await plantCaptureTraps(user.url, 'traps')
    const app = project({ '1_a.up': 'create table a (i int);', '1_a.down': 'drop table a;' })
    for (const [scheme, more] of [
      ['postgres', []],
      ['pgx4', [['x-lock-strategy', 'table']]],
      ['pgx5', []],
    ] as const) {
      for (const path of paths('traps')) {
        let url = withParameter(database.url, 'search_path', path)
        for (const [name, value] of more) url = withParameter(url, name, value)
        url = url.replace(/^postgres(?:ql)?:/, `${scheme}:`)
        for (const argv of [
          'version',
          'up',
          'version',
          'down -all',
          'goto 1',
          'force 1',
          'drop -f',
        ]) {
          const options = { cwd: app.folder, stdin: '', env: {} }
          await runTool(
            migrateTool,
            ['-path', 'migrations', '-database', url, ...argv.split(' ')],
            options,
          )
        }
        expect(await traps.sprung(), `${scheme} ${path}`).toEqual([])
        await execute(kind, database.url, [
          'drop schema public cascade',
          'create schema public',
          'drop table if exists traps.schema_migrations, traps.schema_lock, traps.a',
        ])
      }
    }
  })
})
