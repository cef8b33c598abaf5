import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrateTool, openWorkplace } from '@mig/internal-testing'

const hook = `export default async () => ({
  name: 'hello',
  schemes: ['hello'],
  load: async () => ({}),
  dropIn: { schemes: ['hello', 'sqlite'], load: () => import('./drop-in.js') },
})
`
const dropIn = `export const openDropIn = async (url) => ({
  lock: async () => {},
  unlock: async () => {},
  run: async () => {},
  setVersion: async () => {},
  version: async () => ({ version: 42n, dirty: true }),
  drop: async () => {},
  close: async () => {},
})
`

test('a driver among the dependencies of the project is used where it is asked for, and not else', async () => {
  using workplace = openWorkplace()
  const driver = join(workplace.folder, 'node_modules/driver-hello')
  mkdirSync(driver, { recursive: true })
  const write = (path: string, content: unknown): void =>
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  write(join(workplace.folder, 'package.json'), {
    dependencies: { 'driver-hello': '1', gone: '1' },
  })
  write(join(driver, 'package.json'), {
    name: 'driver-hello',
    type: 'module',
    oclif: { hooks: { drivers: './hook.js' } },
  })
  write(join(driver, 'hook.js'), hook)
  write(join(driver, 'drop-in.js'), dropIn)
  const version = (url: string): string[] => ['-path', 'm', '-database', url, 'version']
  const asked = { MIGRATE_PROJECT_DRIVERS: '1' }
  for (const url of ['hello://x', 'sqlite://x.db']) {
    const outcome = await workplace.run(migrateTool, version(url), '', asked)
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '42 (dirty)\n',
    })
  }
  expect((await workplace.run(migrateTool, version('sqlite://x.db'))).stderr).toBe(
    'error: no migration\n',
  )
  expect((await workplace.run(migrateTool, version('hello://x'))).stderr).toContain(
    'unknown driver hello (forgotten import?)',
  )
  const help = await workplace.run(migrateTool, ['-help'], '', asked)
  expect(help.stderr).toMatch(/^Database drivers: stub, .*, hello$/m)
  const plain = await workplace.run(migrateTool, ['-help'])
  expect(plain.stderr).not.toContain('hello')
})
