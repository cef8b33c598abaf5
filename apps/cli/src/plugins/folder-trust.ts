import { lstatSync, statSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** What decides about code that runs: the folder, the list of plugins in it, and their code. */
const nonTransactional = ['.', 'package.json', 'node_modules']

/** Group and others. */
const writableByOthers = 0o022

/**
 * Why the plugins of a folder are not to be run, or nothing where they may be: it holds what another user put there, or
 * could. Root's is trusted by everybody. Windows keeps others out of a user's folders itself and has no such numbers.
 */
export const whyDistrusted = (
  folder: string,
  user: number | undefined = process.geteuid?.(),
): string | undefined => {
  if (user === undefined) return undefined
  for (const name of nonTransactional) {
    const path = join(folder, name)
    const entry = lstatSync(path, { throwIfNoEntry: false })
    if (entry === undefined) continue
    // A link is followed only where a trusted user made it, and what it leads to counts as well.
    const target = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry
    const reason = ownerProblem(path, entry, user) ?? problemOf(path, target, user)
    if (reason !== undefined) return reason
  }
  return undefined
}

const ownerProblem = (path: string, { uid }: Stats, user: number): string | undefined =>
  uid === user || uid === 0 ? undefined : `${path} belongs to another user (${uid})`

const problemOf = (path: string, stats: Stats | undefined, user: number): string | undefined => {
  if (stats === undefined) return undefined
  if ((stats.mode & writableByOthers) !== 0) return `other users may write to ${path}`
  return ownerProblem(path, stats, user)
}
