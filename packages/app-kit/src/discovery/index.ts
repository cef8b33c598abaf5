export { dependencyDrivers } from './dependency-drivers.ts'
export { readDescriptors } from './discovered-driver.ts'
export type {
  DriverOrigin,
  DiscoveredDriver,
  FailedPlugin,
  Discovery,
} from './discovered-driver.ts'
