import type { Discovery, DriverOrigin } from '@mig/app-kit/discovery'

/** One driver that was found. */
interface DriverReport {
  readonly name: string
  readonly schemes: readonly string[]
  readonly package: string
  readonly version: string
  readonly origin: DriverOrigin
  /** The package whose driver goes before this one for all of its schemes, or `null`. */
  readonly shadowedBy: string | null
}

/** A package whose driver cannot be had. */
interface FailedPluginReport {
  readonly package: string
  readonly origin: DriverOrigin
  readonly message: string
}

/** All drivers there are. */
export interface DriversReport {
  readonly drivers: readonly DriverReport[]
  readonly failures: readonly FailedPluginReport[]
}

const shorten = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''

/** A search for drivers as it is reported. */
export const driversReport = (
  { drivers, failures }: Discovery,
  redact: (text: string) => string,
): DriversReport => {
  const owners = new Map<string, string>()
  return {
    drivers: drivers.map(({ descriptor, origin, version, package: name }) => {
      const free = descriptor.schemes.filter((scheme) => !owners.has(scheme))
      const shadowedBy = free.length > 0 ? null : (owners.get(descriptor.schemes[0] ?? '') ?? null)
      for (const scheme of free) owners.set(scheme, `${name} (${origin})`)
      const { schemes } = descriptor
      return { name: descriptor.name, schemes, package: name, version, origin, shadowedBy }
    }),
    failures: failures.map(({ package: name, origin, error }) => ({
      package: name,
      origin,
      message: redact(shorten(error)),
    })),
  }
}
