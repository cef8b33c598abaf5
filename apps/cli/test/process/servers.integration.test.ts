import { width } from '../../src/render/columns.ts'
import { testDatabase, type DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { Project } from '../support/project.ts'
import { expectOneError, isPostgres, serverApp, stateOf, tablesOf } from '../support/server-app.ts'

const servers = ['postgres', 'postgres-old', 'mysql', 'mariadb'] as const

const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('no port was given')
  return address.port
}

const withUrl = (url: string, change: (parts: URL) => void): string => {
  const parts = new URL(url)
  change(parts)
  return parts.href
}

interface BadInput {
  readonly what: string
  readonly argv?: readonly string[]
  readonly url?: (url: string) => string | Promise<string>
  readonly given?: (app: Project) => void
  readonly exitCode: number
  readonly code: string
  readonly says: (kind: DatabaseKind) => RegExp
  /** The database's tables then. Default is none. */
  readonly tables?: readonly string[]
}

const bookkeeping = ['schema_migrations', 'schema_migrations_history']

const badInputs: readonly BadInput[] = [
  {
    what: 'a malformed URL',
    url: (url) => url.replace(/:(\d+)\//, ':$1x/'),
    exitCode: 2,
    code: 'INVALID_OPTION',
    says: () => /cannot be read|port/,
  },
  {
    what: 'a wrong password',
    url: (url) => withUrl(url, (parts) => (parts.password = 'not-this-one')),
    exitCode: 1,
    code: 'CONNECTION_FAILED',
    says: (kind) =>
      isPostgres(kind)
        ? /password authentication failed for user.*\n(.*\n)*.*Check user and password/
        : /Access denied for user.*\n(.*\n)*.*Check user and password/,
  },
  {
    what: 'a server that is not there',
    url: async (url) => {
      const port = await closedPort()
      return withUrl(url, (parts) => (parts.port = `${port}`))
    },
    exitCode: 1,
    code: 'CONNECTION_FAILED',
    says: () => /Cannot connect to .*\S:\d+.*refused[^]*--wait 30s/i,
  },
  {
    what: 'a database that does not exist',
    url: (url) => withUrl(url, (parts) => (parts.pathname = '/mig_is_not_there')),
    exitCode: 1,
    code: 'CONNECTION_FAILED',
    says: () => /mig_is_not_there[^]*Create (it|the database) first/,
  },
  {
    what: 'an unknown scheme',
    url: (url) => url.replace(/^\w+:/, 'mysq1:'),
    exitCode: 1,
    code: 'UNKNOWN_SCHEME',
    says: () => /No installed driver takes "mysq1:\/\/"[^]*Did you mean "mysql:\/\/"/,
  },
  {
    what: 'a version that no file has',
    argv: ['goto', '9'],
    exitCode: 1,
    code: 'VERSION_NOT_FOUND',
    says: () => /No migration file has version 9/,
  },
  {
    what: 'invalid UTF-8',
    given: (app) => app.writeBytes('migrations/2_bytes.up.sql', [0x61, 0x0a, 0xff]),
    exitCode: 1,
    code: 'INVALID_BODY',
    says: () => /2_bytes\.up\.sql:2: the file is not valid UTF-8/,
    // What comes before the file was in order, and stays.
    tables: [...bookkeeping, 'users'],
  },
  {
    what: 'a folder that does not exist',
    argv: ['up', '--path', 'nowhere'],
    exitCode: 1,
    code: 'SOURCE_FAILED',
    says: () => /nowhere": it does not exist/,
  },
]

describeDatabase(servers, 'bad input', (kind) => {
  test.each(badInputs)('$what: exit $exitCode and nothing changed', async (bad) => {
    await using database = await testDatabase(kind)
    const { app, mig } = serverApp(database.url)
    bad.given?.(app)
    const url = (await bad.url?.(database.url)) ?? database.url
    const argv = bad.argv ?? ['up']
    const run = await mig(argv, { env: { MIG_DATABASE: url } })
    expectOneError(run, bad.exitCode)
    expect(run.stderr).toMatch(bad.says(kind))
    const { stdout } = await mig([...argv, '--json'], { env: { MIG_DATABASE: url } })
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: bad.code, exitCode: bad.exitCode },
    })
    expect(await tablesOf(kind, database.url)).toEqual(bad.tables ?? [])
  })
})

const failingScripts = [
  [1, 'insert into nothing values (1);\ncreate table b (i int);\ncreate table c (i int);'],
  [2, 'create table a (i int);\ninsert into nothing values (1);\ncreate table c (i int);'],
  [3, 'create table a (i int);\ncreate table b (i int);\ninsert into nothing values (1);'],
] as const

const syntaxErrors = [
  [1, 8, 'create tabel a (i int);\ncreate table b (i int);'],
  [2, 18, "create table b (i int);\n  select '🐘' frm users where;"],
] as const

describeDatabase(servers, 'a statement that fails', (kind) => {
  test.each(failingScripts)('statement %i of 3', async (line, script) => {
    await using database = await testDatabase(kind)
    const { app, mig } = serverApp(database.url)
    app.migrations({ '2_bad.up': script })
    const run = await mig(['up'])
    expectOneError(run, isPostgres(kind) ? 1 : 3)
    expect(run.stderr).toContain(`at migrations/2_bad.up.sql:${line}:`)
    expect(run.stderr).toContain(`, statement ${line} of 3`)
    expect(run.stderr).toContain(`${line} | insert into nothing values (1);`)
    expect(run.stderr).toContain('done      1 step: up 1')
    if (isPostgres(kind)) {
      expect(run.stderr).toContain(`Error: relation "nothing" does not exist`)
      expect(run.stderr).toContain('code      42P01')
      expect(run.stderr).toContain(`\n      | ${' '.repeat('insert into '.length)}^\n`)
      expect(run.stderr).toContain('database  at version 1, clean: nothing of up 2 is in effect')
      expect(await stateOf(kind, database.url)).toBe('1 0')
      expect(await tablesOf(kind, database.url)).toEqual([...bookkeeping, 'users'])
    } else {
      expect(run.stderr).toMatch(/Error: Table '.*nothing' doesn't exist/)
      expect(run.stderr).toContain('code      1146')
      expect(run.stderr).toContain('\n      | ^\n')
      expect(run.stderr).toContain('database  at version 2 (dirty)')
      expect(run.stderr).toContain('mig repair')
      expect(await stateOf(kind, database.url)).toBe('2 1')
      expect(await tablesOf(kind, database.url)).toEqual([
        ...['a', 'b'].slice(0, line - 1),
        ...bookkeeping,
        'users',
      ])
      const again = await mig(['up'])
      expectOneError(again, 3)
      expect(again.stderr).toMatch(/dirty/)
    }
  })

  test.each(syntaxErrors)('a syntax error in line %i, column %i', async (line, column, script) => {
    await using database = await testDatabase(kind)
    const { app, mig } = serverApp(database.url)
    app.migrations({ '2_bad.up': script })
    const run = await mig(['up'])
    expectOneError(run, isPostgres(kind) ? 1 : 3)
    expect(run.stderr).toContain(
      `at migrations/2_bad.up.sql:${line}:${column}, statement ${line} of 2`,
    )
    const [, sql, caret] = /\n {4}\d \| (.*)\n {6}\| ( *\^)\n/.exec(run.stderr) ?? []
    expect(sql).toBe(script.split('\n')[line - 1])
    // The caret stands where a terminal shows the character: the elephant before it takes two columns.
    const before = Array.from(sql ?? '').slice(0, column - 1)
    expect(caret?.indexOf('^')).toBe(width(before.join('')))
  })
})
