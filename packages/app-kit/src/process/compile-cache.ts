/**
 * Turns on Node's compile cache, in a folder that belongs to the user alone.
 *
 * Node runs what lies in a compile cache and does not ask who put it there, and its default folder, below the one for
 * temporary files, can be made by anybody. So mig uses a cache only where nobody else could have written, and starts
 * without one everywhere else.
 *
 * Where the user has set NODE_COMPILE_CACHE, Node has turned that folder on before any code of mig runs, and who may
 * write there is the user's own concern. NODE_DISABLE_COMPILE_CACHE turns off both.
 */
import { lstatSync, mkdirSync, readdirSync, realpathSync, type Stats } from 'node:fs'
import { enableCompileCache, getCompileCacheDir } from 'node:module'
import { homedir } from 'node:os'
import path from 'node:path'

/** Undefined on Windows, which has no such ids: there the access list of the folder for local data keeps others out. */
const user = process.geteuid?.()

const writableByOthers = 0o022
const openToOthers = 0o077
const sticky = 0o1000

const isOwn = ({ uid }: Stats): boolean => user === undefined || uid === user
const isClosed = ({ mode }: Stats, bits: number): boolean =>
  user === undefined || (mode & bits) === 0

/** Throws where the cache is not safe to use. Nobody but `enableOwnCompileCache` sees the error. */
const demand = (condition: boolean, place: string): void => {
  if (!condition) throw new Error(`Another user may have written to ${place}`)
}

/**
 * Demands of every folder on a path that only this user and root can put another one in its place. So nobody else can
 * exchange what was checked before Node reads it. In a sticky folder, such as /tmp, each may rename only what is theirs.
 */
const demandFixed = (place: string): void => {
  const found = lstatSync(place)
  const fixed =
    found.isSymbolicLink() || isClosed(found, writableByOthers) || (found.mode & sticky) !== 0
  demand((isOwn(found) || found.uid === 0) && fixed, place)
  const parent = path.dirname(place)
  if (parent !== place) demandFixed(parent)
}

/** The path without links. It is what is used from then on: a link on the way could be changed. */
const fixedPath = (place: string): string => {
  const real = realpathSync.native(place)
  demandFixed(place)
  if (real !== place) demandFixed(real)
  return real
}

/**
 * Finds a folder, and makes it where its parent belongs to this user. Under `sudo` with the old HOME, the parent is
 * somebody else's.
 */
const findOrMake = (parent: string, name: string): string => {
  const folder = path.join(parent, name)
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    demand(isOwn(lstatSync(parent)), parent)
    mkdirSync(folder, { mode: 0o700 })
  }
  return folder
}

const demandPrivate = (folder: string): void => {
  const found = lstatSync(folder)
  demand(found.isDirectory() && isOwn(found) && isClosed(found, openToOthers), folder)
}

/** Node keeps a folder for each of its versions, and a file for each module in it. */
const demandOwnContent = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const place = path.join(folder, name)
    const found = lstatSync(place)
    demand(isOwn(found) && isClosed(found, writableByOthers), place)
    demand(found.isDirectory() || found.isFile(), place)
    if (found.isDirectory()) demandOwnContent(place)
  }
}

/** Where programs keep their caches. The XDG Base Directory Specification says to ignore a relative path. */
const cachesFolder = (): string => {
  if (process.platform === 'win32') return process.env['LOCALAPPDATA'] ?? ''
  const { XDG_CACHE_HOME = '' } = process.env
  return path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : path.join(homedir(), '.cache')
}

/** oclif has its own caches in mig's folder, so what belongs to Node is in a folder of its own. */
const privateFolder = (): string => {
  const place = cachesFolder()
  demand(path.isAbsolute(place), place)
  const caches = fixedPath(findOrMake(fixedPath(path.dirname(place)), path.basename(place)))
  const own = findOrMake(caches, 'mig')
  demandPrivate(own)
  const folder = findOrMake(own, 'compile-cache')
  demandPrivate(folder)
  demandOwnContent(folder)
  return folder
}

/** To be called before anything else is loaded. */
export const enableOwnCompileCache = (): void => {
  if (process.env['NODE_DISABLE_COMPILE_CACHE'] || getCompileCacheDir() !== undefined) return
  // Node makes a folder of its own in there, and takes no rights from others but those that the mask takes.
  const mask = process.umask(0o077)
  try {
    enableCompileCache(privateFolder())
  } catch {
    // A folder that is not there, cannot be made or is not safe: the command runs without a cache and starts later.
  } finally {
    process.umask(mask)
  }
}
