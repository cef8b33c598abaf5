import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DataFolder } from '../../../src/plugins/data-folder.ts'
import {
  choosePackageManager,
  installArguments,
  restoreArguments,
  uninstallArguments,
} from '../../../src/plugins/package-manager.ts'
import { commandLine } from '../../../src/plugins/run-package-manager.ts'

const hello = { target: 'hello@latest', isFolder: false }

test.each([
  ['npm', installArguments('npm', hello, { allowScripts: false })],
  ['pnpm', installArguments('pnpm', hello, { allowScripts: false })],
  ['npm', uninstallArguments('npm', 'hello')],
  ['npm', restoreArguments('npm')],
  ['pnpm', restoreArguments('pnpm')],
])('%s runs no install scripts unless it is asked to: %s', (_, args) => {
  expect(args).toContain('--ignore-scripts')
})

test('what is asked for stands after the end of the options', () => {
  const odd = { target: '-x', isFolder: false }
  for (const args of [
    installArguments('npm', odd, { allowScripts: true }),
    installArguments('pnpm', odd, { allowScripts: false }),
    uninstallArguments('npm', '-x'),
    uninstallArguments('pnpm', '-x'),
  ]) {
    expect(args.slice(-2)).toEqual(['--', '-x'])
  }
})

test('with --allow-scripts they run, whatever the user’s settings say', () => {
  const allowed = installArguments('npm', hello, { allowScripts: true })
  expect(allowed).toContain('--ignore-scripts=false')
  expect(allowed).not.toContain('--ignore-scripts')
  expect(installArguments('pnpm', hello, { allowScripts: true })).toEqual([
    'add',
    '--config.ignore-scripts=false',
    '--dangerously-allow-all-builds',
    '--ignore-workspace',
    '--',
    'hello@latest',
  ])
})

test('a folder is copied, not linked', () => {
  const folder = { target: 'file:/a', isFolder: true }
  expect(installArguments('npm', folder, { allowScripts: false })).toContain('--install-links')
})

test('the command line is shown as a shell would take it', () => {
  expect(commandLine({ name: 'npm', file: '/x' }, ['install', '--', 'a@>=1 <2'])).toBe(
    `npm install -- 'a@>=1 <2'`,
  )
})

const programs = (...names: string[]): { env: Record<string, string>; folder: DataFolder } => {
  const root = mkdtempSync(join(tmpdir(), 'mig-managers-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const bin = join(root, 'bin')
  mkdirSync(bin)
  for (const name of names) {
    writeFileSync(join(bin, name), '#!/bin/sh\n')
    chmodSync(join(bin, name), 0o755)
  }
  writeFileSync(join(bin, 'readme'), '')
  const folder = new DataFolder(join(root, 'data'))
  return { env: { PATH: ['relative', bin].join(delimiter) }, folder }
}

test('npm goes before pnpm, and what is asked for before both', () => {
  const { env, folder } = programs('npm', 'pnpm')
  expect(choosePackageManager(undefined, folder, env).name).toBe('npm')
  expect(choosePackageManager('pnpm', folder, env).name).toBe('pnpm')
  const only = programs('pnpm')
  expect(choosePackageManager(undefined, only.folder, only.env).name).toBe('pnpm')
})

test('none on the PATH, or not the one that was asked for', () => {
  const { env, folder } = programs()
  expect(() => choosePackageManager(undefined, folder, env)).toThrow(
    'There is no npm and no pnpm on the PATH',
  )
  const { env: withNpm } = programs('npm')
  expect(() => choosePackageManager('pnpm', folder, withNpm)).toThrow(
    'There is no pnpm on the PATH',
  )
})

test('what the other plugins were installed with is kept', () => {
  const { env, folder } = programs('npm', 'pnpm')
  mkdirSync(folder.path)
  writeFileSync(join(folder.path, 'package.json'), '{"dependencies":{"a":"1"}}')
  expect(choosePackageManager(undefined, folder, env).name).toBe('npm')
  expect(() => choosePackageManager('pnpm', folder, env)).toThrow('were installed with npm')
  writeFileSync(join(folder.path, 'pnpm-lock.yaml'), '')
  expect(choosePackageManager(undefined, folder, env).name).toBe('pnpm')
  expect(() => choosePackageManager('npm', folder, env)).toThrow('were installed with pnpm')
})
