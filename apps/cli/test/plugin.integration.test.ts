import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cliFolder } from './support/run-mig.ts'
import { spawnMig, type ProcessEnd } from './support/spawn-mig.ts'

const fixture = join(cliFolder, 'test/fixtures/plugin-hello')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-plugin-'))
  mkdirSync(join(folder, 'migrations'))
  writeFileSync(join(folder, 'migrations/1_a.up.sql'), 'create a;')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const mig = async (...argv: string[]): Promise<ProcessEnd> => {
  const end = await spawnMig(argv, {
    cwd: folder,
    env: { MIG_DATABASE: `hello://me@host${join(folder, 'db.json')}` },
  })
  expect(end.code, `mig ${argv.join(' ')}: ${end.stderr}`).toBe(0)
  return end
}

test(
  'a plugin from a tarball brings its command and its driver',
  { timeout: 120_000 },
  async () => {
    await promisify(execFile)('npm', ['pack', '--pack-destination', folder], { cwd: fixture })
    await mig('plugins', 'install', pathToFileURL(join(folder, 'mig-plugin-hello-1.2.3.tgz')).href)
    expect((await mig('hello')).stdout).toBe('hello from a plugin\n')
    expect((await mig('drivers')).stdout).toMatch(
      /^hello +hello:\/\/ +mig-plugin-hello 1\.2\.3 +plugin$/m,
    )
    expect((await mig('up')).stdout).toContain('Applied 1 migration')
    expect((await mig('version')).stdout).toBe('1\n')
    expect((await mig('plugins')).stdout).toContain('mig-plugin-hello 1.2.3')
    await mig('plugins', 'uninstall', 'mig-plugin-hello')
    expect((await mig('drivers')).stdout).not.toContain('hello')
  },
)

test(
  'a linked plugin does too, and one that breaks is named and breaks nothing else',
  { timeout: 120_000 },
  async () => {
    await mig('plugins', 'link', fixture, '--no-install')
    expect((await mig('drivers')).stdout).toMatch(/^hello .* link$/m)
    expect((await mig('up')).stdout).toContain('Applied 1 migration')

    const broken = join(folder, 'broken')
    mkdirSync(broken)
    const oclif = { hooks: { drivers: './plugin.js' } }
    const manifest = { name: 'mig-plugin-broken', version: '0.0.1', type: 'module', oclif }
    writeFileSync(join(broken, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(broken, 'plugin.js'), 'throw new Error("out of order")')
    await mig('plugins', 'link', broken, '--no-install')
    const drivers = await mig('drivers')
    expect(drivers.stdout).toMatch(/^hello .* link$/m)
    expect(drivers.stdout).toMatch(/^mig-plugin-broken \(link\) cannot be loaded: .*out of order$/m)
    const version = await mig('version')
    expect(version.stdout).toBe('1\n')
    expect(version.stderr).toMatch(/^Warning: The plugin mig-plugin-broken cannot be loaded: .*\n$/)
  },
)
