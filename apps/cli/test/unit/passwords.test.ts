import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/oclif/commands.ts'
import { readDotenv } from '../../src/config/read-dotenv.ts'
import { Redactor } from '@mig/app-kit/secrets'
import { project, type Project } from '../support/project.ts'

const password = "p@ss/w#rd?'1"
const encoded = encodeURIComponent(password)
const simple = 'hunter22secret'

const forms = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  encodeURIComponent(secret).toLowerCase(),
  JSON.stringify(secret).slice(1, -1),
]

const argvOf: Readonly<Record<string, readonly string[]>> = {
  create: ['x'],
  goto: ['1'],
  force: ['1'],
  drop: ['--yes'],
}

const failures: Readonly<Record<string, (app: Project) => string>> = {
  'nothing wrong': () => '',
  'a statement that prints it': (app) => {
    app.migrations({ '000001_users.up': 'create a; print;', '000001_users.down': 'print;' })
    return ''
  },
  'no connection': () => '?fail=connect',
  'a database that vanished': () => '?fail=missing',
  'an unknown scheme': () => 'scheme',
  'a malformed URL': () => 'malformed',
}

const ways = ['flag', 'flag=', 'environment', 'dotenv', 'config', 'own variable'] as const

const urlOf = (app: Project, secret: string, tail: string): string => {
  const url = `hello://me:${secret}@host${app.folder}/db.json`
  if (tail === 'scheme') return url.replace('hello:', 'oracle:')
  if (tail === 'malformed') return url.replace('@host/', '@host:x:y/')
  return url + tail
}

const runWay = async (
  app: Project,
  way: (typeof ways)[number],
  command: string,
  url: string,
  extra: readonly string[],
): Promise<string> => {
  const argv = [command, ...(argvOf[command] ?? []), ...extra]
  const env: Record<string, string> = { MIG_DATABASE: '', DEBUG: '*' }
  if (way === 'flag') argv.push('--database', url)
  if (way === 'flag=') argv.push(`--database=${url}`)
  if (way === 'environment') env['DATABASE_URL'] = url
  if (way === 'dotenv') app.write('.env', `MIG_DATABASE="${url}"`)
  if (way === 'config') app.write('mig.config.json', JSON.stringify({ database: url }))
  if (way === 'own variable') {
    env['HELLO_PASSWORD'] = decodeURIComponent(/:\/\/me:(.*)@/.exec(url)?.[1] ?? '')
    env['MIG_DATABASE'] = url.replace(/:[^:]*@host/, '@host')
  }
  const { stdout, stderr } = await app.mig(argv, { env })
  return stdout + stderr
}

const commands = Object.keys(COMMANDS)

/** Everything that one command prints in both forms, and the secret that must not be there. */
const leaksOf = async (
  failure: string,
  command: string,
  way: (typeof ways)[number],
): Promise<string[]> => {
  const leaks: string[] = []
  for (const [given, secret] of [
    [simple, simple],
    [encoded, password],
  ] as const) {
    const app = project()
    const url = urlOf(app, given, failures[failure]?.(app) ?? '')
    for (const extra of [['--json'], ['--verbose']]) {
      const output = await runWay(app, way, command, url, extra)
      const found = forms(secret).filter((form) => output.includes(form))
      if (found.length > 0) leaks.push(`${command} ${extra.join(' ')} by ${way}: ${output}`)
    }
  }
  return leaks
}

test.each(Object.keys(failures))(
  'no output shows the password: %s',
  { timeout: 60_000 },
  async (failure) => {
    for (const way of ways) expect(await leaksOf(failure, 'up', way)).toEqual([])
    for (const [index, command] of commands.entries()) {
      expect(await leaksOf(failure, command, ways[index % ways.length] ?? 'flag')).toEqual([])
    }
  },
)

test(
  'a password given raw is hidden too, however the URL can be read',
  { timeout: 60_000 },
  async () => {
    for (const way of ways.slice(0, 5)) {
      for (const command of commands) {
        const app = project()
        const output = await runWay(app, way, command, urlOf(app, password, ''), ['--verbose'])
        for (const part of [...forms(password), 'w#rd', "'1@"]) {
          expect(output, `${command} by ${way}`).not.toContain(part)
        }
      }
    }
  },
)

test('a password that is also a word of mig damages no result', async () => {
  for (const word of ['applied', 'users', 'none', 'true']) {
    const app = project()
    const env = { MIG_DATABASE: app.url.replace('me@', `me:${word}@`) }
    const up = await app.mig(['up', '--to', '1', '--json'], { env })
    expect(up.json).toMatchObject({
      ok: true,
      result: { steps: [{ file: '000001_users.up.sql' }] },
    })
    for (const command of ['status', 'plan', 'version', 'doctor']) {
      const run = await app.mig([command, '--json'], { env })
      expect(run.stdout, command).toContain(command === 'plan' ? '000002_pets.up.sql' : '"1"')
      expect(run.stdout, command).not.toContain('***')
    }
    const status = await app.mig(['status'], { env })
    expect(status.stdout).toMatch(/1 +applied +users/)
  }
})

test('the values of .env are secrets as they are written, too', () => {
  const app = project()
  const lines = 'DB_PASSWORD="un # closed\nPGPASSWORD=left#right # remark\nA=$nothing\n'
  app.write('.env', lines)
  const redactor = new Redactor()
  const { values, asWritten } = readDotenv(join(app.folder, '.env'), {
    name: '.env',
    env: {},
    warn: () => undefined,
  })
  expect(asWritten).toMatchObject({
    DB_PASSWORD: '"un # closed',
    PGPASSWORD: 'left#right # remark',
  })
  redactor.addVariables(asWritten ?? {})
  redactor.addVariables(values)
  for (const line of lines.split('\n').slice(0, 2)) {
    expect(redactor.redact(`cannot parse ${line}`)).not.toMatch(/closed|left|right/)
  }
})
