// Versions, builds and publishes all public packages as a release does, from a copy of what is committed.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, runPatiently } from './run-command.js'

/** The manifests of the packages of the workspace that are not private. */
const publicPackages = (root) =>
  ['packages', 'apps']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    // A package that is gone may have left what git ignores.
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    .filter((manifest) => manifest.private !== true)

/** Everything of a scope of ours, and each name without a scope. */
export const localPatterns = (root) => [
  ...new Set(
    publicPackages(root).map(({ name }) =>
      name.startsWith('@') ? name.replace(/\/.*/, '/*') : name,
    ),
  ),
]

const loginFile = (folder, { url, token }) => {
  const file = join(folder, 'npmrc')
  writeFileSync(file, `registry=${url}\n${url.replace(/^http:/, '')}:_authToken=${token}\n`)
  return file
}

/** Publishes the workspace. Returns the versions by name. `env` has the pnpm of the workspace on its path. */
export const publishWorkspace = async (root, work, registry, env) => {
  const cwd = join(work, 'release')
  await run('git', ['clone', '--quiet', root, cwd], { cwd: work, env })
  await runPatiently('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], { cwd, env })
  await run('pnpm', ['exec', 'changeset', 'version'], { cwd, env })
  await run('pnpm', ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only'], { cwd, env })
  const login = { ...env, npm_config_userconfig: loginFile(work, registry) }
  const publish = [
    '-r',
    'publish',
    '--access',
    'public',
    '--no-git-checks',
    '--registry',
    registry.url,
  ]
  await run('pnpm', publish, { cwd, env: login })
  return new Map(publicPackages(cwd).map(({ name, version }) => [name, version]))
}

/** Publishes a package that is no part of the workspace. */
export const publishFolder = async (folder, work, registry, env) => {
  const cwd = join(work, 'fixture')
  cpSync(folder, cwd, { recursive: true })
  const login = { ...env, npm_config_userconfig: loginFile(work, registry) }
  await run('npm', ['publish', '--registry', registry.url], { cwd, env: login })
}
