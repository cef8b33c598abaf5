import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { promisify } from 'node:util'

/** Finds the text of a file whose checksum is known; nothing where git does not know it. */
export type FindOldText = (path: string, checksum: string) => Promise<string | undefined>

const newestCommits = 200

const git = async (folder: string, ...args: readonly string[]): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)('git', args, {
      cwd: folder,
      maxBuffer: 256 * 1024 * 1024,
    })
    return stdout
  } catch {
    // No git, no repository, a file it does not know: the diff is a help, not a promise.
    return undefined
  }
}

const checksumOf = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')

/** Looks through the newest commits that touched a file for the text that has a checksum. */
export const findOldText: FindOldText = async (path, checksum) => {
  const folder = dirname(path)
  const name = `./${basename(path)}`
  const log = await git(folder, 'log', `--max-count=${newestCommits}`, '--format=%H', '--', name)
  for (const commit of log?.split('\n') ?? []) {
    if (commit === '') continue
    const text = await git(folder, 'show', `${commit}:${name}`)
    if (text !== undefined && checksumOf(text) === checksum) return text
  }
  return undefined
}
