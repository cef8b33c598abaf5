#!/usr/bin/env node
// The version is checked before anything is loaded: older ones fail in ways that say nothing, down to a crash of the
// SQLite client without a word.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(`mig needs Node 22.14 or newer, and this is ${process.versions.node}.\n`)
  process.exit(1)
}
// What was compiled once is kept for the next start.
const { createRequire, enableCompileCache } = await import('node:module')
enableCompileCache()
const { main } = createRequire(import.meta.url)('../dist/bundle/mig.cjs')
await main(new URL('..', import.meta.url).href)
