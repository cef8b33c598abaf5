import type { DriverDescriptor } from '@mig/core/driver'

/** The `drivers` hook: says which URLs are ours and loads the driver when one of them is used. */
const drivers = async (): Promise<DriverDescriptor> => ({
  name: 'sqlite',
  schemes: ['sqlite', 'sqlite3'],
  load: () => import('./module.ts'),
  dropIn: { schemes: ['sqlite', 'sqlite3'], load: () => import('./golang-migrate/index.ts') },
})

export default drivers
