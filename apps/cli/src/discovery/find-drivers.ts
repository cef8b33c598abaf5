import type { Distrust } from '@mig/app-kit/trust'
import type { CommandConfig } from '../oclif/command-config.ts'
import { bundledDrivers } from './bundled-drivers.ts'
import { dependencyDrivers } from '@mig/app-kit/discovery'
import type { Discovery } from '@mig/app-kit/discovery'
import { pluginDrivers } from './plugin-drivers.ts'

/** Where drivers are looked for. */
export interface DiscoveryInput {
  readonly config: CommandConfig
  /** Folder of the nearest package.json. */
  readonly projectFolder: string
  /** Says of a folder why nothing of it is to be loaded. */
  readonly distrust: Distrust
}

/** The places drivers come from, in the order in which they are asked. */
const places = ({
  config,
  projectFolder,
  distrust,
}: DiscoveryInput): readonly (() => Promise<Discovery>)[] => [
  () => dependencyDrivers(projectFolder, 'project', distrust),
  () => pluginDrivers(config),
  () => bundledDrivers(config),
]

/** All drivers there are, in the order in which they are chosen: project, plugins, bundled. */
export const findDrivers = async (input: DiscoveryInput): Promise<Discovery> => {
  const found = await Promise.all(places(input).map((search) => search()))
  return {
    drivers: found.flatMap(({ drivers }) => drivers),
    failures: found.flatMap(({ failures }) => failures),
  }
}

/** The drivers for one scheme, from the first place that has one, and what failed up to there. */
export const findDriversFor = async (scheme: string, input: DiscoveryInput): Promise<Discovery> => {
  const failures: Discovery['failures'][number][] = []
  for (const search of places(input)) {
    const found = await search()
    failures.push(...found.failures)
    const drivers = found.drivers.filter(({ descriptor }) => descriptor.schemes.includes(scheme))
    if (drivers.length > 0) return { drivers, failures }
  }
  return { drivers: [], failures }
}
