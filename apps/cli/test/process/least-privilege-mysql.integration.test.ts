import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import {
  expectOneError,
  oneMigration,
  serverApp,
  stateOf,
  tablesOf,
} from '../support/server-app.ts'
import { execute, serverUser } from '../support/server-user.ts'

// As docs/how-to/least-privilege.md lists them.
const migrationRights =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, TRIGGER'

const more: Readonly<Record<string, string>> = {
  ...oneMigration,
  '2_more.up':
    'create table more (id int primary key, user_id int, foreign key (user_id) references users (id));\n' +
    'alter table more add column n int;\ncreate index more_n on more (n);',
  '2_more.down': 'drop table more;',
  '3_rows.up': 'replace into users values (1);',
  '3_rows.down': 'delete from users where id = 1;',
}

describeDatabase(['mysql', 'mariadb'], 'a user with just the rights that the docs list', (kind) => {
  const grant = (database: TestDatabase, rights: string, user: string, on = '*'): Promise<void> =>
    execute(kind, database.url, [`GRANT ${rights} ON \`${database.name}\`.${on} TO ${user}`])

  test('runs every command', async () => {
    await using database = await testDatabase(kind)
    await using user = await serverUser(kind, database.url)
    await grant(database, migrationRights, user.name)
    const { mig } = serverApp(user.url, more)
    const commands: readonly (readonly string[])[] = [
      ['version'],
      ['status'],
      ['plan'],
      ['up', '--dry-run'],
      ['up'],
      ['history'],
      ['verify'],
      ['doctor'],
      ['down'],
      ['goto', '3'],
      ['redo'],
      ['force', '2'],
      ['up'],
      ['repair', '--yes'],
      ['unlock'],
      ['verify'],
    ]
    for (const argv of commands) {
      const result = await mig(argv)
      expect(result.code, `${argv.join(' ')}: ${result.stdout}${result.stderr}`).toBe(0)
      expect(result.stderr, argv.join(' ')).not.toMatch(/Warning/)
    }
    expect(await stateOf(kind, database.url)).toBe('3 0')
    expect((await mig(['doctor'])).stdout).toContain('Nothing is wrong')
    expect((await mig(['drop', '--yes'])).code).toBe(0)
    expect(await tablesOf(kind, database.url)).toEqual([])
    const adopted = await mig(['baseline', '0', '--yes'])
    expect(adopted.stderr).not.toMatch(/denied/)
  })

  test('reads with SELECT on the two tables', async () => {
    await using database = await testDatabase(kind)
    await using user = await serverUser(kind, database.url)
    expect((await serverApp(database.url, more).mig(['up'])).code).toBe(0)
    for (const table of ['schema_migrations', 'schema_migrations_history']) {
      await grant(database, 'SELECT', user.name, table)
    }
    const { mig } = serverApp(user.url, more)
    for (const argv of [['version'], ['status'], ['plan'], ['history'], ['verify'], ['up']]) {
      const result = await mig(argv)
      expect(result.code, `${argv.join(' ')}: ${result.stdout}${result.stderr}`).toBe(0)
      expect(result.stderr, argv.join(' ')).not.toMatch(/Warning/)
    }
  })

  test('who has one right too few is given the GRANT for it, and the file is not blamed', async () => {
    await using database = await testDatabase(kind)
    await using user = await serverUser(kind, database.url)
    await grant(database, 'SELECT, INSERT, UPDATE, DELETE', user.name)
    const { mig } = serverApp(user.url, {
      ...oneMigration,
      '2_alter.up': 'alter table users add column n int;',
      '3_index.up': 'create index users_n on users (n);',
      '4_view.up': 'create view v as select 1 as one;',
      '5_routine.up': 'create procedure p() select 1;',
      '6_event.up': 'create event e on schedule every 1 day do select 1;',
      '7_server.up': 'set global max_connections = 151;',
      '8_drop.up': 'drop view v;',
    })
    const granted: string[] = []
    for (let attempt = 0; attempt < 20; attempt++) {
      const run = await mig(['up'])
      if (run.code === 0) break
      expect(run.stderr).toMatch(/^Error: /m)
      const found = /(GRANT [^;]+);/.exec(run.stderr.replaceAll(/\s+/g, ' '))?.[1]
      expect(found, run.stderr).toBeDefined()
      const inFile = / at migrations\//.test(run.stderr)
      if (inFile) expect(run.stderr).toMatch(/The file is fine/)
      expect(run.stderr).not.toMatch(/Mend|The body/)
      await execute(kind, database.url, [found ?? ''])
      granted.push((found ?? '').replace(/ ON .*/, ''))
      if (run.code !== 3) continue
      const repaired = await mig(['repair', '--yes'])
      expect(repaired.code, repaired.stdout + repaired.stderr).toBe(0)
    }
    expect(await stateOf(kind, database.url)).toBe('8 0')
    expect(granted).toContain('GRANT CREATE')
    expect(granted).toContain('GRANT CREATE VIEW')
    expect(granted).toContain('GRANT CREATE ROUTINE')
    expect(granted).toContain('GRANT EVENT')
  })

  test('who may not write the version table is told so, and nothing of the file is in effect', async () => {
    await using database = await testDatabase(kind)
    await using user = await serverUser(kind, database.url)
    const { mig: admin } = serverApp(database.url, oneMigration)
    expect((await admin(['up'])).code).toBe(0)
    await grant(database, 'SELECT', user.name)
    await grant(database, 'INSERT, UPDATE, DELETE, CREATE, DROP', user.name, 'users')
    const { mig } = serverApp(user.url, {
      ...oneMigration,
      '2_rows.up': 'insert into users values (1);',
    })
    const run = await mig(['up', '--no-ledger'])
    expectOneError(run, 1)
    expect(run.stderr).toMatch(/command denied to user/)
    expect(run.stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /GRANT (UPDATE|DELETE) ON .*schema_migrations/,
    )
    expect(run.stderr).not.toMatch(/2_rows/)
    expect(await stateOf(kind, database.url)).toBe('1 0')
  })

  test('doctor says of a user with power over the server that it has it, and that nothing is wrong', async () => {
    await using database = await testDatabase(kind)
    const { mig } = serverApp(database.url, oneMigration)
    expect((await mig(['up'])).code).toBe(0)
    const { code, stdout } = await mig(['doctor'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/The user has SUPER, CREATE USER, FILE, SHUTDOWN ON \*\.\*/)
    expect(stdout).toContain('Nothing is wrong')
  })
})
