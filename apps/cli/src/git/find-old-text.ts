import { createHash } from 'node:crypto'
import { basename, dirname, resolve } from 'node:path'
import type { Distrust } from '@mig/app-kit/trust'
import { runGit } from './run-git.ts'

/** Finds the text of a file whose checksum is known; nothing where git does not know it. */
export type FindOldText = (path: string, checksum: string) => Promise<string | undefined>

const newestCommits = 200

const checksumOf = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')

/** The nearest folder above that is not to be trusted: a repository there is not used. */
const ceilingOf = (folder: string, distrust: Distrust): string | undefined => {
  for (let above = dirname(folder); ; above = dirname(above)) {
    if (distrust(above) !== undefined) return above
    if (dirname(above) === above) return undefined
  }
}

/** Looks through the newest commits that touched a file for the text that has a checksum. */
export const findOldText =
  (distrust: Distrust): FindOldText =>
  async (path, checksum) => {
    const folder = resolve(dirname(path))
    const name = basename(path)
    const ceiling = ceilingOf(folder, distrust)
    const git = (...args: readonly string[]): Promise<string | undefined> =>
      runGit(folder, ceiling, args)
    const range = [`--max-count=${newestCommits}`, 'HEAD']
    const commits = await git('rev-list', ...range, '--', `:(literal)${name}`)
    for (const commit of commits?.split('\n') ?? []) {
      if (commit === '') continue
      const text = await git('cat-file', 'blob', `${commit}:./${name}`)
      if (text !== undefined && checksumOf(text) === checksum) return text
    }
    return undefined
  }
