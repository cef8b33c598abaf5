import { testDepth } from './depth.ts'
import { openRunFolder, type RunFolder } from './run-folder.ts'
import { drawSeed, testSeed } from './seed.ts'

/** Both projects of a run name this module, and each loads its own copy of it. */
interface SharedRun {
  users: number
  readonly folder: RunFolder
}

const key = Symbol.for('@mig/internal-testing/run')
const holder: typeof globalThis & { [key]?: SharedRun } = globalThis

/** Prints depth and seed of a run, and gives it a temporary directory that has to be empty in the end. */
export const setup = (): (() => void) => {
  const run = (holder[key] ??= begin())
  run.users++
  return () => {
    run.users--
    if (run.users > 0) return
    delete holder[key]
    run.folder.close()
  }
}

const begin = (): SharedRun => {
  drawSeed()
  const seed = testSeed()
  process.stderr.write(`Tests run at depth ${testDepth()}, seed ${seed}.\n`)
  return { users: 0, folder: openRunFolder() }
}
