import { expect, test } from 'vitest'
import { project, type Project } from '../support/project.ts'

const settingsOf = async (
  app: Project,
  argv: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, { value: unknown; origin: string }>> => {
  const run = await app.mig(['config', '--json', ...argv], { env: { MIG_DATABASE: '', ...env } })
  expect(run.exitCode, run.stdout).toBe(0)
  const { result } = run.json as { result: { settings: never } }
  return result.settings
}

test('flags go before the environment, that before .env, that before the config file', async () => {
  const app = project({})
  expect(await settingsOf(app)).toMatchObject({
    database: { value: null, origin: 'default' },
    lockTimeout: { value: '1m', origin: 'default' },
    path: { value: 'migrations', origin: 'default' },
  })
  app.write('mig.config.json', JSON.stringify({ database: 'a://1', lockTimeout: '1s', path: 'db' }))
  expect(await settingsOf(app)).toMatchObject({
    database: { value: 'a://1', origin: 'mig.config.json' },
    lockTimeout: { value: '1s', origin: 'mig.config.json' },
    path: { value: 'db', origin: 'mig.config.json' },
  })
  app.write('.env', 'DATABASE_URL=a://2\nMIG_LOCK_TIMEOUT=2s\n')
  expect(await settingsOf(app)).toMatchObject({
    database: { value: 'a://2', origin: '.env: DATABASE_URL' },
    lockTimeout: { value: '2s', origin: '.env: MIG_LOCK_TIMEOUT' },
  })
  const env = { DATABASE_URL: 'a://3', MIG_LOCK_TIMEOUT: '3s' }
  expect(await settingsOf(app, [], env)).toMatchObject({
    database: { value: 'a://3', origin: 'DATABASE_URL' },
    lockTimeout: { value: '3s', origin: 'MIG_LOCK_TIMEOUT' },
  })
  expect(await settingsOf(app, [], { ...env, MIG_DATABASE: 'a://4' })).toMatchObject({
    database: { value: 'a://4', origin: 'MIG_DATABASE' },
  })
  const flags = ['-d', 'a://5', '--lock-timeout', '5s', '--path', 'here']
  expect(await settingsOf(app, flags, env)).toMatchObject({
    database: { value: 'a://5', origin: '--database' },
    lockTimeout: { value: '5s', origin: '--lock-timeout' },
    path: { value: 'here', origin: '--path' },
  })
})

test('an environment goes before the rest of its file', async () => {
  const app = project({})
  app.write(
    'mig.config.json',
    JSON.stringify({
      env: 'local',
      database: 'a://all',
      wait: '5s',
      environments: {
        local: { database: 'a://local' },
        production: { database: 'a://production', protected: true, ledger: false },
      },
    }),
  )
  expect(await settingsOf(app)).toMatchObject({
    env: { value: 'local', origin: 'mig.config.json' },
    database: { value: 'a://local', origin: 'mig.config.json, environment local' },
    wait: { value: '5s' },
  })
  expect(await settingsOf(app, ['--env', 'production'])).toMatchObject({
    database: { value: 'a://production' },
    ledger: { value: false },
  })
  const unknown = await app.mig(['config', '--env', 'prodution'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('Did you mean "production"?')
})

test('a database that is used instead of that of the environment is pointed out', async () => {
  const app = project()
  const environments = { production: { database: 'hello://me@host/nowhere.json' } }
  app.write('mig.config.json', JSON.stringify({ environments }))
  const run = await app.mig(['version', '--env', 'production'])
  expect(run.stderr).toBe(
    'Warning: MIG_DATABASE is used, and not the database of the environment "production"\n',
  )
})

test('a config file in TypeScript is loaded, with types that Node could not strip', async () => {
  const app = project()
  app.write(
    'mig.config.ts',
    `import { defineConfig } from '@mig/cli/config'
     enum Names { table = 'versions' }
     export default defineConfig({ migrationsTable: Names.table, missingDown: 'skip' satisfies string })`,
  )
  expect(await settingsOf(app)).toMatchObject({
    migrationsTable: { value: 'versions', origin: 'mig.config.ts' },
    missingDown: { value: 'skip' },
  })
})

test.each([
  ['mig.config.mjs', 'export default { wait: "7s" }'],
  ['mig.config.js', 'module.exports = { wait: "7s" }'],
  ['mig.config.mts', 'const wait: string = "7s"; export default { wait }'],
])('%s is read', async (name, text) => {
  const app = project({})
  app.write(name, text)
  expect(await settingsOf(app)).toMatchObject({ wait: { value: '7s', origin: name } })
})

test('the config file of the project is found from a folder below, and its paths are relative to it', async () => {
  const app = project()
  app.write('mig.config.json', JSON.stringify({ path: 'migrations' }))
  app.write('src/deep/x.txt', '')
  const status = await app.mig(['status', '--json'], { cwd: `${app.folder}/src/deep` })
  expect(status.json).toMatchObject({ ok: true, result: { pending: 3 } })
})

test('--source and --path name the same folder in two ways', async () => {
  const app = project({ '1_a.up': '' })
  const pendingOf = async (...argv: string[]): Promise<unknown> =>
    (await app.mig(['status', '--json', ...argv])).json
  const one = { ok: true, result: { pending: 1 } }
  expect(await pendingOf('--source', `file://${app.folder}/migrations`)).toMatchObject(one)
  expect(await pendingOf('--source', 'file://migrations')).toMatchObject(one)
  expect(await pendingOf('--path', './migrations')).toMatchObject(one)
  expect(await pendingOf('--path', 'x', '--source', 'file://y')).toMatchObject({ ok: false })
})

test.each<[string, string[], Record<string, string>, string]>([
  ['a bare number', ['--lock-timeout', '60'], {}, '--lock-timeout: "60" is not a duration'],
  ['a bare number', [], { MIG_WAIT: '30' }, 'MIG_WAIT: "30" is not a duration'],
  ['an unknown lock', ['--lock', 'row'], {}, 'Expected --lock=row to be one of'],
  ['an unknown lock', [], { MIG_LOCK: 'row' }, 'MIG_LOCK: "row" is not one of'],
  ['no truth', [], { MIG_YES: 'maybe' }, 'MIG_YES: "maybe" is not true or false'],
  ['a config file that is not there', ['--config', 'x.json'], {}, 'x.json cannot be loaded'],
])('%s is refused: %j %j', async (_, argv, env, message) => {
  const app = project({})
  const run = await app.mig(['config', ...argv], { env })
  expect(run.exitCode).toBe(2)
  expect(run.stderr).toContain(message)
})

test.each([
  ['not JSON', '{', 'cannot be loaded'],
  ['a list', '[]', 'does not export a config object'],
  ['an unknown key', '{"protectd": true}', 'Did you mean "protected"?'],
  ['a wrong type', '{"environments": {"a": {"wait": 30}}}', '"environments.a.wait" must be a text'],
  ['a wrong duration', '{"wait": "30"}', '"wait" must be a duration'],
  ['a wrong choice', '{"lock": "row"}', '"lock" must be one of'],
  ['a wrong flag', '{"protected": "yes"}', '"protected" must be true or false'],
])('a config file with %s is refused', async (_, text, message) => {
  const app = project({})
  app.write('mig.config.json', text)
  const run = await app.mig(['config', '--json'])
  expect(run.exitCode).toBe(2)
  expect(run.json).toMatchObject({ ok: false, error: { code: 'INVALID_CONFIG' } })
  expect(run.stdout.replaceAll('\\"', '"')).toContain(message)
})
