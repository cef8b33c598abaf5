// oxlint-disable-next-line no-restricted-imports -- stat opens no descriptor, so closing none can drop SQLite's locks
import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** What is where a database file should be. */
export type FileCondition = 'file' | 'missing' | 'no-folder' | 'folder' | 'unreachable'

/** Looks at a path without opening it. SQLite has one error for all that can be wrong with it. */
export const inspectFile = (path: string): FileCondition => {
  const found = kindOf(path)
  if (found !== 'missing') return found
  switch (kindOf(dirname(path))) {
    case 'folder':
      return 'missing'
    case 'unreachable':
      return 'unreachable'
    case 'file':
    case 'missing':
    case 'no-folder':
      return 'no-folder'
  }
}

const kindOf = (path: string): FileCondition => {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats === undefined ? 'missing' : stats.isDirectory() ? 'folder' : 'file'
  } catch {
    // No right to look, or a file where a folder should be: opening it says so as well.
    return 'unreachable'
  }
}
