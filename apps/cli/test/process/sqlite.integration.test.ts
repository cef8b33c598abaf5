import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '@mig/internal-testing'
import { beforeEach, expect, test } from 'vitest'
import { Project } from '../support/project.ts'
import { spawnMig, type ProcessEnd, type SpawnOptions } from '../support/spawn-mig.ts'

let app: Project

beforeEach(() => {
  app = new Project()
  app.migrations({
    '1_users.up': 'create table users (id integer primary key);',
    '1_users.down': 'drop table users;',
  })
})

const mig = (argv: readonly string[], options: Partial<SpawnOptions> = {}): Promise<ProcessEnd> =>
  spawnMig(argv, {
    cwd: app.folder,
    ...options,
    env: { MIG_DATABASE: 'sqlite://./app.db', ...options.env },
  })

test('up, status, down on a file', async () => {
  expect((await mig(['up'])).stdout).toContain('Applied 1 migration')
  expect((await mig(['status', '--check'])).code).toBe(0)
  expect((await mig(['down'])).stdout).toContain('1 → none')
})

test('reading commands make no file', async () => {
  for (const argv of [['version'], ['status'], ['plan'], ['up', '--dry-run']]) {
    expect((await mig(argv)).code, argv.join(' ')).toBe(0)
  }
  expect(existsSync(join(app.folder, 'app.db'))).toBe(false)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the process at once while a statement blocks it, and nothing of the step is left',
  async (signal) => {
    app.migrations({
      '2_long.up': `create table half (i);
        insert into half with recursive n (i) as (select 1 union all select i + 1 from n) select i from n limit 4000000000;`,
    })
    const run = await mig(['up'], {
      onStderr: (text, child) => {
        if (text.endsWith('up 2 long\n')) setTimeout(() => child.kill(signal), 200)
      },
    })
    // What a shell reports as 130 and 143.
    expect(run).toMatchObject({ code: null, signal })
    // The two steps shared a transaction.
    expect((await mig(['status'])).stdout).toContain('Nothing applied, 2 pending')
    app.migrations({ '2_long.up': 'create table half (i);' })
    expect((await mig(['up'])).code).toBe(0)
  },
)

test.each([
  [0, 'create tabel a (i);\ncreate table b (i);\ncreate table c (i);', ':1:8'],
  [1, 'create table a (i);\ncreate tabel b (i);\ncreate table c (i);', ':2:8'],
  [2, 'create table a (i);\ncreate table b (i);\ninsert into nothing values (1);', ':3:'],
])('statement %i fails: nothing of the step is in effect', async (index, script, place) => {
  app.migrations({ '2_bad.up': script })
  const run = await mig(['up'])
  expect(run.code).toBe(1)
  expect(run.stderr).toContain(`at migrations/2_bad.up.sql${place}`)
  expect(run.stderr).toContain(`, statement ${index + 1} of 3`)
  expect(run.stderr).toContain('done      1 step: up 1')
  expect(run.stderr).toContain('database  at version 1, clean: nothing of up 2 is in effect')
  app.migrations({ '2_bad.up': 'create table a (i); create table b (i); create table c (i);' })
  expect((await mig(['up'])).code).toBe(0)
})

test('a file that is not a database, and one in a folder that is not there', async () => {
  writeFileSync(join(app.folder, 'app.db'), 'not a database at all, '.repeat(100))
  const garbage = await mig(['up'])
  expect(garbage.code).toBe(1)
  expect(garbage.stderr).toMatch(/^Error: .*app\.db/)
  const nowhere = await mig(['up', '-d', 'sqlite://./nowhere/app.db'])
  expect(nowhere.code).toBe(1)
  expect(nowhere.stderr).toMatch(/^Error: .*nowhere/)
})

test('a database that cannot be written', async () => {
  await mig(['up'])
  app.migrations({ '2_more.up': 'create table more (i);' })
  const url = 'sqlite://./app.db?mode=ro'
  const run = await mig(['up', '-d', url])
  expect(run.code).toBe(1)
  expect(run.stderr).toMatch(/read.?only/i)
  expect((await mig(['version', '-d', url])).stdout).toBe('1\n')
})

test('a full disk is an error of the step, and the step is taken back', async () => {
  app.migrations({
    '2_big.up': `pragma max_page_count = 20;
      create table big (b);
      insert into big with recursive n (i) as (select 1 union all select i + 1 from n limit 100) select randomblob(4000) from n;`,
  })
  const run = await mig(['up'])
  expect(run.code).toBe(1)
  expect(run.stderr).toContain('full')
  expect((await mig(['version'])).stdout).toBe('1\n')
})

test.each([
  ['migrations/1_users.up.sql', /^Error: .*1_users\.up\.sql.*: permission denied/m],
  ['migrations', /^Error: .*migrations.*: permission denied/m],
  ['app.db', /^Error: .*app\.db/m],
])('%s cannot be read: an error, and nothing runs', async (path, says) => {
  writeFileSync(join(app.folder, 'app.db'), '')
  chmodSync(join(app.folder, path), 0)
  const run = await mig(['up'], { obeyPermissions: true })
  expect(run.code).toBe(1)
  expect(run.stdout).toBe('')
  expect(run.stderr).toMatch(says)
  expect(run.stderr).not.toMatch(/\n {4}at .*\.[jt]s:/)
  chmodSync(join(app.folder, path), 0o755)
  expect((await mig(['status'])).stdout).toContain('Nothing applied, 1 pending')
})

test('eight at once apply every migration once', async () => {
  const runs = await Promise.all(Array.from({ length: 8 }, () => mig(['up', '--json'])))
  expect(runs.map(({ code }) => code)).toEqual(Array(8).fill(0))
  const applied = runs.flatMap(
    ({ stdout }) => (JSON.parse(stdout) as { result: { steps: unknown[] } }).result.steps,
  )
  expect(applied).toHaveLength(1)
})

test('the example of a config in TypeScript works as the whole command', async () => {
  const folder = testFolder('config')
  const config = join(app.folder, 'mig.config.ts')
  writeFileSync(
    config,
    `import { defineConfig } from '@mig/cli'
     export default defineConfig({ database: \`sqlite://${folder}/from-config.db\` as string })`,
  )
  const run = await mig(['up'], { env: { MIG_DATABASE: '' } })
  expect(run.stderr).not.toContain('Error')
  expect(run.code).toBe(0)
  expect(readFileSync(join(folder, 'from-config.db')).length).toBeGreaterThan(0)
})
