import { COMMANDS } from '../../../src/oclif/commands.ts'
import type { Project } from '../../support/project.ts'

/** Both halves of every password: one that shows anywhere is a leak, however the password was cut into pieces. */
export const halves = ['Geh3imA', 'B9zweiQ'] as const

const between = [
  '',
  '@',
  '/',
  ':',
  '#',
  '?',
  '%',
  '&',
  '=',
  '+',
  ' ',
  '"',
  "'",
  '\\',
  '<',
  '>',
  '`',
  '$',
  '!',
  ';',
  ',',
  '|',
  '*',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '~',
  '^',
  '\t',
  'é',
  '日本',
  '😀',
  '%zz',
  '://',
  '@/',
  '%40',
  '\u202e',
  '\u001b',
]

/** Where the password stands in what is given for a URL. `PORT` is that of a server that repeats it. */
const forms: readonly string[] = [
  'hello://me:PW@hostFOLDER/db.json',
  'hello://me:PW@hostFOLDER/db.json?fail=connect',
  'hello://me:PW@hostFOLDER/db.json?fail=missing',
  'hello://me:PW@host:x:y/db',
  'postgres://me:PW@127.0.0.1:PORT/db?sslmode=disable',
  'pgx5://me:PW@127.0.0.1:PORT/db?sslmode=disable',
  'postgres://127.0.0.1:PORT/db?user=me&sslmode=disable&password=PW',
  'postgres://127.0.0.1:PORT/db?user=me&sslmode=disable&pass%77ord=PW',
  'postgres://me:PW@127.0.0.1:1/db',
  'postgres://me:PW@127.0.0.1:x/db',
  'postgres://me:PW@[127.0.0.1:1/db',
  'postgres://me:PW@127.0.0.1:1/db?sslmode=nonsense',
  ' postgres://me:PW@127.0.0.1:PORT/db?sslmode=disable',
  'postgres:me:PW@127.0.0.1:1/db',
  'mysql://me:PW@127.0.0.1:1/db',
  'mysql://me:PW@tcp(127.0.0.1:1)/db',
  'mysql://me:PW@tcp(127.0.0.1:1/db',
  'mariadb://me:PW@127.0.0.1:1/db?tls=nonsense',
  'sqlite://FOLDER/db.sqlite?_auth_user=me&_auth_pass=PW',
  'sqlite://FOLDER/nowhere/db.sqlite?key=PW',
  'oracle://me:PW@host/db',
  'https://host/db?apikey=PW',
  'https://host/db?credentials=PW',
  'https://host/db?access_token=PW',
  'me:PW@tcp(127.0.0.1:3306)/db',
  'me:PW@host/db',
  '//me:PW@host/db',
  'host=127.0.0.1 user=me password=PW dbname=db',
  "host=127.0.0.1 user=me password='PW' dbname=db",
  'user=me;password=PW;server=host',
  'jdbc:oracle:thin:me/PW@host:1521',
  'PW',
]

/** The password as it is written into a form. */
const writings: Readonly<Record<string, (password: string) => string>> = {
  raw: (password) => password,
  encoded: encodeURIComponent,
  lower: (password) => encodeURIComponent(password).replace(/%../g, (code) => code.toLowerCase()),
  whole: (password) =>
    Array.from(
      new TextEncoder().encode(password),
      (byte) => `%${byte.toString(16).padStart(2, '0')}`,
    ).join(''),
}

