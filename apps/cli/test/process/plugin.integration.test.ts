import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cliFolder } from '../support/run-mig.ts'
import { spawnMig, type ProcessEnd } from '../support/spawn-mig.ts'

const fixture = join(cliFolder, 'test/fixtures/plugin-hello')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-plugin-'))
  mkdirSync(join(folder, 'migrations'))
  writeFileSync(join(folder, 'migrations/1_a.up.sql'), 'create a;')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const data = (): string => join(folder, 'home/.local/share/mig')

const run = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnMig(argv, {
    cwd: folder,
    env: { MIG_DATABASE: `hello://me@host${join(folder, 'db.json')}`, ...env },
  })

const mig = async (...argv: string[]): Promise<ProcessEnd> => {
  const end = await run(argv)
  expect(end.code, `mig ${argv.join(' ')}: ${end.stderr}`).toBe(0)
  return end
}

/** Packs a package of this test's own, and says where the tarball is. */
const pack = async (
  name: string,
  manifest: object,
  files: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const source = join(folder, 'sources', name)
  mkdirSync(source, { recursive: true })
  const whole = { name, version: '1.0.0', type: 'module', ...manifest }
  writeFileSync(join(source, 'package.json'), JSON.stringify(whole))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(source, file), text)
  await promisify(execFile)('npm', ['pack', '--pack-destination', folder], { cwd: source })
  return `./${name}-1.0.0.tgz`
}

const hello = async (): Promise<string> => {
  await promisify(execFile)('npm', ['pack', '--pack-destination', folder], { cwd: fixture })
  return './mig-plugin-hello-1.2.3.tgz'
}

test(
  'a plugin from a tarball brings its command and its driver',
  { timeout: 120_000 },
  async () => {
    const tarball = await hello()
    const { stdout, stderr } = await mig('plugins', 'install', tarball, '--yes')
    expect(stdout).toBe('Installed mig-plugin-hello 1.2.3.\n')
    expect(stderr).toMatch(new RegExp(`^This runs in ${data()}:\n {2}npm install --ignore-scripts`))
    expect(statSync(data()).mode & 0o777).toBe(0o700)
    expect((await mig('hello')).stdout).toBe('hello from a plugin\n')
    expect((await mig('drivers')).stdout).toMatch(
      /^hello +hello:\/\/ +mig-plugin-hello 1\.2\.3 +plugin$/m,
    )
    expect((await mig('up')).stdout).toContain('Applied 1 migration')
    expect((await mig('version')).stdout).toBe('1\n')
    expect((await mig('plugins')).stdout).toBe(
      `mig-plugin-hello 1.2.3  installed  file:${join(folder, tarball)}\n`,
    )
    // Once more is an update.
    await mig('plugins', 'install', tarball, '--yes')
    const json = await mig('plugins', 'uninstall', 'mig-plugin-hello', '--yes', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      command: 'plugins uninstall',
      result: { plugins: [{ name: 'mig-plugin-hello', version: '1.2.3', type: 'user' }] },
    })
    expect((await mig('drivers')).stdout).not.toContain('hello')
    expect(readdirSync(data())).toEqual(['package.json'])
  },
)

test('a folder is installed as a copy of what it would publish', { timeout: 120_000 }, async () => {
  await mig('plugins', 'install', fixture, '--yes')
  const copy = join(data(), 'node_modules/mig-plugin-hello')
  expect(lstatSync(copy).isSymbolicLink()).toBe(false)
  expect((await mig('hello')).stdout).toBe('hello from a plugin\n')
})

test('without an answer nothing runs, and nothing is made', async () => {
  const end = await run(['plugins', 'install', 'mig-plugin-hello'])
  expect(end).toMatchObject({ code: 2, stdout: '' })
  expect(end.stderr).toMatch(/npm install --ignore-scripts .* mig-plugin-hello@latest\n/)
  expect(end.stderr).toContain('There is no terminal to ask at.')
  expect(end.stderr).toContain('Pass --yes')
  expect(existsSync(data())).toBe(false)
})

test(
  'install scripts run where they are allowed, and only there',
  { timeout: 120_000 },
  async () => {
    const mark = join(folder, 'mark')
    const postinstall = `node -e "fs.writeFileSync('${mark}','')"`
    const tarball = await pack('mig-plugin-scripted', {
      scripts: { postinstall },
      oclif: { hooks: { drivers: './plugin.js' } },
    })
    await mig('plugins', 'install', tarball, '--yes')
    expect(existsSync(mark)).toBe(false)
    await mig('plugins', 'uninstall', 'mig-plugin-scripted', '--yes')
    await mig('plugins', 'install', tarball, '--yes', '--allow-scripts')
    expect(existsSync(mark)).toBe(true)
  },
)

