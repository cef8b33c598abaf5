import { expect, test } from 'vitest'
import { project } from '../../support/project.ts'

test('up applies all, status shows it, down reverts one', async () => {
  const app = project()
  const up = await app.mig(['up'])
  expect(up.stderr).toBe('[1/3] up 1 users\n[2/3] up 2 pets\n[3/3] up 3 index\n')
  expect(up.stdout.replace(/[\d.]+ m?s/g, 'N ms')).toMatchInlineSnapshot(`
    "  ✓  up  1  000001_users.up.sql  N ms
      ✓  up  2  000002_pets.up.sql   N ms
      ✓  up  3  000003_index.up.sql  N ms
    Applied 3 migrations in N ms: none → 3.
    "
  `)
  expect(up.exitCode).toBe(0)
  expect(app.database).toMatchObject({ version: '3', dirty: false })

  const status = await app.mig(['status'])
  expect(status.stdout).toMatchInlineSnapshot(`
    "   ✓  1  applied  users
       ✓  2  applied  pets
    →  ✓  3  applied  index

    At version 3, nothing pending.
    "
  `)

  const down = await app.mig(['down'])
  expect(down.exitCode).toBe(0)
  expect(app.database).toMatchObject({ version: '2', objects: ['users', 'pets', 'toys'] })
})

test('up with nothing to do says so and exits 0', async () => {
  const app = project()
  await app.mig(['up'])
  const again = await app.mig(['up'])
  expect(again).toMatchObject({
    stdout: 'Nothing to do: the database is at version 3.\n',
    stderr: '',
    exitCode: 0,
  })
})

test('up N, up --to, goto and redo go where they say', async () => {
  const app = project()
  await app.mig(['up', '1'])
  expect(app.database.version).toBe('1')
  await app.mig(['up', '--to', '000002'])
  expect(app.database.version).toBe('2')
  await app.mig(['goto', '3'])
  expect(app.database.version).toBe('3')
  await app.mig(['goto', '1'])
  expect(app.database.version).toBe('1')
  const redo = await app.mig(['redo', '--json'])
  expect(redo.json).toMatchObject({
    ok: true,
    command: 'redo',
    result: {
      steps: [
        { version: '1', direction: 'down' },
        { version: '1', direction: 'up' },
      ],
    },
  })
  const more = await app.mig(['up', '17'])
  expect(more.exitCode).toBe(0)
  expect(app.database.version).toBe('3')
})

test('--dry-run and plan show the steps and change nothing', async () => {
  const app = project()
  const plan = await app.mig(['plan'])
  expect(plan.stdout).toMatchInlineSnapshot(`
    "up  1  000001_users.up.sql  transactional      1 statement
        all of it can run in one transaction
          line 1  CREATE
    up  2  000002_pets.up.sql   non-transactional  3 statements
        OUTSIDE cannot be rolled back
          line 1  CREATE
          line 2  OUTSIDE
          line 3  CREATE
    up  3  000003_index.up.sql  transactional      1 statement
        all of it can run in one transaction
          line 1  CREATE

    3 steps would run: none → 3. Nothing was changed.
    "
  `)
  expect((await app.mig(['up', '--dry-run'])).stdout).toBe(plan.stdout)
  expect((await app.mig(['up', '--to', '3', '--dry-run'])).stdout).toBe(plan.stdout)
  expect((await app.mig(['plan', '1', '--verbose'])).stdout).toContain('create users')
  expect(app.database).toMatchObject({ version: null, objects: [] })
})

test('a failing statement is shown with its line, the steps before it and the state of the database', async () => {
  const app = project()
  app.migrations({ '000003_index.up': 'create a;\n\tcreate b; create users; create c;\n' })
  const up = await app.mig(['up'])
  expect(up.exitCode).toBe(1)
  expect(up.stdout).toBe('')
  expect(up.stderr).toMatchInlineSnapshot(`
    "[1/3] up 1 users
    [2/3] up 2 pets
    [3/3] up 3 index
    Error: "users" already exists
      at migrations/000003_index.up.sql:2:12, statement 3 of 4

        2 | 	create b; create users; create c;
          | 	          ^

      code      H0001
      detail    Names are unique.
      hint      Choose another name.
      done      2 steps: up 1, up 2
      database  at version 2, clean: nothing of up 3 is in effect
      next      Fix 000003_index.up.sql, then run the command again.
    "
  `)
})

