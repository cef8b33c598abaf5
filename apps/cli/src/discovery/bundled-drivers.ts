import { realpathSync } from 'node:fs'
import mysql from '@mig/driver-mysql/plugin'
import postgres from '@mig/driver-postgres/plugin'
import sqlite from '@mig/driver-sqlite/plugin'
import { findPackage, type KnownHook } from './dependency-drivers.ts'
import type { DiscoveredDriver, Discovery } from './discovered-driver.ts'

const hooks = {
  '@mig/driver-postgres': postgres,
  '@mig/driver-mysql': mysql,
  '@mig/driver-sqlite': sqlite,
}

/**
 * The drivers that come with mig. They are imported here and not found like others, so that the build can make one file
 * of each: a driver is two dozen modules, and opening those takes longer than most migrations.
 */
export const bundledDrivers = async (root: string): Promise<Discovery> => {
  const drivers: DiscoveredDriver[] = []
  for (const [name, hook] of Object.entries(hooks)) {
    const version = findPackage(root, name)?.json.version ?? ''
    drivers.push({ descriptor: await hook(), package: name, version, origin: 'bundled' })
  }
  return { drivers, failures: [] }
}

/**
 * The hook of a bundled driver, for a project that depends on the very package that mig depends on: what is in it is
 * the same, and it starts faster.
 */
export const sharedHook =
  (root: string): KnownHook =>
  (name, folder) => {
    const hook = Object.entries(hooks).find(([known]) => known === name)?.[1]
    const own = hook === undefined ? undefined : findPackage(root, name)?.folder
    return own !== undefined && realpathSync(own) === realpathSync(folder) ? hook : undefined
  }
