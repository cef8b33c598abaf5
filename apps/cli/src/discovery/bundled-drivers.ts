import mysql from '@mig/driver-mysql/plugin'
import postgres from '@mig/driver-postgres/plugin'
import sqlite from '@mig/driver-sqlite/plugin'
import { findPackage } from './dependency-drivers.ts'
import type { DiscoveredDriver, Discovery } from './discovered-driver.ts'

const hooks = [
  ['@mig/driver-postgres', postgres],
  ['@mig/driver-mysql', mysql],
  ['@mig/driver-sqlite', sqlite],
] as const

/**
 * The drivers that come with mig. They are imported here and not found like others, so that the build can make one file
 * of each: a driver is two dozen modules, and opening those takes longer than most migrations.
 */
export const bundledDrivers = async (root: string): Promise<Discovery> => {
  const drivers: DiscoveredDriver[] = []
  for (const [name, hook] of hooks) {
    const version = findPackage(root, name)?.json.version ?? ''
    drivers.push({ descriptor: await hook(), package: name, version, origin: 'bundled' })
  }
  return { drivers, failures: [] }
}
