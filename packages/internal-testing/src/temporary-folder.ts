import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that removes itself, with all that is in it. */
export interface TemporaryFolder {
  readonly path: string
  [Symbol.dispose](): void
}

/** Makes a folder in the temporary directory, for `using`. `name` is the start of its name. */
export const temporaryFolder = (name: string): TemporaryFolder => {
  const path = mkdtempSync(join(tmpdir(), `mig-${name}-`))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** The path of a new folder that goes away with the running test. */
export const testFolder = (name: string): string => {
  const folder = temporaryFolder(name)
  onTestFinished(() => folder[Symbol.dispose]())
  return folder.path
}
