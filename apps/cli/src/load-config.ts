import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Config } from '@oclif/core/config'
import type { Runtime } from './runtime.ts'

type PackageJson = Config['pjson']

const readPackage = (folder: string): PackageJson =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson

/**
 * The configuration of mig alone, with no plugin and no list of commands: all that a command of its own needs, in a
 * fraction of the time. Options that oclif does not know are kept, and the runtime is found there again.
 */
export const loadOwnConfig = async (root: string, runtime: Runtime): Promise<Config> => {
  const pjson = readPackage(root)
  const { commands: _commands, plugins: _plugins, ...oclif } = pjson.oclif
  const options = {
    root,
    pjson: { ...pjson, oclif },
    userPlugins: false,
    devPlugins: false,
    runtime,
  }
  return Config.load(options)
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
