import { Config } from '@oclif/core/config'
import { OwnConfig, readPackage } from './own-config.ts'
import { whyDistrusted } from './plugins/folder-trust.ts'
import type { Runtime } from './runtime.ts'

/**
 * The configuration of mig alone, all that a command of its own needs. Options that oclif does not know are kept, and
 * the runtime is found there again.
 */
export const loadOwnConfig = async (root: string, runtime: Runtime): Promise<Config> => {
  const options = { root, runtime }
  const config = new OwnConfig(options)
  await config.load()
  return config
}

/** The configuration with all plugins and their commands; without the user's where they are not to be trusted. */
export const loadFullConfig = async (
  root: string,
  runtime: Runtime,
  { userPlugins }: { readonly userPlugins: boolean },
): Promise<Config> => {
  const options = { root, runtime, devPlugins: false, userPlugins }
  return Config.load(options)
}

/** Whether there are plugins that the user has installed or linked, and why they are not to be loaded. */
export interface UserPlugins {
  readonly any: boolean
  readonly distrusted?: string
}

/** Looks for plugins of the user: their hooks run for mig's own commands too. */
export const findUserPlugins = ({ dataDir }: Config): UserPlugins => {
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
