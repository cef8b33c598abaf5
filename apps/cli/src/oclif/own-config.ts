import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '@oclif/core/config'
import { whyDistrusted } from '../plugins/folder-trust.ts'
import type { CommandConfig } from './command-config.ts'
import type { Runtime } from '../process/runtime.ts'

/** What stands in mig's own package.json. */
type PackageJson = Config['pjson']

const readPackage = (folder: string): PackageJson =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson

/** Where oclif keeps the plugins that the user has installed or linked. */
const dataFolder = (dirname: string): string => {
  const { MIG_DATA_DIR, XDG_DATA_HOME, LOCALAPPDATA, HOME } = process.env
  if (MIG_DATA_DIR) return MIG_DATA_DIR
  const base = XDG_DATA_HOME || (process.platform === 'win32' && LOCALAPPDATA)
  return join(base || join(HOME || homedir(), '.local/share'), dirname)
}

/**
 * The configuration for a command of mig's own where the user has no plugins: without a plugin there is no hook to run.
 * It says what oclif's says. To load oclif, and have it look for plugins and commands, takes longer than Node takes to
 * start.
 *
 * Options that oclif does not know are kept by its configuration, and the runtime is found there again; so it is here.
 */
export const loadOwnConfig = (root: string, runtime: Runtime): CommandConfig => {
  const { name, version, oclif } = readPackage(root)
  return {
    root,
    version,
    userAgent: `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`,
    dataDir: dataFolder(oclif.dirname ?? name),
    options: { root, runtime },
    runHook: async () => ({ successes: [], failures: [] }),
  }
}

/** Whether there are plugins that the user has installed or linked, and why they are not to be loaded. */
export interface UserPlugins {
  readonly any: boolean
  readonly distrusted?: string
}

/** Looks for plugins of the user: their hooks run for mig's own commands too. */
export const findUserPlugins = ({ dataDir }: CommandConfig): UserPlugins => {
  try {
    const { plugins = [] } = readPackage(dataDir).oclif
    if (plugins.length === 0) return { any: false }
  } catch {
    // None were ever installed. A broken file is oclif's to complain about, when plugins are asked for.
    return { any: false }
  }
  const distrusted = whyDistrusted(dataDir)
  return distrusted === undefined ? { any: true } : { any: false, distrusted }
}
