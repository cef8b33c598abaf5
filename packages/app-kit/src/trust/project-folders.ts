import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { distrustOfFile, type Distrust } from './folder-trust.ts'

/** Where a project is. */
export interface ProjectFolders {
  /** The folders from the working folder up to the project's; only the working folder where there is no project. */
  readonly folders: readonly string[]
  /** A warning about what was found and is not used. */
  readonly passedOver?: string
}

/** Names of config files, in the order in which they are looked for. */
export const configFileNames: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  (extension) => `mig.config.${extension}`,
)

const projectFiles: readonly string[] = ['package.json', ...configFileNames, '.env']

const list = (items: readonly string[]): string =>
  [items.slice(0, -1).join(', '), ...items.slice(-1)].filter((text) => text !== '').join(' and ')

/** The folders from here up to the one that holds the nearest package.json, as far as they are to be trusted. */
export const projectFolders = (from: string, distrust: Distrust): ProjectFolders => {
  const folders: string[] = []
  for (let folder = from; ; folder = dirname(folder)) {
    const reason = folder === from ? undefined : distrust(folder)
    if (reason !== undefined) return { folders: [from], ...passOver(folder, reason) }
    folders.push(folder)
    const file = join(folder, 'package.json')
    if (existsSync(file)) {
      const ofFile = folder === from ? undefined : distrustOfFile(distrust)(file)
      return ofFile === undefined
        ? { folders }
        : { folders: [from], passedOver: passedOverFile(file, ofFile) }
    }
    if (dirname(folder) === folder) return { folders: [from] }
  }
}

/** Names what would have been used, up to the nearest package.json. Without one nothing would have been. */
const passOver = (first: string, reason: string): Pick<ProjectFolders, 'passedOver'> => {
  const found: string[] = []
  for (let folder = first; ; folder = dirname(folder)) {
    const here = projectFiles.filter((name) => existsSync(join(folder, name)))
    found.push(...here.map((name) => (folder === first ? name : `"${join(folder, name)}"`)))
    if (here.includes('package.json')) break
    if (dirname(folder) === folder) return {}
  }
  const where = found.some((name) => name.startsWith('"')) ? 'there and above' : 'there'
  const verb = found.length === 1 ? 'is' : 'are'
  return {
    passedOver: `"${first}" is passed over, because ${reason}: ${list(found)} ${where} ${verb} not used. To use ${found.length === 1 ? 'it' : 'them'}, run mig in that folder.`,
  }
}

const passedOverFile = (file: string, reason: string): string =>
  `"${file}" is passed over, because ${reason}. To use it, run mig in that folder.`

/** How files are looked for. */
export interface FileSearch {
  /** The working folder, whose files need no check. */
  readonly cwd: string
  readonly distrust: Distrust
  readonly warn: (message: string) => void
}

/**
 * The first of the named files in the nearest folder that has one. One that is not to be trusted ends the search, with a
 * warning: a farther one is not what was meant.
 */
export const findFile = (
  folders: readonly string[],
  names: readonly string[],
  { cwd, distrust, warn }: FileSearch,
): string | undefined => {
  for (const folder of folders) {
    for (const name of names) {
      const path = join(folder, name)
      if (!existsSync(path)) continue
      if (folder === cwd) return path
      const reason = distrustOfFile(distrust)(path)
      if (reason === undefined) return path
      warn(passedOverFile(path, reason))
      return undefined
    }
  }
  return undefined
}
