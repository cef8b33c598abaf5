import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What others leave in the temporary directory, by the start of its name, and why it is not removed. */
const leftByOthers: Readonly<Record<string, string>> = {
  'node-compile-cache':
    'npm turns on the compile cache of Node, which Node keeps there and never removes',
  'testcontainers-node': 'Testcontainers keeps the lock file by which processes share one reaper',
}

const variable = 'TMPDIR'

/** The temporary directory of a test run. */
export interface RunFolder {
  readonly path: string
  /** Removes the folder. Throws where something was left in it. */
  close(): void
}

/**
 * Gives this process, and all that it starts, a temporary directory of its own, so that at the end everything in it is
 * something that a test has left.
 */
export const openRunFolder = (): RunFolder => {
  const before = process.env[variable]
  // A short name: sockets are made in it, whose paths have a limit of some hundred bytes.
  const path = mkdtempSync(join(tmpdir(), 'mig-'))
  // Database servers run as another user than root.
  chmodSync(path, 0o755)
  process.env[variable] = path
  return {
    path,
    close: () => {
      if (before === undefined) delete process.env[variable]
      else process.env[variable] = before
      const left = existsSync(path) ? leftIn(path) : []
      rmSync(path, { recursive: true, force: true })
      if (left.length > 0) {
        throw new Error(`Tests left files in the temporary directory: ${left.join(', ')}`)
      }
    },
  }
}

const leftIn = (path: string): readonly string[] =>
  readdirSync(path).filter(
    (name) => !Object.keys(leftByOthers).some((start) => name.startsWith(start)),
  )
