import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { project } from '../support/project.ts'
import { cliFolder } from '../support/run-mig.ts'
import { spawnMig } from '../support/spawn-mig.ts'

const bin = join(cliFolder, 'bin/run.js')

test('an old Node gets one plain line', async () => {
  const app = project()
  const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'22.13.1'})`
  const run = await spawnMig(['up'], { cwd: app.folder, node: ['--import', pretend] })
  expect(run).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'mig needs Node 22.14 or newer, and this is 22.13.1.\n',
  })
})

test.each(['cli/bin/run.js', 'migrate/bin/migrate.js'])(
  'under Yarn Plug’n’Play %s gets one plain line',
  async (file) => {
    const app = project()
    const pretend = `data:text/javascript,process.versions.pnp='3'`
    const bin = join(cliFolder, '..', file)
    const end = promisify(execFile)(process.execPath, ['--import', pretend, bin, 'version'], {
      cwd: app.folder,
    })
    await expect(end).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^(mig|migrate) does not run under Yarn Plug'n'Play: .*nodeLinker.*\n$/,
      ),
    })
  },
)

test('a reader that goes away gets no stack trace, and the command does its work', async () => {
  const app = project()
  const shell = `"${process.execPath}" "${bin}" up 2>err.txt | true; cat err.txt`
  const { stdout } = await promisify(execFile)('sh', ['-c', shell], {
    cwd: app.folder,
    env: { ...process.env, HOME: app.folder, MIG_DATABASE: app.url },
  })
  expect(stdout).toBe('[1/3] up 1 users\n[2/3] up 2 pets\n[3/3] up 3 index\n')
  expect(app.database.version).toBe('3')
})

test('what is piped in is not an argument', async () => {
  const app = project()
  const shell = `echo 1 | "${process.execPath}" "${bin}" up 2>/dev/null`
  const { stdout } = await promisify(execFile)('sh', ['-c', shell], {
    cwd: app.folder,
    env: { ...process.env, HOME: app.folder, MIG_DATABASE: app.url },
  })
  expect(stdout).toContain('Applied 3 migrations')
  expect(app.database.version).toBe('3')
})

test('DEBUG=* shows no password', async () => {
  const app = project({ '1_a.up': 'print;' })
  const secret = `hunter22"secret'`
  const url = app.url.replace('me@', `me:${encodeURIComponent(secret)}@`)
  for (const argv of [
    ['up', '--database', url],
    ['up', `--database=${url}`, '--verbose'],
    ['plugins', '--json', url],
    ['help', url],
    ['no-such-command', url],
  ]) {
    const run = await spawnMig(argv, { cwd: app.folder, env: { DEBUG: '*' } })
    expect(run.stderr).toContain('oclif')
    const output = run.stdout + run.stderr
    expect(output).not.toMatch(/hunter22/)
    expect(output).not.toContain(encodeURIComponent(secret))
  }
})

test('colours follow NO_COLOR, --no-color and FORCE_COLOR, and nobody else', async () => {
  const app = project()
  const env = { MIG_DATABASE: app.url }
  const colored = await spawnMig(['status'], { cwd: app.folder, env: { ...env, FORCE_COLOR: '1' } })
  expect(colored.stdout).toContain('\u001b[')
  for (const [argv, more] of [
    [['status'], {}],
    [['status'], { NO_COLOR: '1', FORCE_COLOR: '1' }],
    [['status', '--no-color'], { FORCE_COLOR: '1' }],
    [['--help'], { NO_COLOR: '1' }],
  ] as const) {
    const run = await spawnMig(argv, { cwd: app.folder, env: { ...env, ...more } })
    expect(run.stdout + run.stderr).not.toContain('\u001b[')
  }
  const ascii = await spawnMig(['status'], { cwd: app.folder, env: { ...env, LANG: 'C' } })
  // oxlint-disable-next-line no-control-regex -- ASCII and nothing else
  expect(ascii.stdout).toMatch(/^[\u0000-\u007f]*$/)
})

test('oclif’s own commands work: help, plugins, autocomplete', async () => {
  const app = project()
  const run = async (...argv: string[]): Promise<string> => {
    const { code, stdout } = await spawnMig(argv, { cwd: app.folder })
    expect(code, argv.join(' ')).toBe(0)
    return stdout
  }
  expect(await run('--help')).toContain('Apply pending migrations')
  expect(await run()).toContain('Apply pending migrations')
  expect(await run('help', 'down')).toContain('--all')
  expect(await run('down', '--help')).toContain('--all')
  expect(await run('plugins', '--help')).toContain('plugins install')
  expect(await run('plugins')).toBe('No plugins are installed.\n')
  expect(await run('autocomplete', 'bash')).toContain('mig autocomplete')
  expect(await run('--version')).toMatch(/^@mig\/cli\/\S+ /)
})

test('SIGINT in a run that blocks nothing: 130', async () => {
  const app = project({ '1_a.up': 'create a; slow 300;', '2_b.up': 'create b;' })
  const run = await spawnMig(['up'], {
    cwd: app.folder,
    env: { MIG_DATABASE: app.url },
    onStderr: (text, child) => {
      if (text.endsWith('up 1 a\n')) child.kill('SIGINT')
    },
  })
  expect(run.code).toBe(130)
  expect(run.stderr).toContain('done      1 step: up 1')
  expect(app.database.version).toBe('1')
})
