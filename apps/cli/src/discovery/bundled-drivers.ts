import mysql from '@mig/driver-mysql/plugin'
import postgres from '@mig/driver-postgres/plugin'
import sqlite from '@mig/driver-sqlite/plugin'
import type { CommandConfig } from '../oclif/command-config.ts'
import type { Discovery } from '@mig/app-kit/discovery'

/**
 * The drivers that come with mig. They are imported here and not found like others, so that the build can make one file
 * of each: a driver is two dozen modules, and opening those takes longer than most migrations. They are part of mig's
 * own package, and have its version.
 */
export const bundledDrivers = async ({ version }: CommandConfig): Promise<Discovery> => {
  const descriptors = await Promise.all([postgres(), mysql(), sqlite()])
  return {
    drivers: descriptors.map((descriptor) => ({
      descriptor,
      package: '@mig/cli',
      version,
      origin: 'bundled',
    })),
    failures: [],
  }
}
