// The package managers and Nodes that people install with. All of them are npm packages.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runPatiently } from './run-command.js'

const nodes = { oldest: '22.14.0', newest: '24.21.0' }

/**
 * better-sqlite3 brings its binaries and says that nothing is to be built. npm forgets that in its lock file, Yarn 1 never
 * reads it: both start node-gyp, which wants Python and fetches headers. Nothing that mig needs has a script to run.
 */
const withoutScripts = ['--ignore-scripts']

/** By name: the package, its file (one that is no script runs by itself), and how to add and to install again. */
const managers = {
  'npm 10': {
    package: 'npm@10.9.9',
    file: 'bin/npm-cli.js',
    add: ['npm', 'install', '--save-dev'],
    again: ['npm', 'ci', ...withoutScripts],
  },
  'npm 11': {
    package: 'npm@11.21.2',
    file: 'bin/npm-cli.js',
    add: ['npm', 'install', '--save-dev'],
    again: ['npm', 'ci', ...withoutScripts],
  },
  'pnpm 10': {
    package: 'pnpm@10.34.9',
    file: 'bin/pnpm.cjs',
    add: ['pnpm', 'add', '--save-dev'],
    again: ['pnpm', 'install', '--frozen-lockfile'],
  },
  'pnpm 12': {
    package: 'pnpm@12.20.0',
    file: 'pnpm',
    add: ['pnpm', 'add', '--save-dev'],
    again: ['pnpm', 'install', '--frozen-lockfile'],
  },
  'yarn 1': {
    package: 'yarn@1.22.22',
    file: 'bin/yarn.js',
    add: ['yarn', 'add', '--dev', ...withoutScripts],
    again: ['yarn', 'install', '--frozen-lockfile', ...withoutScripts],
  },
  'yarn 4': {
    package: '@yarnpkg/cli-dist@4.18.1',
    file: 'bin/yarn.js',
    add: ['yarn', 'add', '--dev'],
    again: ['yarn', 'install', '--immutable'],
  },
}

/** Which Node goes with which package manager where there is no time for all pairs. */
const ciNodes = {
  'npm 10': 'oldest',
  'npm 11': 'newest',
  'pnpm 10': 'oldest',
  'pnpm 12': 'newest',
  'yarn 1': 'newest',
  'yarn 4': 'oldest',
}

/** The pairs of package manager and Node to try, as `{ manager, node }`. */
export const pairsOf = (depth) =>
  Object.keys(managers).flatMap((manager) =>
    Object.keys(nodes)
      .filter((node) => depth === 'full' || ciNodes[manager] === node)
      .map((node) => ({ manager, node: nodes[node] })),
  )

const aliasOf = (name) => name.replaceAll(/[^a-z0-9]+/g, '-')

const installTools = async (folder) => {
  const dependencies = Object.fromEntries([
    ...Object.entries(managers).map(([name, it]) => [aliasOf(name), `npm:${it.package}`]),
    ...Object.values(nodes).map((version) => [aliasOf(`node ${version}`), `npm:node@${version}`]),
  ])
  const manifest = JSON.stringify({ private: true, dependencies }, null, 2)
  const file = join(folder, 'package.json')
  const done = join(folder, 'done')
  if (existsSync(done) && readFileSync(file, 'utf8') === manifest) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, manifest)
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  await runPatiently('npm', args, { cwd: folder })
  writeFileSync(done, '')
}

/** A folder with one program in it, so that the path holds this package manager and no other. */
const shim = (folder, name, { file, add: [program] }) => {
  const path = join(folder, 'programs', aliasOf(name))
  const target = join(folder, 'node_modules', aliasOf(name), file)
  const start = /\.c?js$/.test(file) ? `node "${target}"` : `"${target}"`
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, program), `#!/bin/sh\nexec ${start} "$@"\n`)
  chmodSync(join(path, program), 0o755)
  return path
}

/** Installs what is not there yet, and returns how to get at a pair. */
export const preparePackageManagers = async (folder) => {
  await installTools(folder)
  return {
    /** The path on which `node` and one package manager are, before what the system has. */
    pathOf: ({ manager, node }) =>
      [
        join(folder, 'node_modules', aliasOf(`node ${node}`), 'bin'),
        shim(folder, manager, managers[manager]),
        '/usr/bin',
        '/bin',
      ].join(':'),
    commandsOf: (manager) => managers[manager],
  }
}

/** The newest of both, which the workspace itself is released with. */
export const releasePair = { manager: 'pnpm 12', node: nodes.newest }
