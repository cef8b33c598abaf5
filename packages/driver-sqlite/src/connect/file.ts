// oxlint-disable-next-line no-restricted-imports -- stat and access open no descriptor, so closing none can drop SQLite's locks
import { accessSync, constants, statSync } from 'node:fs'
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

/** What this user may not write of a database: the file, or the folder that its journal goes to. Nothing where both may. */
export const unwritable = (path: string): string | undefined => {
  if (path === '' || path === ':memory:') return undefined
  if (!mayWrite(path)) return `this user may not write the file "${path}"`
  const folder = dirname(path)
  return mayWrite(folder)
    ? undefined
    : `this user may not write the folder "${folder}", where SQLite makes a journal beside the file`
}

const mayWrite = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
