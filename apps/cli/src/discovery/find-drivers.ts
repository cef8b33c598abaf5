import type { Config } from '@oclif/core/interfaces'
import type { Discovery } from './discovered-driver.ts'
import { pluginDrivers } from './plugin-drivers.ts'
import { projectDrivers } from './project-drivers.ts'

/** Where drivers are looked for. */
export interface DiscoveryInput {
  readonly config: Config
  /** Folder of the nearest package.json. */
  readonly projectFolder: string
}

/** All drivers there are, in the order in which they are chosen: project, plugins, bundled. */
export const findDrivers = async ({
  config,
  projectFolder,
}: DiscoveryInput): Promise<Discovery> => {
  const project = await projectDrivers(projectFolder)
  const plugins = await pluginDrivers(config)
  return {
    drivers: [...project.drivers, ...plugins.drivers],
    failures: [...project.failures, ...plugins.failures],
  }
}

/** The drivers for one scheme. The plugins are not asked where the project has one. */
export const findDriversFor = async (
  scheme: string,
  { config, projectFolder }: DiscoveryInput,
): Promise<Discovery> => {
  const takesScheme = ({ drivers, failures }: Discovery): Discovery => ({
    drivers: drivers.filter(({ descriptor }) => descriptor.schemes.includes(scheme)),
    failures,
  })
  const project = await projectDrivers(projectFolder)
  const own = takesScheme(project)
  if (own.drivers.length > 0) return own
  const plugins = await pluginDrivers(config)
  const found = takesScheme(plugins)
  return {
    drivers: found.drivers,
    failures: [...project.failures, ...plugins.failures],
  }
}
