import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { expectOneError, isPostgres, serverApp, stateOf, tablesOf } from '../support/server-app.ts'
import { inspect } from '../crash/inspector.ts'
import { execute, serverUser } from '../support/server-user.ts'

describeDatabase(['postgres', 'postgres-old'], 'a read-only database', (kind) => {
  test('is told, before and after the first migration, and reading commands work', async () => {
    await using database = await testDatabase(kind)
    const { app, mig } = serverApp(database.url)
    const set = (value: string): Promise<void> =>
      execute(kind, database.url, [
        'set default_transaction_read_only = off',
        `alter database ${database.name} set default_transaction_read_only = ${value}`,
      ])
    await set('on')
    const first = await mig(['up'])
    expectOneError(first, 1)
    expect(first.stderr).toMatch(/read-only/)
    expect(first.stderr).toContain('connect to the primary')
    expect(await tablesOf(kind, database.url)).toEqual([])
    expect((await mig(['version'])).stdout).toBe('none\n')

    await set('off')
    expect((await mig(['up'])).code).toBe(0)
    app.migrations({ '2_more.up': 'create table more (i int);', '2_more.down': 'drop table more;' })
    await set('on')
    for (const argv of [['up'], ['down'], ['goto', '2'], ['redo']]) {
      const refused = await mig(argv)
      expectOneError(refused, 1)
      expect(refused.stderr).toMatch(/read-only/)
    }
    for (const argv of [['status'], ['plan'], ['history'], ['up', '--dry-run']]) {
      expect((await mig(argv)).code, argv.join(' ')).toBe(0)
    }
    expect((await mig(['version'])).stdout).toBe('1\n')
    expect(await stateOf(kind, database.url)).toBe('1 0')
  })
})

describeDatabase(['mysql', 'mariadb'], 'a user who may only read', (kind) => {
  test('is told, before and after the first migration, and reading commands work', async () => {
    await using database = await testDatabase(kind)
    await using user = await serverUser(kind, database.url)
    await execute(kind, database.url, [`grant select on ${database.name}.* to ${user.name}`])
    const { app, mig } = serverApp(database.url)
    const env = { MIG_DATABASE: user.url }
    const first = await mig(['up'], { env })
    expectOneError(first, 1)
    expect(first.stderr).toMatch(/CREATE command denied to user/)
    expect(first.stderr).toMatch(/Grant the missing privilege/)
    expect(await tablesOf(kind, database.url)).toEqual([])
    expect((await mig(['version'], { env })).stdout).toBe('none\n')

    expect((await mig(['up'])).code).toBe(0)
    app.migrations({ '2_more.up': 'create table more (i int);', '2_more.down': 'drop table more;' })
    for (const argv of [['up'], ['down'], ['goto', '2'], ['redo']]) {
      const refused = await mig(argv, { env })
      expectOneError(refused, 1)
      expect(refused.stderr).toMatch(/command denied to user/)
      expect(refused.stderr).toMatch(/Grant the missing privilege/)
    }
    for (const argv of [['status'], ['plan'], ['history'], ['up', '--dry-run']]) {
      expect((await mig(argv, { env })).code, argv.join(' ')).toBe(0)
    }
    expect((await mig(['version'], { env })).stdout).toBe('1\n')
    expect(await stateOf(kind, database.url)).toBe('1 0')
  })
})

const ledgerRights = [
  ['make', undefined, /^Warning: No ledger is kept: .*schema_migrations_history/m],
  ['read', 'insert', /^Warning: No ledger is kept: .*schema_migrations_history/m],
  ['write', 'select', /^Warning: No ledger is kept: .*schema_migrations_history/m],
] as const

