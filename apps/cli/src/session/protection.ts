import type { DatabaseTarget } from '@mig/core/driver'
import type { DatabaseAddress } from '../config/choose-database.ts'
import type { Settings } from '../config/load-settings.ts'
import { findDriver, type FoundDriver } from '../discovery/choose-driver.ts'
import type { CommandConfig } from '../oclif/command-config.ts'

/**
 * Whether the database in use is protected: because its environment is, or because it is the database of one that is,
 * however its URL is written. Connects to none of them, and loads their driver only where it is the one in use.
 */
export const isProtected = async (
  settings: Settings,
  config: CommandConfig,
  cwd: string,
): Promise<boolean> => {
  const { database, databaseBase, protectedDatabases } = settings
  if (settings.protected) return true
  if (database === undefined || protectedDatabases.length === 0) return false
  const { variables, folders, distrust } = settings
  const projectFolder = folders.at(-1) ?? cwd
  const origin = settings.resolved.database.origin.name
  const driverOf = (address: DatabaseAddress): Promise<FoundDriver | undefined> =>
    readable(async () =>
      findDriver({ ...address, origin, variables, config, distrust, projectFolder }),
    )
  const targetOf = (url: string, driver: FoundDriver): Promise<DatabaseTarget | undefined> =>
    readable(async () => (await driver.load()).target?.(url, driver.context) ?? targetOfUrl(url))

  const driver = await driverOf({ url: database, folder: databaseBase })
  const target = driver === undefined ? undefined : await targetOf(database, driver)
  if (driver === undefined || target === undefined) return false
  for (const address of protectedDatabases) {
    const other = await driverOf(address)
    if (other?.descriptor.name !== driver.descriptor.name) continue
    const otherTarget = await targetOf(address.url, other)
    if (otherTarget === undefined) continue
    const { isSameTarget } = await import('../discovery/same-target.ts')
    if (await isSameTarget(target, otherTarget)) return true
  }
  return false
}

/** Nothing for a URL that no driver can read: nobody reaches a database with it. */
const readable = async <R>(read: () => Promise<R>): Promise<R | undefined> => {
  try {
    return await read()
  } catch {
    return undefined
  }
}

/** What a URL says to those who know nothing of its driver. */
const targetOfUrl = (url: string): DatabaseTarget => {
  if (!URL.canParse(url)) return { server: { host: url }, database: '' }
  const { hostname, port, pathname } = new URL(url)
  const number = port === '' ? {} : { port: Number(port) }
  return { server: { host: hostname, ...number }, database: decodeURI(pathname) }
}
