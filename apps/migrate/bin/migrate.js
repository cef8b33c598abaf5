#!/usr/bin/env node
import { createRequire } from 'node:module'

// The version is checked before anything is loaded: older ones fail in ways that say nothing.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(`migrate needs Node 22.14 or newer, and this is ${process.versions.node}.\n`)
  process.exit(1)
}
// Drivers of the project and plugins are looked for in node_modules, and the SQLite client is a file to be loaded from it.
if (process.versions.pnp !== undefined) {
  process.stderr.write(
    `migrate does not run under Yarn Plug'n'Play: put "nodeLinker: node-modules" in .yarnrc.yml and run "yarn install".\n`,
  )
  process.exit(1)
}
const require = createRequire(import.meta.url)
require('../dist/bundle/compile-cache.cjs').enableOwnCompileCache()
await require('../dist/bundle/migrate.cjs').main(process.argv.slice(2))