describeDatabase(
  ['postgres', 'postgres-old', 'mysql', 'mariadb'],
  'a ledger without the rights for it',
  (kind) => {
    test.each(ledgerRights)(
      'who may not %s it is warned once, and migrates',
      async (what, right, says) => {
        await using database = await testDatabase(kind)
        await using user = await serverUser(kind, database.url)
        const rights = 'select, insert, update, delete'
        await execute(kind, database.url, [
          'create table schema_migrations (version bigint not null primary key, dirty boolean not null)',
          ...(isPostgres(kind)
            ? [
                `grant ${rights}, truncate on schema_migrations to ${user.name}`,
                `revoke create on schema public from public`,
                `create schema app authorization ${user.name}`,
              ]
            : [
                `grant ${rights} on ${database.name}.schema_migrations to ${user.name}`,
                ...['users', 'more'].map(
                  (table) => `grant create, drop on ${database.name}.${table} to ${user.name}`,
                ),
              ]),
        ])
        const schema = isPostgres(kind) ? 'app.' : ''
        if (right !== undefined) {
          // The ledger is there: somebody with more rights has migrated before.
          await serverApp(database.url).mig(['force', 'none'])
          const ledger = isPostgres(kind)
            ? 'schema_migrations_history'
            : `${database.name}.schema_migrations_history`
          await execute(kind, database.url, [`grant ${right} on ${ledger} to ${user.name}`])
        }
        const { mig } = serverApp(user.url, {
          '1_users.up': `create table ${schema}users (i int);`,
          '1_users.down': `drop table ${schema}users;`,
          '2_more.up': `create table ${schema}more (i int);`,
          '2_more.down': `drop table ${schema}more;`,
        })
        for (const argv of [['up'], ['goto', '1']]) {
          const result = await mig(argv)
          expect(result.code, result.stderr).toBe(0)
          expect(result.stderr).toMatch(says)
          expect(result.stderr.match(/^Warning: /gm)).toHaveLength(1)
        }
        // MySQL says of a table that may not be read neither that it is there nor that it is not.
        const hidden = what === 'read' || (what === 'make' && !isPostgres(kind))
        for (const argv of [['status'], ['version'], ['history']]) {
          const result = await mig(argv)
          expect(result.code, result.stderr).toBe(0)
          const tells = hidden && argv[0] !== 'version'
          expect(/^Warning: The ledger cannot be read: /m.test(result.stderr)).toBe(tells)
        }
        expect(await stateOf(kind, database.url)).toBe('1 0')
        const quiet = await mig(['up', '--no-ledger'])
        expect(quiet.code).toBe(0)
        expect(quiet.stderr).not.toContain('Warning')
      },
    )
  },
)

describeDatabase(['postgres', 'postgres-old'], 'a role that is named', (kind) => {
  test.each([
    ['by --role', (name: string) => ({ argv: ['--role', name], env: {} })],
    ['by MIG_ROLE', (name: string) => ({ argv: [], env: { MIG_ROLE: name } })],
  ])('%s owns what a migration makes; one that is not there is one error', async (_, way) => {
    await using database = await testDatabase(kind)
    await using owner = await serverUser(kind, database.url)
    await execute(kind, database.url, [`grant usage, create on schema public to ${owner.name}`])
    const { mig } = serverApp(database.url)
    const named = way(owner.name)
    const up = await mig(['up', ...named.argv], { env: named.env })
    expect(up.code, up.stderr).toBe(0)
    await using inspector = await inspect(kind, database.url)
    const tables = "select distinct tableowner as owner from pg_tables where schemaname = 'public'"
    expect(await inspector.rows(tables)).toEqual([[owner.name]])
    const missing = way('mig_nobody')
    const failed = await mig(['status', ...missing.argv], { env: missing.env })
    expectOneError(failed, 1)
    expect(failed.stderr).toContain('mig_nobody')
  })
})

const noteOfVersions: Readonly<Record<string, readonly string[]>> = {
  postgres: [
    'create table moves (v bigint)',
    'create function note() returns trigger language plpgsql as $$ begin insert into moves values (new.version); return new; end $$',
    'create trigger note before insert or update on schema_migrations for each row execute function note()',
  ],
  mysql: [
    'create table moves (v bigint)',
    'create trigger note before insert on schema_migrations for each row insert into moves values (new.version)',
  ],
  sqlite: [
    'create table moves (v bigint)',
    'create trigger note after insert on schema_migrations begin insert into moves values (new.version); end',
  ],
}

describeDatabase(
  ['postgres', 'postgres-old', 'mysql', 'mariadb', 'sqlite'],
  'a version table with a trigger',
  (kind) => {
    test('stops a run, unless it is said to be trusted', async () => {
      await using database = await testDatabase(kind)
      const { app, mig } = serverApp(database.url)
      expect((await mig(['up'])).code).toBe(0)
      app.migrations({
        '2_more.up': 'create table more (i int);',
        '2_more.down': 'drop table more;',
      })
      const dialect = isPostgres(kind) ? 'postgres' : kind === 'sqlite' ? 'sqlite' : 'mysql'
      await execute(kind, database.url, noteOfVersions[dialect] ?? [])
      const refused = await mig(['up'])
      expectOneError(refused, 1)
      expect(refused.stderr).toMatch(/trigger/)
      expect(refused.stderr.replace(/\s+/g, ' ')).toContain('--trust-version-table')
      expect(await stateOf(kind, database.url)).toBe('1 0')
      const trusted = await mig(['up', '--trust-version-table'])
      expect(trusted.code, trusted.stderr).toBe(0)
      expect(await stateOf(kind, database.url)).toBe('2 0')
      app.write('mig.config.json', JSON.stringify({ trustVersionTable: true }))
      expect((await mig(['down'])).code).toBe(0)
    })
  },
)
