import { expect, test } from 'vitest'
import { project, threeMigrations, type Project } from '../support/project.ts'

interface Case {
  readonly what: string
  readonly argv: readonly string[]
  readonly code: string
  readonly exitCode: number
  readonly says: string
  readonly given?: (app: Project) => void
  readonly env?: Readonly<Record<string, string>>
}

const dirty = (app: Project): void => {
  app.database = { version: '2', dirty: true, objects: ['users'], lockedBy: null }
}

const cases: readonly Case[] = [
  {
    what: 'a command that does not exist',
    argv: ['statsu'],
    code: 'USAGE',
    exitCode: 2,
    says: 'Did you mean \\"mig status\\"?',
  },
  { what: 'an unknown flag', argv: ['up', '--foo'], code: 'USAGE', exitCode: 2, says: '--foo' },
  { what: 'an argument too many', argv: ['up', '1', 'b'], code: 'USAGE', exitCode: 2, says: ': b' },
  {
    what: 'no number',
    argv: ['up', 'x'],
    code: 'USAGE',
    exitCode: 2,
    says: 'not a number of steps',
  },
  {
    what: 'no steps',
    argv: ['down', '0'],
    code: 'USAGE',
    exitCode: 2,
    says: 'not a number of steps',
  },
  { what: 'no version', argv: ['goto', 'x'], code: 'USAGE', exitCode: 2, says: 'is not a version' },
  {
    what: 'a version of 2^63',
    argv: ['goto', '9223372036854775808'],
    code: 'USAGE',
    exitCode: 2,
    says: 'is not a version',
  },
  {
    what: 'N and --all',
    argv: ['down', '2', '--all'],
    code: 'USAGE',
    exitCode: 2,
    says: 'exclude',
  },
  {
    what: 'N and --to',
    argv: ['up', '2', '--to', '3'],
    code: 'USAGE',
    exitCode: 2,
    says: 'exclude',
  },
  {
    what: 'no database',
    argv: ['up'],
    env: { MIG_DATABASE: '' },
    code: 'USAGE',
    exitCode: 2,
    says: 'No database is named',
  },
  {
    what: 'a text that is no URL',
    argv: ['up', '-d', './dev.db'],
    code: 'INVALID_OPTION',
    exitCode: 2,
    says: 'is not a database URL',
  },
  {
    what: 'a malformed URL',
    argv: ['up', '-d', 'hello://a:b:c/d'],
    code: 'INVALID_OPTION',
    exitCode: 2,
    says: 'The URL cannot be read',
  },
  {
    what: 'an unknown scheme',
    argv: ['up', '-d', 'oracle://me@host/db'],
    code: 'UNKNOWN_SCHEME',
    exitCode: 1,
    says: 'mig brings no driver for it',
  },
  {
    what: 'a database whose name is close to another',
    argv: ['up', '-d', 'mssql://me@host/db'],
    code: 'UNKNOWN_SCHEME',
    exitCode: 1,
    says: 'mig brings no driver for it',
  },
  {
    what: "another tool's name for a scheme",
    argv: ['up', '-d', 'mysql2://me@host/db'],
    code: 'UNKNOWN_SCHEME',
    exitCode: 1,
    says: 'Did you mean \\"mysql://\\"?',
  },
  {
    what: 'a scheme with the name of a client',
    argv: ['up', '-d', 'postgresql+psycopg://me@host/db'],
    code: 'UNKNOWN_SCHEME',
    exitCode: 1,
    says: 'Did you mean \\"postgresql://\\"?',
  },
  {
    what: 'a mistyped scheme',
    argv: ['up', '-d', 'posgres://me@host/db'],
    code: 'UNKNOWN_SCHEME',
    exitCode: 1,
    says: 'Did you mean \\"postgres://\\"?',
  },
  {
    what: 'a database that does not answer',
    argv: ['up', '-d', 'hello://me@host/x.json?fail=connect'],
    code: 'CONNECTION_FAILED',
    exitCode: 1,
    says: 'No connection for me',
  },
  {
    what: 'no such folder',
    argv: ['up', '--path', 'nowhere'],
    code: 'SOURCE_FAILED',
    exitCode: 1,
    says: 'nowhere\\": it does not exist',
  },
  {
    what: 'a folder without migrations',
    argv: ['up', '--path', 'empty'],
    given: (app) => app.write('empty/README.md', ''),
    code: 'NO_MIGRATIONS',
    exitCode: 1,
    says: 'No migration file in \\"empty\\"',
  },
  {
    what: 'two files of one version',
    argv: ['up'],
    given: (app) => app.migrations({ '2_other.up': 'create other;' }),
    code: 'DUPLICATE_VERSION',
    exitCode: 1,
    says: '2_other.up.sql',
  },
  {
    what: 'a version of 2^63 among the files',
    argv: ['status'],
    given: (app) => app.migrations({ '9223372036854775808_x.up': '' }),
    code: 'INVALID_FILENAME',
    exitCode: 1,
    says: '9223372036854775808_x.up.sql',
  },
  {
    what: 'a file in place of a folder',
    argv: ['up'],
    given: (app) => app.write('mig.config.json', '{"path": "migrations/000001_users.up.sql"}'),
    code: 'SOURCE_FAILED',
    exitCode: 1,
    says: 'it is not a folder',
  },
  {
    what: 'a version without a file',
    argv: ['goto', '9'],
    code: 'VERSION_NOT_FOUND',
    exitCode: 1,
    says: 'No migration file has version 9',
  },
  {
    what: 'a source of another kind',
    argv: ['up', '--source', 'github://me/repo'],
    code: 'UNKNOWN_SCHEME',
    exitCode: 1,
    says: 'No source takes \\"github://\\" URLs',
  },
  {
    what: 'a dirty database',
    argv: ['up'],
    given: dirty,
    code: 'DIRTY_DATABASE',
    exitCode: 3,
    says: 'dirty',
  },
  {
    what: 'a dirty database, down',
    argv: ['down'],
    given: dirty,
    code: 'DIRTY_DATABASE',
    exitCode: 3,
    says: 'dirty',
  },
  {
    what: 'a lock that somebody holds',
    argv: ['up', '--lock-timeout', '10ms'],
    given: (app) => {
      app.database = { version: null, dirty: false, objects: [], lockedBy: 'somebody' }
    },
    code: 'LOCK_TIMEOUT',
    exitCode: 4,
    says: 'held by somebody',
  },
  {
    what: 'a database ahead of the files',
    argv: ['up'],
    given: (app) => {
      app.database = { version: '17', dirty: false, objects: [], lockedBy: null }
    },
    code: 'MISSING_FILE',
    exitCode: 6,
    says: 'version 17',
  },
  {
    what: 'a statement that fails',
    argv: ['up'],
    given: (app) => app.migrations({ '000001_users.up': 'drop nothing;' }),
    code: 'MIGRATION_FAILED',
    exitCode: 1,
    says: '000001_users.up.sql:1:1',
  },
  {
    what: 'invalid UTF-8',
    argv: ['up'],
    given: (app) => app.writeBytes('migrations/000001_users.up.sql', [0x61, 0x0a, 0xff]),
    code: 'INVALID_BODY',
    exitCode: 1,
    says: '000001_users.up.sql:2: the file is not valid UTF-8',
  },
]

/** What a database that was never reached holds. */
const untouched = { version: null, objects: [] }

test.each(cases)(
  '$what: $code, exit $exitCode',
  async ({ argv, code, exitCode, says, given, env = {} }) => {
    const app = project(threeMigrations)
    given?.(app)
    const before = app.hasDatabase ? app.database : undefined
    const json = await app.mig([...argv, '--json'], { env })
    expect(json.exitCode).toBe(exitCode)
    expect(json.json).toMatchObject({ ok: false, command: argv[0], error: { code, exitCode } })
    expect(json.stdout).toContain(says)

    const text = await app.mig(argv, { env })
    expect(text.exitCode).toBe(exitCode)
    expect(text.stdout).toBe('')
    expect(text.stderr).toContain(says.replaceAll('\\"', '"'))
    expect(text.stderr).toMatch(/^(\[\d.*\n|Waiting .*\n)*Error: /)
    expect(text.stderr).not.toMatch(/\n {4}at .*\.[jt]s:/)
    const { version, objects } = before ?? untouched
    expect(app.hasDatabase ? app.database : untouched).toMatchObject({ version, objects })
  },
)