test(
  'what is not a plugin is taken out again, and the others stay',
  { timeout: 120_000 },
  async () => {
    await mig('plugins', 'install', await hello(), '--yes')
    const before = readFileSync(join(data(), 'package.json'), 'utf8')
    const plain = await pack('plain', {})
    const end = await run(['plugins', 'install', plain, '--yes'])
    expect(end.code).toBe(1)
    expect(end.stderr).toContain('Error: plain is not a plugin of mig')
    expect(readFileSync(join(data(), 'package.json'), 'utf8')).toBe(before)
    expect(readdirSync(join(data(), 'node_modules'))).not.toContain('plain')
    expect((await mig('hello')).stdout).toBe('hello from a plugin\n')
  },
)

test('a failure of npm is shown in its own words', { timeout: 120_000 }, async () => {
  const broken = join(folder, 'broken.tgz')
  writeFileSync(broken, 'not a tarball')
  const end = await run(['plugins', 'install', broken, '--yes'])
  expect(end.code).toBe(1)
  expect(end.stderr).toContain('npm error')
  expect(end.stderr).toContain('failed: it ended with exit code 1')
  const json = await run(['plugins', 'install', broken, '--yes', '--json'])
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({
    command: 'plugins install',
    error: { code: 'PLUGIN_FAILED', message: expect.stringContaining('npm error') },
  })
  expect((await mig('plugins')).stdout).toBe('No plugins are installed.\n')
})

test('a plugin whose hook ends every command does not get in the way of its removal', async () => {
  const root = join(folder, 'stuck')
  mkdirSync(root)
  const oclif = { hooks: { init: './init.js' } }
  const manifest = { name: 'mig-plugin-stuck', version: '0.0.1', type: 'module', oclif }
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(root, 'init.js'), 'export default () => process.exit(7)')
  await mig('plugins', 'link', root)
  expect((await run(['drivers'])).code).toBe(7)
  expect((await mig('plugins')).stdout).toBe(`mig-plugin-stuck 0.0.1  link  ${root}\n`)
  await mig('plugins', 'uninstall', 'mig-plugin-stuck')
  await mig('drivers')
})

test('plugins that another user may have put there are not loaded, and named once', async () => {
  await mig('plugins', 'link', fixture)
  await mig('hello')
  const root = process.getuid?.() === 0
  if (root) chownSync(data(), 12_345, 12_345)
  else chmodSync(data(), 0o777)
  const end = await run(['hello'])
  expect(end.code).toBe(2)
  expect(end.stdout).toBe('')
  const drivers = await mig('drivers')
  expect(drivers.stdout).not.toContain('hello')
  for (const { stderr } of [end, drivers]) {
    expect(stderr.match(/Warning: Plugins are not loaded/g)).toHaveLength(1)
  }
  expect((await mig('plugins')).stdout).toContain('None of them is loaded')
  const install = await run(['plugins', 'install', fixture, '--yes'])
  expect(install.code).toBe(1)
  expect(install.stderr).toMatch(/belongs to another user|other users may write/)
})

test(
  'a linked plugin does too, and one that breaks is named and breaks nothing else',
  { timeout: 120_000 },
  async () => {
    await mig('plugins', 'link', fixture)
    expect((await mig('drivers')).stdout).toMatch(/^hello .* link$/m)
    expect((await mig('up')).stdout).toContain('Applied 1 migration')

    const broken = join(folder, 'broken')
    mkdirSync(broken)
    const oclif = { hooks: { drivers: './plugin.js' } }
    const manifest = { name: 'mig-plugin-broken', version: '0.0.1', type: 'module', oclif }
    writeFileSync(join(broken, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(broken, 'plugin.js'), 'throw new Error("out of order")')
    await mig('plugins', 'link', broken)
    const drivers = await mig('drivers')
    expect(drivers.stdout).toMatch(/^hello .* link$/m)
    expect(drivers.stdout).toMatch(/^mig-plugin-broken \(link\) cannot be loaded: .*out of order$/m)
    const version = await mig('version')
    expect(version.stdout).toBe('1\n')
    expect(version.stderr).toMatch(/^Warning: The plugin mig-plugin-broken cannot be loaded: .*\n$/)
  },
)