test('a failing non-transactional statement leaves the database dirty, exit 3', async () => {
  const app = project()
  app.migrations({ '000002_pets.up': 'outside;\ncreate users;\n' })
  const up = await app.mig(['up'])
  expect(up.exitCode).toBe(3)
  expect(up.stderr).toMatchInlineSnapshot(`
    "[1/3] up 1 users
    [2/3] up 2 pets
    Error: "users" already exists
      at migrations/000002_pets.up.sql:2:1, statement 2 of 2

        2 | create users;
          | ^

      code      H0001
      detail    Names are unique.
      hint      Choose another name.
      done      1 step: up 1
      database  at version 2 (dirty): statement 1 of up 2 is in effect, the rest is not
      next      See "mig doctor", fix the cause, then go on with "mig repair".
    "
  `)
  const again = await app.mig(['up'])
  expect(again.exitCode).toBe(3)
  expect(again.stderr).toMatchInlineSnapshot(`
    "Error: The database is dirty at version 2: a migration started and did not finish
      next  See what the step left with "mig doctor", then repair it with "mig repair".
    "
  `)
  expect((await app.mig(['status'])).stdout).toMatchInlineSnapshot(`
    "   ✓  1  applied  users
    →  ✗  2  dirty    pets
       ○  3  pending  index

    At version 2 (dirty): a migration started and did not finish. Run "mig doctor" to see what it left.
    "
  `)
  const force = await app.mig(['force', '1'])
  expect(force.stdout).toBe('Forced: 2 (dirty) → 1. Nothing ran.\n')
})

test('down without a down file is refused, and skipped when told to', async () => {
  const app = project({ '1_a.up': 'create a;', '2_b.up': 'create b;', '2_b.down': 'drop b;' })
  await app.mig(['up'])
  const refused = await app.mig(['down', '--all', '--yes'])
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('Version 1 has no down file')
  expect(app.database.version).toBe('2')
  const skipped = await app.mig(['down', '--all', '--yes', '--missing-down=skip'])
  expect(skipped.exitCode).toBe(0)
  expect(skipped.stderr).toContain('Warning: Version 1 has no down file')
  expect(app.database.version).toBeNull()
})

test('version prints the number or none', async () => {
  const app = project()
  expect((await app.mig(['version'])).stdout).toBe('none\n')
  expect((await app.mig(['version', '--json'])).json).toEqual({
    ok: true,
    command: 'version',
    result: { version: null, dirty: false },
  })
  await app.mig(['up', '2'])
  expect((await app.mig(['version'])).stdout).toBe('2\n')
  expect((await app.mig(['version', '--quiet'])).stdout).toBe('2\n')
})

test('force takes none and -1', async () => {
  const app = project()
  for (const nothing of ['none', '-1']) {
    await app.mig(['up', '1'])
    expect((await app.mig(['force', nothing])).exitCode).toBe(0)
    expect(app.database.version).toBeNull()
    app.database = { ...app.database, objects: [] }
  }
})

test('--quiet leaves out all but errors', async () => {
  const app = project()
  expect(await app.mig(['up', '--quiet'])).toMatchObject({ stdout: '', stderr: '', exitCode: 0 })
  expect((await app.mig(['down', '9', '--quiet', '--lock-timeout', '9'])).stderr).not.toBe('')
})

test('unlock says who holds the lock', async () => {
  const app = project()
  await app.mig(['up'])
  expect((await app.mig(['unlock'])).stdout).toBe('Nobody holds the lock.\n')
  app.database = { ...app.database, lockedBy: 'a ghost' }
  expect((await app.mig(['unlock', '--json'])).json).toMatchObject({ result: { cleared: true } })
})

test('status --check tells pending, dirty and missing apart', async () => {
  const app = project()
  const check = async (): Promise<number> => (await app.mig(['status', '--check'])).exitCode
  expect(await check()).toBe(5)
  await app.mig(['up'])
  expect(await check()).toBe(0)
  app.database = { ...app.database, version: '7' }
  expect(await check()).toBe(6)
  expect((await app.mig(['status'])).stdout).toContain('7  file missing')
  expect((await app.mig(['up'])).exitCode).toBe(6)
  app.database = { ...app.database, dirty: true }
  expect(await check()).toBe(3)
})
