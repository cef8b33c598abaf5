import { Config } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'
import type { Runtime } from './runtime.ts'

/** oclif's own configuration, with all plugins and their commands. */
export const loadFullConfig = async (root: string, runtime: Runtime): Promise<Config> => {
  // Without it every linked plugin that is an ES module warns at every command.
  settings.enableAutoTranspile = false
  const options = { root, runtime, devPlugins: false }
  return Config.load(options)
}
