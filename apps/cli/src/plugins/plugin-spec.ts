import { statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MigrateError } from '@mig/core'

/** What a user asked to install, as a package manager takes it from any folder. */
export interface PluginSpec {
  /** As it was typed. */
  readonly typed: string
  /** What the package manager is given: `name@tag`, `file:/absolute/path` or a URL. */
  readonly target: string
  /** The name it will have, where that is known before it is there. */
  readonly name?: string
  /** The tag or range, where it comes from the registry. */
  readonly tag?: string
  /** Whether it is a folder of this machine. */
  readonly isFolder: boolean
}

const packageName = /^(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*$/i
const named = /^((?:@[^@/]+\/)?[^@/:]+)@(.+)$/

const unusable = (typed: string, hint: string): MigrateError =>
  new MigrateError('USAGE', `"${typed}" does not name a plugin`, { hint })

const looksLikePath = (text: string): boolean =>
  /^(?:\.{1,2}(?:[\\/]|$)|file:)/.test(text) ||
  isAbsolute(text) ||
  (/\.(?:tgz|tar\.gz)$/.test(text) && !/^[a-z][a-z+]+:/i.test(text))

/** The absolute path after a path or a `file:` URL, which is relative to the folder the user stands in. */
const pathOf = (text: string, cwd: string): string => {
  if (text.startsWith('file://')) return fileURLToPath(text)
  return resolve(cwd, text.replace(/^file:/, ''))
}

/**
 * Reads what stands after `mig plugins install`: `name`, `name@tag`, `name@range`, a tarball or a folder by its path or
 * `file:` URL, or any other URL that package managers take. Throws `USAGE`.
 */
export const parsePluginSpec = (typed: string, cwd: string): PluginSpec => {
  const [, name, rest] = named.exec(typed) ?? []
  const isNamed = name !== undefined && packageName.test(name)
  const place = isNamed ? (rest ?? '') : typed
  if (looksLikePath(place)) {
    const path = pathOf(place, cwd)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) throw unusable(typed, `There is no ${path}.`)
    const target = `file:${path}`
    return {
      typed,
      target: isNamed ? `${name}@${target}` : target,
      ...(isNamed ? { name } : {}),
      isFolder: found.isDirectory(),
    }
  }
  if (isNamed) {
    const isUrl = /^[a-z][a-z+]+:/i.test(place)
    return { typed, target: typed, name, ...(isUrl ? {} : { tag: place }), isFolder: false }
  }
  if (packageName.test(typed)) {
    return { typed, target: `${typed}@latest`, name: typed, tag: 'latest', isFolder: false }
  }
  if (/^[a-z][a-z+]+:./i.test(typed)) return { typed, target: typed, isFolder: false }
  throw unusable(
    typed,
    'Give the name of a package, name@version, a URL, or the path of a folder or tarball, such as ./my-plugin.',
  )
}
