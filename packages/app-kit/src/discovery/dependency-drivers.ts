import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Distrust } from '../trust/folder-trust.ts'
import {
  readDescriptors,
  type DiscoveredDriver,
  type Discovery,
  type DriverOrigin,
  type FailedPlugin,
} from './discovered-driver.ts'

interface PackageJson {
  readonly name?: string
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly oclif?: { readonly hooks?: { readonly drivers?: unknown } }
}

interface HookTarget {
  readonly target: string
  readonly identifier?: string
}

/**
 * The drivers among the dependencies of a package. Loads the modules of their hooks and nothing else, and none of a
 * folder that is not to be trusted: dependencies are found in folders above as well, and through links.
 */
export const dependencyDrivers = async (
  packageFolder: string,
  origin: DriverOrigin,
  distrust: Distrust,
): Promise<Discovery> => {
  const drivers: DiscoveredDriver[] = []
  const failures: FailedPlugin[] = []
  for (const name of dependencyNames(packageFolder)) {
    try {
      const found = findPackage(packageFolder, name)
      if (found === undefined) continue
      const { version = '' } = found.json
      for (const target of hooksOf(found.json)) {
        requireTrust(packageFolder, found.folder, distrust)
        const hook = await loadHook(found.folder, target)
        for (const descriptor of readDescriptors(await hook())) {
          drivers.push({ descriptor, package: name, version, origin })
        }
      }
    } catch (error) {
      failures.push({ package: name, origin, error })
    }
  }
  return { drivers, failures }
}

const requireTrust = (from: string, folder: string, distrust: Distrust): void => {
  // The folder that holds node_modules: its owner says which packages there are.
  const holder = folder.slice(0, folder.lastIndexOf('node_modules') - 1)
  const places = [realpathSync(folder), ...(holder === from ? [] : [holder === '' ? '/' : holder])]
  for (const place of places) {
    const reason = distrust(place)
    if (reason === undefined) continue
    throw new Error(`its folder "${place}" is passed over, because ${reason}`)
  }
}

const readPackage = (folder: string): PackageJson | undefined => {
  const path = join(folder, 'package.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as PackageJson) : undefined
}

const dependencyNames = (folder: string): readonly string[] => {
  let json: PackageJson | undefined
  try {
    json = readPackage(folder)
  } catch {
    // Not ours to complain about: a broken package.json is found by everybody who needs it.
    return []
  }
  const { dependencies, devDependencies, optionalDependencies } = json ?? {}
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).toSorted()
}

/** Walks up as Node does. `import.meta.resolve` would not do: most packages do not export their package.json. */
const findPackage = (
  from: string,
  name: string,
): { readonly folder: string; readonly json: PackageJson } | undefined => {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    const json = readPackage(candidate)
    if (json !== undefined) return { folder: candidate, json }
    if (dirname(folder) === folder) return undefined
  }
}

const hooksOf = (json: PackageJson): readonly HookTarget[] => {
  const declared = json.oclif?.hooks?.drivers
  if (declared === undefined) return []
  const hooks: readonly unknown[] = Array.isArray(declared) ? declared : [declared]
  return hooks.map((hook) => (typeof hook === 'string' ? { target: hook } : (hook as HookTarget)))
}

const loadHook = async (
  folder: string,
  { target, identifier = 'default' }: HookTarget,
): Promise<() => unknown> => {
  const module = (await import(pathToFileURL(resolve(folder, target)).href)) as Record<
    string,
    unknown
  >
  const hook = module[identifier]
  if (typeof hook !== 'function') {
    throw new TypeError(`"${target}" does not export the hook "${identifier}"`)
  }
  return hook as () => unknown
}
