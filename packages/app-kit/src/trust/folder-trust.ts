import { realpathSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'

/** Says why something is not to be used, or nothing where it may be. */
export type Distrust = (path: string) => string | undefined

const everyone = 0o002

/**
 * The working folder and the packages in it are trusted: its user chose it. Another folder or file is trusted if its
 * owner is the effective user, root, or the owner of the working folder, and if not everyone can write to it. So a
 * `/tmp/package.json` of a stranger means nothing to someone who works in `/tmp/job`. A group may share a project.
 *
 * Links are followed. Windows is not asked: it has no owner and mode to look at.
 */
export const distrustFrom = (workingFolder: string): Distrust => {
  if (process.platform === 'win32') return () => undefined
  const owners = new Set([0, process.geteuid?.(), statSync(workingFolder).uid])
  const working = realpathSync(workingFolder)
  const packages = join(working, 'node_modules') + sep
  return (path) => {
    try {
      const target = realpathSync(path)
      if (target === working || target.startsWith(packages)) return undefined
      const { uid, mode } = statSync(target)
      if (!owners.has(uid)) return `it belongs to another user (id ${uid})`
      return (mode & everyone) === 0 ? undefined : 'everyone can write to it'
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      return `it cannot be looked at (${reason})`
    }
  }
}

/** The same for a file: where a link leads to, the folder there counts too, because its owner can exchange the file. */
export const distrustOfFile =
  (distrust: Distrust): Distrust =>
  (path) => {
    const reason = distrust(path)
    if (reason !== undefined) return reason
    const folder = dirname(realpathSync(path))
    const ofFolder = folder === dirname(path) ? undefined : distrust(folder)
    return ofFolder === undefined ? undefined : `of the folder "${folder}": ${ofFolder}`
  }
