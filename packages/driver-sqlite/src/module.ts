import { resolve } from 'node:path'
import type { DatabaseTarget, DriverFactory, DriverUrlContext } from '@mig/core/driver'
import { driverOf } from './driver.ts'
import { readOptions, type SqliteConfiguration } from './connect/options.ts'

const read = (url: string, { folder }: DriverUrlContext): SqliteConfiguration => {
  const configuration = readOptions(url)
  const { path } = configuration
  if (folder === undefined || path === ':memory:') return configuration
  return { ...configuration, path: resolve(folder, path) }
}

/** Makes a driver of a URL. */
export const fromUrl = (url: string, context: DriverUrlContext): DriverFactory =>
  driverOf(read(url, context))

/** The file that a URL leads to. */
export const target = (url: string, context: DriverUrlContext): DatabaseTarget => {
  const { path } = read(url, context)
  return path === ':memory:' ? {} : { file: resolve(path) }
}
