import type { CommandConfig } from '../oclif/command-config.ts'
import type { Hook } from '@oclif/core/interfaces'
import {
  readDescriptors,
  type DiscoveredDriver,
  type Discovery,
  type DriverOrigin,
  type FailedPlugin,
} from '@mig/app-kit/discovery'

type Plugin = Hook.Result<unknown>['successes'][number]['plugin']

/** Nothing for the plugins that come with mig: they are found among its own dependencies. */
const originOf = ({ type }: Plugin): DriverOrigin | undefined =>
  type === 'user' ? 'plugin' : type === 'link' ? 'link' : undefined

/** The drivers of installed and linked plugins. */
export const pluginDrivers = async (config: CommandConfig): Promise<Discovery> => {
  const result = await config.runHook('drivers', {}, undefined, true)
  const drivers: DiscoveredDriver[] = []
  const failures: FailedPlugin[] = []
  for (const { plugin, error } of result.failures) {
    const origin = originOf(plugin)
    if (origin !== undefined) failures.push({ package: plugin.name, origin, error })
  }
  for (const { plugin, result: value } of result.successes) {
    const origin = originOf(plugin)
    if (origin === undefined) continue
    try {
      for (const descriptor of readDescriptors(value)) {
        drivers.push({ descriptor, package: plugin.name, version: plugin.version, origin })
      }
    } catch (error) {
      failures.push({ package: plugin.name, origin, error })
    }
  }
  return { drivers, failures }
}
