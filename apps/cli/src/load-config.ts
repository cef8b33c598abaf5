import { Config } from '@oclif/core/config'
import { OwnConfig, readPackage } from './own-config.ts'
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

/** The configuration with all plugins and their commands. */
export const loadFullConfig = async (root: string, runtime: Runtime): Promise<Config> => {
  const options = { root, runtime, devPlugins: false }
  return Config.load(options)
}

/** Whether the user has installed or linked plugins: their hooks run for mig's own commands too. */
export const hasPlugins = ({ dataDir }: Config): boolean => {
  try {
    const { plugins = [] } = readPackage(dataDir).oclif
    return plugins.length > 0
  } catch {
    // None were ever installed. A broken file is oclif's to complain about, when plugins are asked for.
    return false
  }
}
