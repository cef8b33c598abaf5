import { sharedServer, type DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/oclif/commands.ts'
import { project, type Project } from '../support/project.ts'
import { execute } from '../support/server-user.ts'
import { isPostgres } from '../support/server-app.ts'

/**
 * What a name can hold: erased lines, hidden text, the clipboard, C1 commands, text turned round, ends of lines, and a
 * line that looks like one of ours.
 */
const hostile =
  'h\u001b[2K\u001b[8m\u001b]52;c;aGk=\u0007\u009b31m\u202eabc\u2066\u200f\u061c\u2028\u0085\u007f\r\nAt version 77, nothing pending.'

const controls =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const faked = /^At version 77/m

const argumentsOf: Readonly<Record<string, readonly (readonly string[])[]>> = {
  baseline: [['1'], ['1', '--force']],
  create: [[hostile], [`c${hostile.replaceAll('\n', '').replaceAll('\r', '')}`]],
  goto: [['1'], ['none'], [hostile]],
  force: [['1'], [hostile]],
  drop: [[], ['--confirm', hostile], ['--yes']],
  down: [[], ['--all']],
  up: [[], ['--dry-run'], ['--to', hostile]],
  history: [[], ['--limit', hostile]],
  verify: [[], ['--accept', '1', '--reason', hostile]],
  repair: [[], ['--rolled-back', '--reason', hostile]],
  status: [[], [hostile], ['--path', hostile], ['--env', hostile], ['--lock', hostile]],
  config: [[], ['--path', hostile], ['--migrations-table', hostile]],
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

const nameOfFile = hostile.replace('\n', '')

/** Files with hostile names. The second one makes the server repeat a hostile name. */
const files = (kind: DatabaseKind): Readonly<Record<string, string>> => ({
  [`1_${nameOfFile}.up`]: `create table ${quote(hostile)} (id int);`,
  [`1_${nameOfFile}.down`]: `drop table ${quote(hostile)};`,
  [`2_${nameOfFile}.up`]: isPostgres(kind)
    ? `do $$ begin raise exception using message = ${literal(hostile)}, detail = ${literal(hostile)}, hint = ${literal(hostile)}; end $$;`
    : `select ${quote(hostile)}.x;`,
  [`V3__${nameOfFile}`]: '',
  [`4_${nameOfFile}.sql~.up`]: 'select 1; /* unfinished',
})

const runAll = async (app: Project, database: string): Promise<string[]> => {
  const bad: string[] = []
  for (const command of Object.keys(COMMANDS)) {
    for (const given of argumentsOf[command] ?? [[]]) {
      for (const view of [[], ['--verbose'], ['--json']]) {
        const argv = [command, ...given, ...view]
        const { stdout, stderr } = await app.mig(argv, { env: { MIG_DATABASE: database } })
        const output = stdout + stderr
        if (controls.test(output) || faked.test(output)) {
          bad.push(`mig ${JSON.stringify(argv)}: ${JSON.stringify(output)}`)
        }
        if (view[0] === '--json') expect(() => JSON.parse(stdout) as unknown, stdout).not.toThrow()
      }
    }
  }
  return bad
}

describeDatabase(['postgres', 'sqlite'], 'hostile names', (kind) => {
  const databaseOf = async (
    app: Project,
  ): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> => {
    if (!isPostgres(kind)) {
      const url = `sqlite://${join(app.folder, `${nameOfFile}.db`)}`
      return { url, drop: async () => undefined }
    }
    const { url: admin } = await sharedServer('postgres')
    const name = `${randomBytes(3).toString('hex')}${hostile.slice(0, 40).replaceAll(/[;=]/g, '')}`
    const role = `${randomBytes(3).toString('hex')}${hostile.slice(0, 40).replaceAll(/[;=]/g, '')}`
    await execute(kind, admin, [
      `create role ${quote(role)} login password 'mig'`,
      `create database ${quote(name)} owner ${quote(role)}`,
    ])
    const url = new URL(admin)
    url.pathname = `/${encodeURIComponent(name)}`
    const owner = `postgres://${encodeURIComponent(role)}:mig@${url.host}${url.pathname}`
    return {
      url: owner,
      drop: () =>
        execute(kind, admin, [
          `drop database ${quote(name)} with (force)`,
          `drop role ${quote(role)}`,
        ]),
    }
  }

  test('reach neither the terminal nor programs as they are', { timeout: 300_000 }, async () => {
    const app = project(files(kind))
    const database = await databaseOf(app)
    try {
      const before = await runAll(app, database.url)
      const env = { MIG_DATABASE: database.url }
      // By now the ledger has rows of forced, baselined and failed steps.
      const rows = `update schema_migrations_history set title = ${literal(hostile)}, actor = ${literal(hostile)}, tool = ${literal(hostile)}, message = ${literal(hostile)}, error_code = ${literal(hostile)}`
      if (isPostgres(kind)) await execute(kind, database.url, [rows])
      else {
        const { DatabaseSync } = await import('node:sqlite')
        const file = new DatabaseSync(database.url.slice('sqlite://'.length))
        file.exec(rows)
        file.close()
      }
      expect((await app.mig(['history'], { env })).stdout).toContain('\\x1b[2K\\x1b[8m')
      const after = await runAll(app, database.url)
      expect([...before, ...after].slice(0, 10).join('\n\n')).toBe('')
    } finally {
      await database.drop()
    }
  })

  test('are harmless in a question', async () => {
    const app = project(files(kind))
    const database = await databaseOf(app)
    try {
      const { stderr } = await app.mig(['drop'], {
        env: { MIG_DATABASE: database.url, NO_COLOR: '1' },
        typed: ['no'],
      })
      expect(stderr).toContain('This deletes everything')
      // The live line erases itself.
      expect(stderr.replaceAll('\r\u001b[2K', '')).not.toMatch(controls)
      expect(stderr).not.toMatch(faked)
    } finally {
      await database.drop()
    }
  })
})
