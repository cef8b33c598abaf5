import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MigrateError } from '@mig/core'
import { lockFiles, type DataFolder } from './data-folder.ts'
import {
  installArguments,
  restoreArguments,
  type PackageManager,
  type PackageOptions,
} from './package-manager.ts'
import { pluginIn, type PluginPackage } from './plugin-package.ts'
import type { PluginSpec } from './plugin-spec.ts'
import { runPackageManager, type PackageRun } from './run-package-manager.ts'

/** What says which packages are installed. */
const stateFiles = ['package.json', ...lockFiles]

/** What an installation is done with. */
export interface Installation extends PackageOptions {
  readonly folder: DataFolder
  readonly manager: PackageManager
  readonly run: PackageRun
}

/**
 * Installs one plugin and lets oclif load it. Where anything fails, or the package is not a plugin, the folder is put
 * back to what it was.
 */
export const installPlugin = async (
  spec: PluginSpec,
  installation: Installation,
): Promise<PluginPackage> => {
  const { folder, manager, run } = installation
  const before = folder.dependencies
  const saved = saveState(folder.path)
  try {
    await runPackageManager(manager, installArguments(manager.name, spec, installation), run)
    const name = spec.name ?? nameOf(spec, before, folder)
    const found = pluginIn(join(folder.path, 'node_modules', name))
    if (found === undefined) {
      throw new MigrateError(
        'PLUGIN_FAILED',
        `${name} is not a plugin of mig: its package.json has no "oclif" with commands or hooks`,
        { hint: 'It was taken out again. A driver has the hook "drivers".' },
      )
    }
    folder.register({
      name,
      type: 'user',
      ...(spec.tag === undefined ? { url: spec.target } : { tag: spec.tag }),
    })
    return { ...found, name }
  } catch (error) {
    try {
      await restoreState(saved, installation)
    } catch (restoring) {
      const said = error instanceof Error ? error.message : String(error)
      throw new MigrateError('PLUGIN_FAILED', `${said}\nWhat was there before is not back either`, {
        hint: `Delete ${join(folder.path, 'node_modules')} and run the command again.`,
        cause: restoring,
      })
    }
    throw error
  }
}

/** Finds what came of a URL or path: the dependency that is new, or what the same one was before. */
const nameOf = (
  { target, typed }: PluginSpec,
  before: Readonly<Record<string, string>>,
  { dependencies, plugins, path }: DataFolder,
): string => {
  const isSame = (range: string): boolean =>
    range === target ||
    (range.startsWith('file:') && `file:${resolve(path, range.slice('file:'.length))}` === target)
  const name =
    Object.keys(dependencies).find((key) => dependencies[key] !== before[key]) ??
    plugins.find((plugin) => plugin.type === 'user' && plugin.url === target)?.name ??
    Object.entries(dependencies).find(([, range]) => isSame(range))?.[0]
  if (name !== undefined) return name
  throw new MigrateError('PLUGIN_FAILED', `What was installed for "${typed}" is not known`, {
    hint: 'Give its name too: mig plugins install NAME@URL.',
  })
}

type State = ReadonlyMap<string, Buffer | undefined>

const readIfThere = (file: string): Buffer | undefined =>
  existsSync(file) ? readFileSync(file) : undefined

const saveState = (path: string): State =>
  new Map(stateFiles.map((name) => [name, readIfThere(join(path, name))]))

/** Brings back the files that say what is installed and, where they had changed, the packages they name. */
const restoreState = async (
  saved: State,
  { folder, manager, run }: Installation,
): Promise<void> => {
  let changed = false
  for (const [name, content] of saved) {
    const file = join(folder.path, name)
    const now = readIfThere(file)
    if (content === undefined ? now === undefined : now?.equals(content) === true) continue
    changed = true
    if (content === undefined) rmSync(file)
    else writeFileSync(file, content)
  }
  if (!changed) return
  if (Object.keys(folder.dependencies).length === 0) {
    folder.clear()
    return
  }
  await runPackageManager(manager, restoreArguments(manager.name), run)
}
