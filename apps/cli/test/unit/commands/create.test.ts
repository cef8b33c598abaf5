import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { project, type Project } from '../../support/project.ts'

const filesOf = (app: Project): string[] => readdirSync(join(app.folder, 'migrations')).toSorted()

test('an empty folder starts with six digits, and the folder is made', async () => {
  const app = project({})
  const run = await app.mig(['create', 'add users table'])
  expect(run).toMatchObject({
    stdout:
      'migrations/000001_add_users_table.up.sql\nmigrations/000001_add_users_table.down.sql\n',
    stderr: '',
    exitCode: 0,
  })
  expect(readFileSync(join(app.folder, 'migrations/000001_add_users_table.up.sql'), 'utf8')).toBe(
    '',
  )
})

test('the next number keeps the padding, the extension and the template', async () => {
  const app = project({ '0007_a.up': '', '0009_b.down': '' })
  app.write('templates/base.up.ddl', '-- {{version}} {{ name }} up\n')
  app.write('templates/base.down.ddl', '-- down\n')
  const run = await app.mig([
    'create',
    'c',
    '--ext',
    '.ddl',
    '--template',
    'templates/base',
    '--json',
  ])
  expect(run.json).toEqual({
    ok: true,
    command: 'create',
    result: {
      version: '0010',
      up: 'migrations/0010_c.up.ddl',
      down: 'migrations/0010_c.down.ddl',
    },
  })
  const up = readFileSync(join(app.folder, 'migrations/0010_c.up.ddl'), 'utf8')
  expect(up).toBe('-- 0010 c up\n')
})

test('--timestamp and folders with timestamps use the time', async () => {
  const app = project({ '000001_a.up': '' })
  expect((await app.mig(['create', 'b', '--timestamp'])).stdout).toMatch(/\/20\d{12}_b\.up\.sql\n/)
  expect((await app.mig(['create', 'c'])).stdout).toMatch(/\/20\d{12}_c\.up\.sql\n/)
})

test('eight at the same time get eight versions', async () => {
  const app = project({})
  const names = Array.from('abcdefgh')
  const runs = await Promise.all(names.map((name) => app.mig(['create', name, '--json'])))
  expect(runs.every(({ exitCode }) => exitCode === 0)).toBe(true)
  const versions = filesOf(app).map((name) => name.split('_', 1)[0])
  expect(versions).toHaveLength(16)
  expect(new Set(versions).size).toBe(8)
})

test.each([
  [['a/b'], 'cannot be part of a file name'],
  [['  '], 'cannot be part of a file name'],
  [['a', '--ext', 'x/y'], 'is not a file extension'],
  [['a', '--template', 'none'], 'cannot be read'],
  [[], 'Missing argument: NAME'],
])('create %j is refused', async (argv, message) => {
  const app = project({ '1_a.up': '' })
  const run = await app.mig(['create', ...argv])
  expect(run.exitCode).toBe(2)
  expect(run.stderr).toContain(message)
  expect(filesOf(app)).toEqual(['1_a.up.sql'])
})
