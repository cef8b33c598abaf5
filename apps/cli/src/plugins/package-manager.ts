import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { MigrateError } from '@mig/core'
import type { DataFolder } from './data-folder.ts'

/** The programs that plugins can be installed with. */
export const packageManagerNames = ['npm', 'pnpm'] as const
export type PackageManagerName = (typeof packageManagerNames)[number]

/** A program of the user's, found on the path. */
export interface PackageManager {
  readonly name: PackageManagerName
  readonly file: string
}

type Environment = Readonly<Record<string, string | undefined>>

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** Looks in the folders of the path alone; Windows would look in the working folder first. */
const findOnPath = (name: string, env: Environment): string | undefined => {
  const isWindows = process.platform === 'win32'
  const path = isWindows ? (env['Path'] ?? env['PATH']) : env['PATH']
  const extensions = isWindows ? ['.exe', '.cmd'] : ['']
  for (const folder of (path ?? '').split(delimiter).filter((entry) => isAbsolute(entry))) {
    for (const extension of extensions) {
      const file = join(folder, name + extension)
      if (isProgram(file)) return file
    }
  }
  return undefined
}

/** Which one the plugins of a folder were installed with, or nothing where there are none. */
const managerOf = ({ path, dependencies }: DataFolder): PackageManagerName | undefined => {
  if (Object.keys(dependencies).length === 0) return undefined
  return existsSync(join(path, 'pnpm-lock.yaml')) ? 'pnpm' : 'npm'
}

/**
 * Chooses what to install with: what the user asked for, what the other plugins were installed with, npm, pnpm. Throws
 * `USAGE` where two of these disagree, `PLUGIN_FAILED` where it is not on the path.
 */
export const choosePackageManager = (
  wanted: PackageManagerName | undefined,
  folder: DataFolder,
  env: Environment,
): PackageManager => {
  const used = managerOf(folder)
  if (wanted !== undefined && used !== undefined && wanted !== used) {
    throw new MigrateError(
      'USAGE',
      `The plugins in ${folder.path} were installed with ${used}, and ${wanted} would not keep them`,
      { hint: `Leave out --package-manager, or uninstall the other plugins first.` },
    )
  }
  const only = wanted ?? used
  const names = only === undefined ? packageManagerNames : [only]
  for (const name of names) {
    const file = findOnPath(name, env)
    if (file !== undefined) return { name, file }
  }
  throw new MigrateError('PLUGIN_FAILED', `There is no ${names.join(' and no ')} on the PATH`, {
    hint:
      only === undefined
        ? 'Plugins are installed with npm or pnpm: install one of them.'
        : `Install ${only}.`,
  })
}

/** What a package manager is asked to do. */
export interface PackageOptions {
  /** Let packages run their install scripts. */
  readonly allowScripts: boolean
}

const quiet = ['--no-audit', '--no-fund', '--no-update-notifier']

const scripts = (name: PackageManagerName, { allowScripts }: PackageOptions): readonly string[] => {
  if (!allowScripts) return ['--ignore-scripts']
  // The user's own settings may say otherwise, and newer ones ask about each package.
  return name === 'npm'
    ? ['--ignore-scripts=false', '--dangerously-allow-all-scripts']
    : ['--config.ignore-scripts=false', '--dangerously-allow-all-builds']
}

/** The arguments that install one package. A folder is copied as its published files would be, and not linked. */
export const installArguments = (
  name: PackageManagerName,
  { target, isFolder }: { readonly target: string; readonly isFolder: boolean },
  options: PackageOptions,
): readonly string[] =>
  name === 'npm'
    ? [
        'install',
        ...scripts(name, options),
        '--omit=dev',
        ...quiet,
        ...(isFolder ? ['--install-links'] : []),
        '--',
        target,
      ]
    : ['add', ...scripts(name, options), '--ignore-workspace', '--', target]

/** The arguments that remove one package. */
export const uninstallArguments = (name: PackageManagerName, packageName: string): string[] =>
  name === 'npm'
    ? ['uninstall', '--ignore-scripts', ...quiet, '--', packageName]
    : ['remove', '--config.ignore-scripts=true', '--ignore-workspace', '--', packageName]

/** The arguments that make the installed packages those of package.json and the lock file again. */
export const restoreArguments = (name: PackageManagerName): string[] =>
  name === 'npm'
    ? ['install', '--ignore-scripts', '--omit=dev', ...quiet]
    : ['install', '--ignore-scripts', '--ignore-workspace']
