import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What mig needs to know of a package that may be a plugin. */
export interface PluginPackage {
  readonly name: string
  readonly version: string
}

interface PackageJson {
  readonly name?: unknown
  readonly version?: unknown
  readonly oclif?: {
    readonly commands?: unknown
    readonly hooks?: unknown
    readonly plugins?: unknown
  }
}

/** Reads the package.json of a folder, or nothing where there is none that can be read. */
const readPackageJson = (folder: string): PackageJson | undefined => {
  try {
    const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof content === 'object' && content !== null ? content : undefined
  } catch {
    return undefined
  }
}

/** The name and version of the package in a folder. */
export const packageIn = (folder: string): PluginPackage | undefined => {
  const { name, version } = readPackageJson(folder) ?? {}
  if (typeof name !== 'string' || name === '') return undefined
  return { name, version: typeof version === 'string' ? version : '' }
}

/** The package in a folder, where it has something for oclif to load: commands, hooks such as `drivers`, more plugins. */
export const pluginIn = (folder: string): PluginPackage | undefined => {
  const oclif = readPackageJson(folder)?.oclif
  if (typeof oclif !== 'object' || oclif === null) return undefined
  const { commands, hooks, plugins } = oclif
  const isPlugin = [commands, hooks, plugins].some((part) => part !== undefined && part !== null)
  return isPlugin ? packageIn(folder) : undefined
}