/** What a command is started with. */
interface Given {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

type Source = (app: Project, value: string, password: string, port: number) => Given

const sources: Readonly<Record<string, Source>> = {
  '--database': (_, value) => ({ argv: ['--database', value], env: {} }),
  '--database=': (_, value) => ({ argv: [`--database=${value}`], env: {} }),
  '-d': (_, value) => ({ argv: ['-d', value], env: {} }),
  MIG_DATABASE: (_, value) => ({ argv: [], env: { MIG_DATABASE: value } }),
  DATABASE_URL: (_, value) => ({ argv: [], env: { DATABASE_URL: value } }),
  '.env': (app, value) => {
    const quote = ['"', "'", '`'].find((sign) => !value.includes(sign)) ?? ''
    app.write('.env', `MIG_DATABASE = ${quote}${value}${quote}\n`)
    return { argv: [], env: {} }
  },
  '.env, without quotes': (app, value) => {
    app.write('.env', `export DATABASE_URL=${value}\n`)
    return { argv: [], env: {} }
  },
  'mig.config.json': (app, value) => {
    app.write('mig.config.json', JSON.stringify({ database: value }))
    return { argv: [], env: {} }
  },
  'a config file that fails with it': (app, value) => {
    const url = /^\s*[a-z\d]+:\/\//.test(value) ? value : `postgres://me:${value}@host/db`
    app.write('mig.config.mjs', `throw new Error(${JSON.stringify(`cannot reach ${url} today`)})`)
    return { argv: [], env: {} }
  },
  '--source': (_, value) => ({ argv: ['--source', value], env: {} }),
  MIG_SOURCE: (_, value) => ({ argv: [], env: { MIG_SOURCE: value } }),
  'a variable of the database': (_, value, password, port) => {
    const variables = { HELLO_PASSWORD: password, PGPASSWORD: password, MYSQL_PWD: password }
    const url = value.startsWith('hello')
      ? value.replace(/:[^/].*@host/s, '@host')
      : `postgres://me@127.0.0.1:${port}/db?sslmode=disable`
    return { argv: ['-d', url], env: variables }
  },
  'a password file': (app, _, password, port) => {
    app.write('pass', `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`, 0o600)
    return {
      argv: ['-d', `postgres://me@127.0.0.1:${port}/db?sslmode=disable`],
      env: { PGPASSFILE: `${app.folder}/pass` },
    }
  },
}

const arguments_: Readonly<Record<string, readonly string[]>> = {
  baseline: ['1'],
  create: ['x'],
  goto: ['1'],
  force: ['1'],
  drop: ['--yes'],
  down: ['--all', '--yes'],
}

const views = [['--json'], ['--verbose'], []] as const
const scripts = ['create users;', 'create a; print;'] as const

/** One run of a command with a password. */
export interface LeakCase extends Given {
  readonly label: string
  /** What was given for a URL. */
  readonly value: string
  readonly password: string
}

/** A sequence of numbers below a limit, the same for the same seed. */
export const chance = (seed: number): ((limit: number) => number) => {
  let state = seed >>> 0
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

const pick = <T>(values: readonly T[], next: (limit: number) => number): T =>
  values[next(values.length)] as T

const commands = Object.keys(COMMANDS)

/** Draws a case, and writes its files. */
export const drawCase = (app: Project, next: (limit: number) => number, port: number): LeakCase => {
  const [form, writing] = [pick(forms, next), pick(Object.keys(writings), next)]
  const [source, command] = [pick(Object.keys(sources), next), pick(commands, next)]
  const separator = pick(between, next)
  // A bare password with `://` in it is a URL, whose scheme is not a secret.
  const password = halves.join(form === 'PW' && separator === '://' ? '' : separator)
  app.migrations({ '000001_users.up': pick(scripts, next), '000001_users.down': 'drop users;' })
  const value = form
    .replaceAll('FOLDER', app.folder)
    .replaceAll('PORT', String(port))
    .replaceAll('PW', () => writings[writing]?.(password) ?? password)
  const given = sources[source]?.(app, value, password, port) ?? { argv: [], env: {} }
  const argv = [command, ...(arguments_[command] ?? []), ...pick(views, next), ...given.argv]
  const label = `mig ${command}: ${JSON.stringify(form)}, ${writing}, ${JSON.stringify(password)} by ${source}`
  return { label, argv, env: { MIG_DATABASE: '', ...given.env }, value, password }
}
