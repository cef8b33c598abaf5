import type { Config, Hook } from '@oclif/core/interfaces'
import {
  readDescriptors,
  type DiscoveredDriver,
  type Discovery,
  type DriverOrigin,
  type FailedPlugin,
} from './discovered-driver.ts'

type Plugin = Hook.Result<unknown>['successes'][number]['plugin']

const originOf = ({ type }: Plugin): DriverOrigin =>
  type === 'user' ? 'plugin' : type === 'link' ? 'link' : 'bundled'

/** The drivers of installed and linked plugins, then those that come with mig. */
export const pluginDrivers = async (config: Config): Promise<Discovery> => {
  const { successes, failures } = await config.runHook('drivers', {}, undefined, true)
  const drivers: DiscoveredDriver[] = []
  const failed: FailedPlugin[] = failures.map(({ plugin, error }) => ({
    package: plugin.name,
    origin: originOf(plugin),
    error,
  }))
  for (const { plugin, result } of successes) {
    const origin = originOf(plugin)
    try {
      for (const descriptor of readDescriptors(result)) {
        drivers.push({ descriptor, package: plugin.name, version: plugin.version, origin })
      }
    } catch (error) {
      failed.push({ package: plugin.name, origin, error })
    }
  }
  const rank = ({ origin }: DiscoveredDriver): number => (origin === 'bundled' ? 1 : 0)
  return { drivers: drivers.toSorted((a, b) => rank(a) - rank(b)), failures: failed }
}
