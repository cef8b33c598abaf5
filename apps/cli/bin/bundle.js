/**
 * Loads the bundle with the code that V8 made of it at an earlier run. Node's compile cache keeps what is compiled while
 * a file is loaded; most functions are compiled when they are first called, and that is most of the work. So this one is
 * written after a command went well for the second time, beside Node's, in the folder that Node chose for its own.
 */
import { createRequire, enableCompileCache, getCompileCacheDir, Module } from 'node:module'

const require = createRequire(import.meta.url)
const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')

const folder = path.join(import.meta.dirname, '../dist/bundle')

/** How much of the code a command ran through: it looked at something, or it ran migrations. */
const depths = ['nothing', 'look', 'steps']
/** Smaller ones are left to Node: they hold little that is compiled late. */
const smallBytes = 30_000
/** The depth, before what V8 gave. V8 copies data that does not begin at a whole word. */
const headerBytes = 8
/** The first line of a file of the bundle. Tables, which hold no functions, have none. */
const hashOfRest = /^\/\/ ([0-9a-f]{32})\n/

const compile = (source, filename, cachedData) =>
  new vm.Script(Module.wrap(source), { filename, cachedData })

const headerOf = (depth) => {
  const header = Buffer.alloc(headerBytes)
  header[0] = depth
  return header
}

/** A file of the cache, or nothing where there is none. */
const readCache = (file) => {
  try {
    return fs.readFileSync(file)
  } catch {
    return undefined
  }
}

/** Puts a file where others find it whole or not at all, also after a power cut: V8 does not check what it is given. */
const writeWhole = (file, parts) => {
  const unfinished = `${file}.${process.pid}`
  const descriptor = fs.openSync(unfinished, 'w', 0o600)
  try {
    for (const part of parts) fs.writeSync(descriptor, part)
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
  fs.renameSync(unfinished, file)
}

/** Loads a file of the bundle. `command` is whose code is kept apart from others': each runs through a part of it. */
export const loadBundle = (entry, command) => {
  enableCompileCache()
  const cache = getCompileCacheDir()
  if (cache === undefined)
    return { ...require(path.join(folder, entry)), keepCode: () => undefined }

  const scripts = []
  const atStart = new vm.Script('0').createCachedData()
  // Code is good only under the engine's settings that it was made with, and a run of many files changes some.
  const hasOtherSettings = () => new vm.Script('0', { cachedData: atStart }).cachedDataRejected
  const untilCollection = new WeakRef({})
  const others = Module._extensions['.cjs'] ?? Module._extensions['.js']
  Module._extensions['.cjs'] = (module, filename) => {
    if (path.dirname(filename) !== folder || fs.statSync(filename).size < smallBytes) {
      return others(module, filename)
    }
    // All of it is ASCII, which is read faster so.
    const source = fs.readFileSync(filename, 'latin1')
    const hash = hashOfRest.exec(source)?.[1]
    if (hash === undefined) return others(module, filename)
    const file = path.join(cache, `mig-${hash}-${command}`)
    const kept = readCache(file)
    const script = compile(
      source,
      filename,
      kept?.length > 0 ? kept.subarray(headerBytes) : undefined,
    )
    const usable = script.cachedDataRejected === false
    if (usable || !hasOtherSettings()) {
      scripts.push({ script, file, known: kept !== undefined, depth: usable ? kept[0] : 0 })
    }
    const run = script.runInThisContext()
    run(module.exports, createRequire(filename), module, filename, folder)
  }

  const keepCode = (reached) => {
    // When the engine goes through all of its memory, it throws away code that has not run lately: that of the start.
    if (untilCollection.deref() === undefined) return
    if (hasOtherSettings()) return
    const depth = depths.indexOf(reached)
    for (const { script, file, known } of scripts.filter((kept) => kept.depth < depth)) {
      try {
        // Writing it takes a while, and where everything is new each time it would be for nothing.
        if (known) writeWhole(file, [headerOf(depth), script.createCachedData()])
        else fs.appendFileSync(file, '')
      } catch {
        // No room or no right to write: the next start takes as long as this one.
        return
      }
    }
  }
  return { ...require(path.join(folder, entry)), keepCode }
}
