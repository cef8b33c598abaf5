import { opendirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import type { Source } from '@mig/core'

const largeBytes = 250_000
let manyFiles = 100

let compiling = true

const setCompilers = (on: boolean): void => {
  if (on === compiling) return
  compiling = on
  setFlagsFromString(on ? '--opt' : '--no-opt')
  setFlagsFromString(on ? '--maglev' : '--no-maglev')
}

/** Sets the engine back, so that what it compiled can be kept for the next start. */
export const restoreCompilers = (): void => setCompilers(true)

/**
 * Keeps the compilers for more files: where one step is under way at a time, the database waits for this process as
 * much as the other way round.
 */
export const compileForSingleSteps = (): void => {
  manyFiles = 2000
}

/** Whether a folder has that many entries. Of one that cannot be read, listing it says why. */
const hasEntries = (folder: string, count: number): boolean => {
  try {
    const entries = opendirSync(folder)
    try {
      for (let i = 0; i < count; i++) if (entries.readSync() === null) return false
      return true
    } finally {
      entries.closeSync()
    }
  } catch {
    return false
  }
}

/**
 * A source that keeps the engine's optimizing compilers away from many files until there is a large body to be cut. A
 * run waits for the database most of its time: they would take some 15 MB, and more of the processor than they save.
 *
 * Where there are few files they stay, because without them what is loaded later is not taken from the compile cache.
 */
export const compilingForLargeBodies = (source: Source, folder: string): Source => {
  const readPieces = source.readPieces?.bind(source)
  const have = <T extends Uint8Array | AsyncIterable<Uint8Array>>(body: T): T => {
    if (!(body instanceof Uint8Array) || body.byteLength >= largeBytes) setCompilers(true)
    return body
  }
  return {
    ...source,
    list: async () => {
      if (!hasEntries(folder, manyFiles)) return source.list()
      setCompilers(false)
      const listing = await source.list()
      if (listing.migrations.length < manyFiles) setCompilers(true)
      return listing
    },
    read: async (version, direction) => have(await source.read(version, direction)),
    ...(readPieces === undefined
      ? {}
      : { readPieces: async (version, direction) => have(await readPieces(version, direction)) }),
  }
}
