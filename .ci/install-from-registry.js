// Publishes all public packages to a registry on this machine, as a release does, and installs them from there in empty
// folders with the package managers and Nodes that people have. MIG_TEST_DEPTH=full tries every pair of them.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pairsOf, preparePackageManagers, releasePair } from './local-registry/package-managers.js'
import { program, Project } from './local-registry/project.js'
import { localPatterns, publishFolder, publishWorkspace } from './local-registry/publish.js'
import { startRegistry } from './local-registry/registry.js'
import { run } from './local-registry/run-command.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = process.env.MIG_CI_CACHE ?? '/var/cache/mig-ci'
const fixture = 'mig-plugin-hello'
const ours = ['@mig/cli', '@mig/migrate', '@mig/core', '@mig/driver-sqlite']
const depth = process.env.MIG_TEST_DEPTH === 'full' ? 'full' : 'ci'
/** Names of attempts to make, where not all are wanted. */
const only = process.argv.slice(2)
const began = performance.now()

const log = (text) => {
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6)
  process.stdout.write(`${seconds} s  ${text}\n`)
}

/** How large the installed packages are, in megabytes, and how many. */
const sizeOf = async (project) => {
  const kilobytes = await run('du', ['-sk', 'node_modules'], { cwd: project.folder })
  const lock = JSON.parse(project.read('node_modules/.package-lock.json'))
  const packages = Object.keys(lock.packages).length
  return `${(Number.parseInt(kilobytes, 10) / 1024).toFixed(1)} MB, ${packages} packages`
}

/** What authors of drivers use. */
const testkit = ['@mig/driver-testkit', 'vitest@5.1.1', 'typescript@5.9.3', '@types/node@24']
const testkitProgram = `${program}
import { testDriver } from '@mig/driver-testkit'
export { testDriver }
`
const testingProgram = `import * as testing from '@mig/testing'
export { testing }
`

const tryPair = async (pair, project, commands) => {
  const { manager } = pair
  if (manager === 'yarn 4') project.write('.yarnrc.yml', 'nodeLinker: node-modules\n')
  await project.install(...commands.add, ...ours)
  if (manager === 'yarn 4') await project.expectPeers()
  await project.installAgain(commands.again)
  await project.expectMigrations()
  if (manager === releasePair.manager || manager === 'npm 11') {
    await project.expectPlugin(fixture, manager.split(' ')[0])
  }
}

/** What a command alone brings with it. */
const trySize = (name) => async (project, commands) => {
  await project.install(...commands.add, name)
  log(`${name} takes ${await sizeOf(project)}`)
}

/** Under Plug'n'Play there is one sentence, and nothing else happens. */
const tryPlugAndPlay = async (project, commands) => {
  project.write('.yarnrc.yml', 'nodeLinker: pnp\n')
  await project.install(...commands.add, ...ours)
  const refusal =
    /^mig does not run under Yarn Plug'n'Play: [^\n]*nodeLinker: node-modules[^\n]*\n$/
  await project.expect(refusal, ['yarn', 'mig', 'up'], { ends: 1 })
}

const tryTestkit = async (project, commands) => {
  await project.install(...commands.add, ...ours, ...testkit)
  await project.expectTypes(testkitProgram)
}

const tryTesting = async (project, commands) => {
  await project.install(...commands.add, '@mig/testing', 'typescript@5.9.3', '@types/node@24')
  await project.expectTypes(testingProgram)
}

const work = mkdtempSync(join(tmpdir(), 'mig-registry-'))
const failures = []
const attempt = async (name, action) => {
  if (only.length > 0 && !only.some((part) => name.includes(part))) return
  try {
    await action()
    log(`${name}: passed`)
  } catch (error) {
    failures.push(name)
    log(`${name}: FAILED\n${error.message}`)
  }
}

const registry = await startRegistry(join(cache, 'registry'), [...localPatterns(root), fixture])
try {
  const tools = await preparePackageManagers(join(cache, 'package-managers'))
  log(`the registry answers at ${registry.url}`)
  const releaseEnv = { ...process.env, PATH: `${tools.pathOf(releasePair)}:${process.env.PATH}` }
  const versions = await publishWorkspace(root, work, registry, releaseEnv)
  const npmEnv = { ...process.env, PATH: tools.pathOf({ ...releasePair, manager: 'npm 11' }) }
  await publishFolder(join(root, 'apps/cli/test/fixtures/plugin-hello'), work, registry, npmEnv)
  log(`published ${[...versions].map(([name, version]) => `${name} ${version}`).join(', ')}`)

  // Nobody's settings, and one home for all, so that their caches are warm from the second on.
  const home = join(work, 'home')
  mkdirSync(home)
  writeFileSync(
    join(home, '.npmrc'),
    `registry=${registry.url}\naudit=false\nfund=false\nupdate-notifier=false\n`,
  )
  const environmentOf = (pair) => ({
    PATH: tools.pathOf(pair),
    HOME: home,
    LANG: 'C.UTF-8',
    CI: 'true',
    YARN_REGISTRY: registry.url,
    YARN_NPM_REGISTRY_SERVER: registry.url,
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
    // What was published a moment ago is too new for Yarn otherwise.
    YARN_NPM_MINIMAL_AGE_GATE: '0',
  })
  const projectFor = (name, pair) => new Project(join(work, 'projects', name), environmentOf(pair))
  for (const pair of pairsOf(depth)) {
    const name = `${pair.manager} on Node ${pair.node}`
    const commands = tools.commandsOf(pair.manager)
    await attempt(name, () => tryPair(pair, projectFor(name.replaceAll(' ', '-'), pair), commands))
  }
  for (const [name, manager, action] of [
    ['size of mig', 'npm 11', trySize('@mig/cli')],
    ['size of migrate', 'npm 11', trySize('@mig/migrate')],
    ['Plug’n’Play', 'yarn 4', tryPlugAndPlay],
    ['types and @mig/driver-testkit', 'npm 11', tryTestkit],
    ['@mig/testing', 'pnpm 12', tryTesting],
  ]) {
    const pair = { ...releasePair, manager }
    await attempt(name, () =>
      action(projectFor(name.replaceAll(/\W+/g, '-'), pair), tools.commandsOf(manager)),
    )
  }
} finally {
  registry.stop()
  // A hundred thousand small files: the system's own program is far quicker than Node.
  await run('rm', ['-rf', work], { cwd: '/' })
}
if (failures.length > 0) {
  process.stdout.write(`Packages do not install everywhere: ${failures.join('; ')}\n`)
}
// The registry keeps timers of its own.
process.exit(failures.length > 0 ? 1 : 0)
