import { Config } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'
import type { Runtime } from '../process/runtime.ts'

/** oclif's own configuration, with all plugins and their commands; without the user's where they are not to be trusted. */
export const loadFullConfig = async (
  root: string,
  runtime: Runtime,
  { userPlugins }: { readonly userPlugins: boolean },
): Promise<Config> => {
  // Without it every linked plugin that is an ES module warns at every command.
  settings.enableAutoTranspile = false
  const options = { root, runtime, devPlugins: false, userPlugins }
  return Config.load(options)
}
