import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folders from here up to the one that holds the nearest package.json; only this one where there is none. */
export const projectFolders = (from: string): readonly string[] => {
  const folders: string[] = []
  for (let folder = from; ; folder = dirname(folder)) {
    folders.push(folder)
    if (existsSync(join(folder, 'package.json'))) return folders
    if (dirname(folder) === folder) return [from]
  }
}

/** The first of the named files in the nearest folder that has one. */
export const findFile = (
  folders: readonly string[],
  names: readonly string[],
): string | undefined => {
  for (const folder of folders) {
    for (const name of names) {
      const path = join(folder, name)
      if (existsSync(path)) return path
    }
  }
  return undefined
}
