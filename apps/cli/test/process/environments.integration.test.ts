import { linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { project, type Project } from '../support/project.ts'
import { spawnMig, type ProcessEnd } from '../support/spawn-mig.ts'

const config = `export default {
  environments: {
    local: { database: 'sqlite://./local.db' },
    production: { database: process.env['PRODUCTION_URL'], protected: true },
    bare: { protected: true },
  },
}`

const app = (text = config, name = 'mig.config.mjs'): Project => {
  const made = project({ '1_a.up': 'create table a (id integer);', '1_a.down': 'drop table a;' })
  made.write(name, text)
  return made
}

const run = (
  { folder }: Project,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = folder,
): Promise<ProcessEnd> => spawnMig(argv, { cwd, env })

describe('an environment that was named', () => {
  const lying = { DATABASE_URL: 'sqlite://./prod.db' }

  test.each<[string, string[], Record<string, string>]>([
    ['--env', ['--env', 'local'], {}],
    ['MIG_ENV', [], { MIG_ENV: 'local' }],
  ])('by %s beats DATABASE_URL', async (_, argv, env) => {
    const made = app()
    await run(made, ['up', '--env', 'local'])
    await run(made, ['up', '--database', 'sqlite://./prod.db'])
    const down = await run(made, ['down', '--all', '--yes', ...argv], { ...lying, ...env })
    expect(down.stderr).not.toContain('Warning')
    const version = async (database: string): Promise<string> =>
      (await run(made, ['version', '--database', database])).stdout
    expect(await version('sqlite://./local.db')).toBe('none\n')
    expect(await version('sqlite://./prod.db')).toBe('1\n')
  })

  test('beats .env, and what .env names beats the database of .env but not DATABASE_URL', async () => {
    const made = app()
    made.write('.env', 'DATABASE_URL=sqlite://./env.db\nMIG_DATABASE=sqlite://./env.db\n')
    const origin = async (argv: string[], env = {}): Promise<string> => {
      const { stdout } = await run(made, ['config', '--json', ...argv], env)
      const { result } = JSON.parse(stdout) as {
        result: { settings: { database: { origin: string } } }
      }
      return result.settings.database.origin
    }
    const local = 'mig.config.mjs, environment local'
    expect(await origin(['--env', 'local'])).toBe(local)
    expect(await origin([])).toBe('.env: MIG_DATABASE')
    made.write('.env', 'MIG_ENV=local\nDATABASE_URL=sqlite://./env.db\n')
    expect(await origin([])).toBe(local)
    expect(await origin([], lying)).toBe('DATABASE_URL')
    expect(await origin(['--env', 'local'], lying)).toBe(local)
    expect(await origin(['--env', 'local'], { ...lying, MIG_DATABASE: 'a://1' })).toBe(
      'MIG_DATABASE',
    )
    expect(await origin(['--env', 'local', '-d', 'a://2'], { MIG_DATABASE: 'a://1' })).toBe(
      '--database',
    )
  })

  const commands = [
    ['up'],
    ['down'],
    ['goto', '1'],
    ['redo'],
    ['force', '1'],
    ['version'],
    ['drop', '--yes'],
    ['status'],
    ['plan'],
    ['history'],
    ['verify'],
    ['doctor'],
    ['repair'],
    ['baseline', '1'],
    ['unlock'],
  ]
  test.each(commands)('and has no database is an error of mig %s', async (...argv) => {
    const made = app()
    made.write('.env', 'DATABASE_URL=sqlite://./env.db\n')
    const end = await run(made, [...argv, '--env', 'production', '--json'], lying)
    expect(end.code).toBe(2)
    expect(JSON.parse(end.stdout)).toMatchObject({
      ok: false,
      error: {
        code: 'USAGE',
        message: 'The environment "production" has no database',
        hint: 'Is PRODUCTION_URL set? mig.config.mjs reads it. Or pass --database URL, or set MIG_DATABASE.',
      },
    })
  })

  test.each([
    ['empty in the environment', 'production', config, { PRODUCTION_URL: '' }, /Is PRODUCTION_URL/],
    ['not spoken of', 'bare', config, {}, /Write "database" under "bare"/],
    [
      'empty in the file',
      'x',
      'export default { environments: { x: { database: "" } } }',
      {},
      /Its "database" in mig.config.mjs is empty/,
    ],
    [
      'waiting for one of several',
      'x',
      'const { A_URL, B_URL } = process.env\nexport default { environments: { x: { database: A_URL }, y: { database: B_URL } } }',
      {},
      /mig.config.mjs reads A_URL, B_URL, which are not/,
    ],
  ])('with a database that is %s', async (_, name, text, env, hint) => {
    const end = await run(app(text), ['status', '--env', name], { ...lying, ...env })
    expect(end.code).toBe(2)
    expect(end.stderr).toContain(`The environment "${name}" has no database`)
    expect(end.stderr.replaceAll(/\s+/g, ' ')).toMatch(hint)
  })

  test('has the database of its file where it does not speak of one', async () => {
    const text = JSON.stringify({
      database: 'sqlite://./all.db',
      environments: { bare: { ledger: false } },
    })
    const { stdout } = await run(app(text, 'mig.config.json'), ['config', '--env', 'bare'], lying)
    expect(stdout).toMatch(/sqlite:\/\/.\/all.db +mig.config.json$/m)
  })
})

describe('a protected SQLite file', () => {
  const protectedFile = `export default {
    environments: { production: { database: 'sqlite://./prod.db', protected: true } },
  }`
  const spellings = [
    'sqlite://prod.db',
    'sqlite://./prod.db',
    'sqlite3://prod.db',
    'sqlite://prod.db?cache=shared',
    'sqlite://prod.db?_foreign_keys=1',
    'sqlite://migrations/../prod.db',
    'sqlite://file:prod.db',
    'sqlite://link.db',
    'sqlite://hard.db',
    'sqlite://linked/prod.db',
    'sqlite://ABSOLUTE/prod.db',
    'sqlite:prod.db',
  ]

  test.each(spellings)('asks, reached by %s', async (spelling) => {
    const made = app(protectedFile)
    const { folder } = made
    await run(made, ['up', '--env', 'production'])
    symlinkSync('prod.db', join(folder, 'link.db'))
    linkSync(join(folder, 'prod.db'), join(folder, 'hard.db'))
    symlinkSync('.', join(folder, 'linked'))
    const url = spelling.replace('ABSOLUTE', folder)
    const drop = await run(made, ['drop', '--yes', '--database', url])
    expect(drop.stderr).toContain('The environment is protected.')
    expect(drop.code).toBe(2)
    const shown = await run(made, ['config', '--database', url])
    expect(shown.stdout).toContain('This environment is protected.')
    expect((await run(made, ['version', '--env', 'production'])).stdout).toBe('1\n')
  })

  test('asks before it is there, and nobody is asked for another one or one in memory', async () => {
    const made = app(protectedFile)
    mkdirSync(join(made.folder, 'other'))
    const isProtected = async (url: string): Promise<boolean> =>
      (await run(made, ['config', '--database', url])).stdout.includes('is protected')
    expect(await isProtected('sqlite://./migrations/../prod.db')).toBe(true)
    expect(await isProtected('sqlite://other/prod.db')).toBe(false)
    expect(await isProtected('sqlite::memory:')).toBe(false)
  })
})

/** An address of this machine that others reach it by, where it has one. */
const ownAddress =
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1'

describe('a protected server', () => {
  const isProtected = async (
    protectedUrl: string,
    url: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<boolean> => {
    const production = { database: protectedUrl, protected: true }
    const made = app(JSON.stringify({ environments: { production } }), 'mig.config.json')
    return (await run(made, ['config', '--database', url], env)).stdout.includes('is protected')
  }

  test.each<[string, string, Record<string, string>?]>([
    ['postgres://localhost/app', 'postgres://127.0.0.1:5432/app'],
    ['postgres://localhost/app', 'postgresql://other:pw@localhost/app'],
    ['postgres://localhost:5432/app', 'pgx5://[::1]/app?sslmode=disable'],
    ['postgres://localhost/app', 'postgres://LOCALHOST/app?x-migrations-table=v'],
    ['postgres://localhost/app', 'postgres:///app?host=/var/run/postgresql'],
    ['postgres://localhost/app', 'postgres:///', { PGDATABASE: 'app', PGHOST: '127.0.0.1' }],
    ['postgres://localhost/app', `postgres://${ownAddress}/app`],
    ['postgres://db.invalid/app', 'postgres://u:p@DB.invalid.:5432/app'],
    ['mysql://root@localhost/app', 'mysql://u:p@tcp(127.0.0.1:3306)/app'],
    ['mysql://root@127.0.0.1/app', 'mariadb://127.1.2.3/App?charset=utf8mb4'],
    ['mysql://root@127.0.0.1/app', 'mysql://u@unix(/run/mysqld/mysqld.sock)/app'],
    ['hello://me@host/a.json', 'hello://you@HOST/a.json?x=1'],
  ])('%s is %s', async (a, b, env) => {
    expect(await isProtected(a, b, env)).toBe(true)
  })

  test.each([
    ['postgres://localhost/app', 'postgres://localhost/other'],
    ['postgres://localhost/app', 'postgres://localhost:5433/app'],
    ['postgres://localhost/app', 'postgres://192.0.2.1/app'],
    ['postgres://localhost/app', 'mysql://localhost:5432/app'],
    ['mysql://localhost/app', 'mysql://localhost/test'],
    ['hello://me@host/a.json', 'hello://me@host/b.json'],
    ['unknown://me@host/a', 'postgres://localhost/app'],
  ])('%s is not %s', async (a, b) => {
    expect(await isProtected(a, b)).toBe(false)
  })
})

describe('relative paths', () => {
  test('in the database and source of a config file are relative to it', async () => {
    const made = project({ '1_a.up': 'create table a (id integer);' })
    made.write(
      'mig.config.json',
      '{"database": "sqlite://./app.db", "source": "file://migrations"}',
    )
    made.write('src/deep/x', '')
    const version = async (cwd: string, ...argv: string[]): Promise<string> => {
      const end = await run(made, ['version', ...argv], {}, cwd)
      return end.stdout + end.stderr
    }
    const deep = join(made.folder, 'src/deep')
    expect((await run(made, ['up'], {}, deep)).stderr).not.toContain('Error')
    expect(await version(made.folder)).toBe('1\n')
    expect(await version(join(made.folder, 'src'))).toBe('1\n')
    expect(await version('/', '--config', join(made.folder, 'mig.config.json'))).toBe('1\n')
    expect(await version(deep, '--database', 'sqlite://app.db')).toBe('none\n')
  })

  test('in .env are relative to it', async () => {
    const made = project({ '1_a.up': 'create table a (id integer);' })
    made.write('.env', 'DATABASE_URL=sqlite://app.db\n')
    made.write('src/deep/x', '')
    await run(made, ['up'])
    const { stdout } = await run(made, ['version'], {}, join(made.folder, 'src/deep'))
    expect(stdout).toBe('1\n')
  })

  test.each([
    ['postgres://127.0.0.1:1/app?sslmode=verify-full&sslrootcert=ca.crt', 'ca.crt'],
    ['mysql://127.0.0.1:1/app?tls=custom&x-tls-ca=ca.crt', 'ca.crt'],
  ])('to the files of a URL are relative to the config file: %s', async (database, file) => {
    const made = app(JSON.stringify({ database }), 'mig.config.json')
    made.write('src/x', '')
    const { stderr } = await run(made, ['status'], {}, join(made.folder, 'src'))
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(join(made.folder, file))
  })
})
