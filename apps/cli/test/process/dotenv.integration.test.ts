import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { project, type Project } from '../support/project.ts'
import { spawnMig, type ProcessEnd } from '../support/spawn-mig.ts'

const run = (
  { folder }: Project,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = folder,
): Promise<ProcessEnd> => spawnMig(argv, { cwd, env })

interface Shown {
  readonly value: unknown
  readonly origin: string
}

const databaseOf = async (
  app: Project,
  env: Readonly<Record<string, string>> = {},
): Promise<Shown> => {
  const { stdout } = await run(app, ['config', '--json'], env)
  return (JSON.parse(stdout) as { result: { settings: { database: Shown } } }).result.settings
    .database
}

describe('.env', () => {
  test('may begin with a byte order mark', async () => {
    const app = project({})
    writeFileSync(join(app.folder, '.env'), '\uFEFFDATABASE_URL=sqlite://a.db\r\n')
    expect(await databaseOf(app)).toEqual({ value: 'sqlite://a.db', origin: '.env: DATABASE_URL' })
  })

  test.each<[string, string, Record<string, string>?]>([
    ['NAME=one\nDATABASE_URL=sqlite://${NAME}.db', 'sqlite://one.db'],
    ['NAME=one\nDATABASE_URL="sqlite://$NAME.db"', 'sqlite://one.db'],
    ['NAME=one\nDATABASE_URL=sqlite://${NAME}.db', 'sqlite://two.db', { NAME: 'two' }],
    ['DATABASE_URL=sqlite://${HERE}.db', 'sqlite://a$b$HOME$&.db', { HERE: 'a$b$HOME$&' }],
    ['DATABASE_URL=sqlite://${NAME:-default}.db', 'sqlite://default.db'],
    ['DATABASE_URL=sqlite://${NAME:-${OTHER:-last}}.db', 'sqlite://last.db'],
    ['DATABASE_URL=sqlite://a${NAME:+b}${HERE:+c}.db', 'sqlite://ac.db', { HERE: '1' }],
    ['DATABASE_URL=sqlite://${LATER}.db\nLATER=${LAST}\nLAST=z', 'sqlite://z.db'],
    ['DATABASE_URL=sqlite://a\\$b.db', 'sqlite://a$b.db'],
    ['A=$B\nB=$A\nDATABASE_URL=sqlite://x${A}.db', 'sqlite://x.db'],
    ['DATABASE_URL=sqlite://a$1${constructor}${}${x.db', 'sqlite://a$1${}${x.db'],
  ])('has its variables replaced: %j is %s', async (text, value, env) => {
    const app = project({})
    app.write('.env', text)
    expect(await databaseOf(app, env)).toMatchObject({ value })
  })

  test('says where a variable is not set, without what stands around it', async () => {
    const app = project({})
    app.write('.env', 'DATABASE_URL=postgres://u:pass$word@h/db\nOTHER=$2b$10$x$y\n')
    const { stderr, stdout } = await run(app, ['config'])
    expect(stderr).toBe(
      'Warning: .env: DATABASE_URL has a "$" that names no variable that is set, and nothing was put in its place. Write "\\$" where the sign itself is meant.\n',
    )
    expect(stdout).not.toContain('pass')
  })

  test.each([
    ['mig.config.ts', 'export default { database: process.env.APP_URL as string }'],
    [
      'mig.config.mjs',
      'import { env } from "node:process"\nexport default { database: env.APP_URL }',
    ],
    ['mig.config.js', 'module.exports = { database: process.env.APP_URL }'],
  ])('is read before %s, which sees it', async (name, text) => {
    const app = project({})
    app.write('.env', 'NAME=one\nAPP_URL=sqlite://${NAME}.db')
    app.write(name, text)
    expect(await databaseOf(app)).toEqual({ value: 'sqlite://one.db', origin: name })
    expect(await databaseOf(app, { APP_URL: 'sqlite://two.db' })).toMatchObject({
      value: 'sqlite://two.db',
    })
  })

  test('is that of the folder of the config file, and another one is pointed out', async () => {
    const app = project({})
    app.write('.env', 'DATABASE_URL=sqlite://near.db')
    app.write('conf/.env', 'DATABASE_URL=sqlite://conf.db')
    app.write('conf/mig.config.json', '{}')
    app.write('bare/mig.config.json', '{}')
    const config = (folder: string): Promise<ProcessEnd> =>
      run(app, ['config', '--config', `${folder}/mig.config.json`])
    expect((await config('conf')).stdout).toContain('sqlite://conf.db')
    const bare = await config('bare')
    expect(bare.stdout).not.toContain('near.db')
    expect(bare.stderr).toBe(
      'Warning: .env is not read: with a config file, .env is read from the folder of bare/mig.config.json\n',
    )
  })

  test.each(['MIG_YES=1', 'MIG_CONFIG=other.json', 'MIG_PATH=evil', 'MIG_SOURCE=file://evil'])(
    'cannot say %s',
    async (line) => {
      const app = project({ '1_a.up': 'create table a (id integer);' })
      app.write('.env', `${line}\n`)
      app.write('evil/1_evil.up.sql', 'create table evil (id integer);')
      app.write('other.json', '{"wait": "7s"}')
      const env = { MIG_DATABASE: 'sqlite://x.db' }
      const [name = ''] = line.split('=')
      const up = await run(app, ['up'], env)
      expect(up.stdout).toContain('1_a.up.sql')
      expect(up.stderr.split('\n').filter((text) => text.includes(name))).toEqual([
        expect.stringMatching(`^Warning: .env: ${name} is ignored, because .env cannot say`),
      ])
      expect((await run(app, ['drop'], env)).code).toBe(2)
      expect((await run(app, ['config'], env)).stdout).not.toContain('7s')
    },
  )

  describe('and the variables of a database', () => {
    const nowhere = 'PGHOST=127.0.0.1\nPGPORT=1\nPGPASSWORD=fromfile\n'
    const failure = async (app: Project, ...argv: string[]): Promise<string> => {
      const { stderr } = await run(app, ['version', ...argv])
      return stderr.replaceAll(/\s+/g, ' ')
    }

    test.each(['--database', 'config'])('do not fill a URL of %s', async (from) => {
      const app = project({})
      const url = 'postgres://localhost:2/prod'
      app.write('.env', 'PGHOST=evil.invalid\nPGSSLMODE=disable\nPGPASSWORD=x\n')
      if (from === 'config') app.write('mig.config.json', JSON.stringify({ database: url }))
      const text = await failure(app, ...(from === 'config' ? [] : ['--database', url]))
      const origin = from === 'config' ? 'mig.config.json' : '--database'
      for (const name of ['PGHOST', 'PGSSLMODE', 'PGPASSWORD']) {
        const line = `Warning: .env: ${name} is ignored, because the database comes from ${origin}.`
        expect(text.split(line).length, text).toBe(2)
      }
      expect(text).not.toContain('evil.invalid')
    })

    test('do not redirect a URL that leaves its host out', async () => {
      const app = project({})
      app.write('.env', 'PGHOST=evil.invalid\nPGPORT=1\n')
      const text = await failure(app, '--database', 'postgres:///prod?connect_timeout=2')
      expect(text).not.toContain('evil.invalid:')
      expect(text).toContain('PGHOST is ignored')
    })

    test('fill a URL that stands beside them, under those of the environment', async () => {
      const app = project({})
      app.write('.env', `DATABASE_URL=postgres:///prod\n${nowhere}`)
      expect(await failure(app)).toContain('127.0.0.1:1')
      expect(await failure(app)).not.toContain('ignored')
      const { stderr } = await run(app, ['version'], { PGPORT: '2' })
      expect(stderr).toContain('127.0.0.1:2')
    })

    test('are no warning where they have nothing to do with the database', async () => {
      const app = project({})
      app.write('.env', nowhere)
      const { stderr } = await run(app, ['version'], { MIG_DATABASE: 'sqlite://x.db' })
      expect(stderr).not.toContain('Warning')
    })
  })
})

test.each([
  ['{"database": "sqlite://${APP}.db"}', '"${APP}" stands for a variable'],
  ['{"path": "${APP}/migrations"}', '"${APP}" stands for a variable'],
])('a variable in a config file is an error: %s', async (text, message) => {
  const app = project({})
  app.write('mig.config.json', text)
  const { code, stderr } = await run(app, ['config'])
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stderr).toContain("process.env['APP']")
})
