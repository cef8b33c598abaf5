import type { DriverDescriptor } from '@mig/core/driver'

/** How a driver came to be here. Earlier ones go before later ones. */
export type DriverOrigin = 'project' | 'plugin' | 'link' | 'bundled'

/** A driver that was found, not loaded yet. */
export interface DiscoveredDriver {
  readonly descriptor: DriverDescriptor
  readonly package: string
  readonly version: string
  readonly origin: DriverOrigin
}

/** A package that says it has a driver, and whose driver cannot be had. */
export interface FailedPlugin {
  readonly package: string
  readonly origin: DriverOrigin
  readonly error: unknown
}

/** What a search for drivers came to. */
export interface Discovery {
  readonly drivers: readonly DiscoveredDriver[]
  readonly failures: readonly FailedPlugin[]
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isDescriptor = (value: unknown): value is DriverDescriptor => {
  if (typeof value !== 'object' || value === null) return false
  const { name, schemes, load } = value as Partial<Record<keyof DriverDescriptor, unknown>>
  return (
    isText(name) && Array.isArray(schemes) && schemes.every(isText) && typeof load === 'function'
  )
}

/** Checks what a hook returned: one descriptor or several. Throws for anything else. */
export const readDescriptors = (value: unknown): readonly DriverDescriptor[] => {
  const descriptors: readonly unknown[] = Array.isArray(value) ? value : [value]
  return descriptors.map((descriptor) => {
    if (isDescriptor(descriptor)) return descriptor
    throw new TypeError('its "drivers" hook does not return { name, schemes, load }')
  })
}
