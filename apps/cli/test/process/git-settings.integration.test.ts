import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openWorkplace } from '@mig/internal-testing'
import { noUsers, others, sharedGround } from '../support/others.ts'
import { spawnMig } from '../support/spawn-mig.ts'

/** Git with none of the settings of whoever runs the tests. */
const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
  })

const file = 'm/1_a.up.sql'
const applied = 'create table a (id integer);\n'
const edited = 'create table a (id integer, name text);\n'

/** A repository whose migration was applied, committed, and edited. */
const editedMigration = async (): Promise<string> => {
  const workplace = openWorkplace()
  onTestFinished(() => workplace[Symbol.dispose]())
  const { folder } = workplace
  workplace.write({ '1_a.up.sql': applied })
  git(folder, 'init', '--quiet')
  git(folder, 'add', file)
  git(folder, 'commit', '--quiet', '--message', 'one')
  expect((await spawnMig(['up', ...where], { cwd: folder })).code).toBe(0)
  workplace.write({ '1_a.up.sql': edited })
  git(folder, 'commit', '--quiet', '--all', '--message', 'two')
  return folder
}

const where = ['--path', 'm', '--database', 'sqlite://x.db']

test('mig verify shows what git knows', async () => {
  const folder = await editedMigration()
  const { stdout, code } = await spawnMig(['verify', ...where], { cwd: folder })
  expect(stdout).toContain('-create table a (id integer);')
  expect(stdout).toContain('+create table a (id integer, name text);')
  expect(code).toBe(6)
})

test('no program that the settings of a repository name is run', async () => {
  const folder = await editedMigration()
  const evil = join(folder, 'evil.sh')
  const ran = join(folder, 'ran')
  writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >> ${ran}\ncat\n`)
  chmodSync(evil, 0o755)
  const hooks = join(folder, 'hooks')
  mkdirSync(hooks)
  for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change', 'fsmonitor']) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\necho ${hook} >> ${ran}\n`)
    chmodSync(join(hooks, hook), 0o755)
  }
  writeFileSync(
    join(folder, '.gitattributes'),
    '* diff=evil filter=evil text working-tree-encoding=UTF-16\n',
  )
  const settings: Readonly<Record<string, string>> = {
    'log.showSignature': 'true',
    'gpg.program': evil,
    'gpg.ssh.program': evil,
    'gpg.x509.program': evil,
    'core.fsmonitor': evil,
    'core.pager': evil,
    'pager.log': evil,
    'pager.rev-list': evil,
    'pager.cat-file': evil,
    'core.editor': evil,
    'core.sshCommand': evil,
    'core.askPass': evil,
    'core.hooksPath': hooks,
    'core.alternateRefsCommand': evil,
    'diff.external': evil,
    'diff.evil.command': evil,
    'diff.evil.textconv': evil,
    'filter.evil.smudge': evil,
    'filter.evil.clean': evil,
    'filter.evil.process': evil,
    'filter.evil.required': 'true',
    'alias.log': `!${evil}`,
    'alias.show': `!${evil}`,
    'alias.rev-list': `!${evil}`,
    'alias.cat-file': `!${evil}`,
    'credential.helper': `!${evil}`,
    'uploadpack.packObjectsHook': evil,
    'remote.origin.url': `ext::${evil}`,
    'remote.origin.uploadpack': evil,
    'remote.origin.promisor': 'true',
    'remote.origin.vcs': 'evil',
    'protocol.allow': 'always',
    'protocol.ext.allow': 'always',
    'extensions.partialClone': 'origin',
    'core.repositoryFormatVersion': '1',
  }
  for (const [name, value] of Object.entries(settings)) git(folder, 'config', name, value)
  // A commit that says it is signed makes git ask who signed it, where it is told to show signatures.
  const commit = git(folder, 'cat-file', 'commit', 'HEAD')
  const signed = commit.replace(
    /\n\n/,
    '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n',
  )
  writeFileSync(join(folder, 'commit'), signed)
  const id = git(folder, 'hash-object', '-t', 'commit', '-w', 'commit').trim()
  writeFileSync(
    join(folder, '.git/refs/heads', git(folder, 'symbolic-ref', '--short', 'HEAD').trim()),
    `${id}\n`,
  )
  rmSync(ran, { force: true })
  const found = await spawnMig(['verify', ...where], { cwd: folder })
  expect(found.stdout).toContain('-create table a (id integer);')
  expect(existsSync(ran), existsSync(ran) ? 'a program was run' : '').toBe(false)

  // Without the object git wants to fetch it.
  const blob = git(folder, 'rev-parse', `${id}~1:${file}`).trim()
  rmSync(ran, { force: true })
  rmSync(join(folder, '.git/objects', blob.slice(0, 2), blob.slice(2)))
  const lost = await spawnMig(['verify', ...where], { cwd: folder })
  expect(lost.code).toBe(6)
  expect(lost.stdout).not.toContain('-create table a')
  expect(existsSync(ran), 'a program was run to fetch').toBe(false)
})

test.each([
  ['GIT_DIR', '/nowhere'],
  ['GIT_WORK_TREE', '/nowhere'],
  ['GIT_INDEX_FILE', '/nowhere'],
  ['GIT_OBJECT_DIRECTORY', '/nowhere'],
  ['GIT_COMMON_DIR', '/nowhere'],
  ['GIT_NAMESPACE', 'x'],
  ['GIT_EXTERNAL_DIFF', './evil.sh'],
  ['GIT_GLOB_PATHSPECS', '1'],
])('%s, as a hook of git has it, sends mig to no other repository', async (name, value) => {
  const folder = await editedMigration()
  const { stdout } = await spawnMig(['verify', ...where], { cwd: folder, env: { [name]: value } })
  expect(stdout).toContain('-create table a (id integer);')
})

if (noUsers !== undefined) console.warn(`Skipped: a repository in a folder of others ${noUsers}`)

test.skipIf(noUsers !== undefined)(
  'a repository above in a folder that everyone can write to is not used',
  async () => {
    const ground = sharedGround()
    const above = ground.make('above', 0)
    ground.make('above/m', 0)
    ground.write(`above/${file}`, 0, applied)
    git(above, 'init', '--quiet')
    git(above, 'add', file)
    git(above, 'commit', '--quiet', '--message', 'one')
    const run = ['verify', '--path', '.', '--database', 'sqlite:///' + join(ground.folder, 'x.db')]
    const cwd = join(above, 'm')
    await spawnMig(['up', ...run.slice(1)], { cwd })
    ground.write(`above/${file}`, 0, edited)
    expect((await spawnMig(run, { cwd })).stdout).toContain('-create table a (id integer);')
    ground.make('above', 0, 0o777)
    expect((await spawnMig(run, { cwd })).stdout).not.toContain('-create table a (id integer);')
    ground.make('above', others.attacker)
    expect((await spawnMig(run, { cwd })).stdout).not.toContain('-create table a (id integer);')
  },
)
