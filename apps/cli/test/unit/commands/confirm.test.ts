import { expect, test } from 'vitest'
import { project, type Project } from '../../support/project.ts'

const protect = (app: Project): void => {
  const environments = { production: { database: app.url, protected: true } }
  app.write('mig.config.json', JSON.stringify({ environments }))
}

test('drop wants the name of the database typed', async () => {
  const app = project()
  await app.mig(['up'])
  const wrong = await app.mig(['drop'], { typed: ['yes'] })
  expect(wrong.exitCode).toBe(1)
  expect(wrong.stderr).toContain('Not confirmed: nothing was changed')
  expect(app.database.objects).not.toEqual([])
  const right = await app.mig(['drop'], { typed: ['db.json'] })
  expect(right.stdout).toBe('Dropped 4 objects.\n')
  expect(right.stderr).toContain('There is no way back.\nType "db.json" to go on: ')
  expect(app.database.objects).toEqual([])
})

test('a closed terminal is not a yes', async () => {
  const app = project()
  await app.mig(['up'])
  const run = app.mig(['drop'], { typed: [], terminal: true, endInput: true })
  expect((await run).exitCode).toBe(1)
  expect(app.database.version).toBe('3')
})

test('a signal while the question stands is not a yes either', async () => {
  const app = project()
  await app.mig(['up'])
  const run = await app.mig(['drop'], {
    typed: [],
    onOutput: (text, send) => text.includes('to go on') && setTimeout(send, 10, 'SIGINT'),
  })
  expect(run.exitCode).toBe(130)
  expect(app.database).toMatchObject({ version: '3', lockedBy: null })
})

test.each([
  [['drop'], '--yes'],
  [['down', '--all'], '--yes'],
  [['goto', 'none'], '--yes'],
])('%j without a terminal names the flag', async (argv, flag) => {
  const app = project()
  await app.mig(['up'])
  const run = await app.mig(argv)
  expect(run.exitCode).toBe(2)
  expect(run.stderr).toContain(flag)
  expect(app.database.version).toBe('3')
  expect((await app.mig([...argv, '--yes'])).exitCode).toBe(0)
  expect(app.database.version).toBeNull()
})

test.each([['down'], ['redo'], ['goto 1'], ['force 1'], ['drop'], ['down --all'], ['goto none']])(
  'a protected environment asks before %s, and --yes is not an answer',
  async (line) => {
    const app = project()
    protect(app)
    await app.mig(['up'])
    const argv = [...line.split(' '), '--env', 'production']
    const run = await app.mig([...argv, '--yes'])
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('--confirm db.json')
    const wrong = await app.mig([...argv, '--confirm', 'production'])
    expect(wrong.exitCode).toBe(2)
    expect(app.database).toMatchObject({ version: '3', lockedBy: null })
    expect((await app.mig([...argv, '--confirm', 'db.json'])).exitCode).toBe(0)
  },
)

test('a protected database asks whatever way it is reached, and going up asks nothing', async () => {
  const app = project()
  protect(app)
  expect((await app.mig(['up', '--env', 'production'])).exitCode).toBe(0)
  expect((await app.mig(['goto', '3', '--env', 'production'])).exitCode).toBe(0)
  const run = await app.mig(['down'])
  expect(run.exitCode).toBe(2)
  expect((await app.mig(['down'], { typed: ['db.json'] })).exitCode).toBe(0)
})
