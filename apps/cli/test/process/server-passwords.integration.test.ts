import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/oclif/commands.ts'
import type { Project } from '../support/project.ts'
import { isPostgres, serverApp } from '../support/server-app.ts'
import { execute, serverUser } from '../support/server-user.ts'

const right = `p@ss:w/o%rd#&'"`
const wrong = `n@t:th/s%one#&'"`

/** The password as it may be written anywhere, and parts that say too much already. */
const formsOf = (password: string): string[] => {
  const encoded = encodeURIComponent(password)
  const forms = [password, encoded, encoded.toLowerCase(), encoded.replaceAll("'", '%27')]
  const quoted = forms.flatMap((form) => [
    JSON.stringify(form).slice(1, -1),
    inspect(form).slice(1, -1),
  ])
  return [...forms, ...quoted, password.slice(2, -2), encoded.slice(4, -6)]
}

interface Given {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

type Way = (app: Project, url: string, password: string) => Given

const withPassword = (url: string, written: string): string =>
  url.replace(/:[^:@]*@/, `:${written}@`)

const encodedIn = (url: string, password: string): string =>
  withPassword(url, encodeURIComponent(password))

const ownVariable: Way = (_, url, password) => ({
  argv: ['-d', url.replace(/:[^:@]*@/, '@')],
  env: { [url.startsWith('postgres') ? 'PGPASSWORD' : 'MYSQL_PWD']: password },
})

/** Ways on which the password arrives as it was meant. */
const ways: Readonly<Record<string, Way>> = {
  '--database': (_, url, password) => ({ argv: ['--database', encodedIn(url, password)], env: {} }),
  '--database=': (_, url, password) => ({
    argv: [`--database=${encodedIn(url, password)}`],
    env: {},
  }),
  MIG_DATABASE: (_, url, password) => ({
    argv: [],
    env: { MIG_DATABASE: encodedIn(url, password) },
  }),
  DATABASE_URL: (_, url, password) => ({
    argv: [],
    env: { DATABASE_URL: encodedIn(url, password) },
  }),
  'a variable of its own': ownVariable,
  'the config file': (app, url, password) => {
    app.write('mig.config.json', JSON.stringify({ database: encodedIn(url, password) }))
    return { argv: [], env: {} }
  },
  '.env': (app, url, password) => {
    app.write('.env', `DATABASE_URL=${encodedIn(url, password)}`)
    return { argv: [], env: {} }
  },
  'a parameter of the URL': (_, url, password) => {
    if (!url.startsWith('postgres')) return ownVariable(_, url, password)
    const bare = url.replace(/:[^:@]*@/, '@')
    return { argv: ['-d', `${bare}?password=${encodeURIComponent(password)}`], env: {} }
  },
}

const argvOf: Readonly<Record<string, readonly string[]>> = {
  baseline: ['1'],
  create: ['x'],
  goto: ['1'],
  force: ['1'],
  drop: ['--yes'],
  down: ['--all', '--yes'],
}

const wayNames = Object.keys(ways)

describeDatabase(['postgres', 'mysql', 'mariadb'], 'a password with odd characters', (kind) => {
  const owned = async (): Promise<AsyncDisposable & { readonly url: string }> => {
    const database = await testDatabase(kind)
    const user = await serverUser(kind, database.url, right)
    await execute(kind, database.url, [
      isPostgres(kind)
        ? `alter database ${database.name} owner to ${user.name}`
        : `grant all on ${database.name}.* to ${user.name}`,
    ])
    return {
      url: user.url,
      async [Symbol.asyncDispose]() {
        await user[Symbol.asyncDispose]()
        await database.drop()
      },
    }
  }

  test('lets in on every way, and is never shown', { timeout: 240_000 }, async () => {
    await using database = await owned()
    for (const [name, way] of Object.entries(ways)) {
      for (const [password, command] of [
        [right, 'up'],
        [wrong, 'status'],
      ] as const) {
        const { app, mig } = serverApp('')
        const { argv, env } = way(app, database.url, password)
        const run = await mig([command, '--verbose', ...argv], { env: { ...env, DEBUG: '*' } })
        const output = run.stdout + run.stderr
        expect(run.code, `${name}: ${output}`).toBe(password === right ? 0 : 1)
        for (const form of formsOf(password)) expect(output, name).not.toContain(form)
      }
    }
  })

  test('is not shown by any command', { timeout: 240_000 }, async () => {
    await using database = await owned()
    for (const [index, command] of Object.keys(COMMANDS).entries()) {
      for (const [turn, password] of [right, wrong].entries()) {
        const { app, mig } = serverApp('')
        const way = ways[wayNames[(index + turn) % wayNames.length] ?? ''] ?? ownVariable
        const { argv, env } = way(app, database.url, password)
        const extra = (index + turn) % 2 === 0 ? '--json' : '--verbose'
        const run = await mig([command, ...(argvOf[command] ?? []), extra, ...argv], {
          env: { ...env, DEBUG: '*' },
        })
        const output = run.stdout + run.stderr
        expect(output, command).not.toMatch(/INTERNAL_ERROR/)
        for (const form of formsOf(password)) expect(output, command).not.toContain(form)
      }
    }
  })

  test('is not shown where it stands raw in a URL', { timeout: 240_000 }, async () => {
    await using database = await owned()
    for (const password of [right, wrong]) {
      const url = withPassword(database.url, password)
      for (const [argv, env] of [
        [['up', '--verbose', '-d', url], {}],
        [['up', '--json', `--database=${url}`], {}],
        [['up', '--verbose'], { MIG_DATABASE: url }],
        [['config', '--json'], { DATABASE_URL: url }],
      ] as const) {
        const { mig } = serverApp('')
        const run = await mig(argv, { env: { ...env, DEBUG: '*' } })
        const output = run.stdout + run.stderr
        for (const form of formsOf(password)) expect(output).not.toContain(form)
        if (argv[0] === 'config') continue
        // PostgreSQL's URL form cannot tell where this one ends, and says how to write it; golang-migrate's DSN can.
        if (isPostgres(kind)) expect(output).toContain('Percent-encode the user and the password')
        expect(run.code, output).toBe(isPostgres(kind) ? 2 : password === right ? 0 : 1)
      }
    }
  })

  if (isPostgres(kind)) return
  test('stands raw in a DSN as golang-migrate reads it', async () => {
    await using database = await owned()
    const { hostname, port, username, pathname } = new URL(database.url)
    for (const password of [right, wrong]) {
      const dsn = `mysql://${username}:${password}@tcp(${hostname}:${port})${pathname}`
      const { mig } = serverApp(dsn)
      const run = await mig(['version', '--verbose'], { env: { DEBUG: '*' } })
      const output = run.stdout + run.stderr
      expect(run.code, output).toBe(password === right ? 0 : 1)
      for (const form of formsOf(password)) expect(output).not.toContain(form)
    }
  })
})
