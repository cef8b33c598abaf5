import type { DatabaseTarget } from '@mig/core/driver'
import type { Config } from '@oclif/core/config'
import type { DatabaseAddress } from './config/choose-database.ts'
import type { Settings } from './config/load-settings.ts'
import { loadDriver } from './discovery/choose-driver.ts'
import { isSameTarget } from './discovery/same-target.ts'

/** What a URL leads to, and whose driver says so. */
interface KnownTarget {
  readonly driver: string
  readonly target: DatabaseTarget
}

/**
 * Whether the database in use is protected: because its environment is, or because it is the database of one that is,
 * however its URL is written. Loads the drivers of these URLs, and connects to none of them.
 */
export const isProtected = async (
  settings: Settings,
  config: Config,
  cwd: string,
): Promise<boolean> => {
  const { database, databaseBase, protectedDatabases } = settings
  if (settings.protected) return true
  if (database === undefined) return false
  if (protectedDatabases.length === 0) return false
  const address = { url: database, folder: databaseBase }
  if (protectedDatabases.some(({ url, folder }) => url === database && folder === databaseBase)) {
    return true
  }
  const targetOf = async ({ url, folder }: DatabaseAddress): Promise<KnownTarget> => {
    const { variables, folders, distrust } = settings
    const projectFolder = folders.at(-1) ?? cwd
    const input = { url, folder, variables, config, distrust, projectFolder }
    const { module, descriptor, context } = await loadDriver(input)
    const target = module.target?.(url, context) ?? targetOfUrl(url)
    return { driver: descriptor.name, target }
  }
  const own = await readable(targetOf(address))
  if (own === undefined) return false
  for (const one of protectedDatabases) {
    const other = await readable(targetOf(one))
    if (other === undefined || other.driver !== own.driver) continue
    if (await isSameTarget(own.target, other.target)) return true
  }
  return false
}

/** Nothing for a URL that no driver can read: nobody reaches a database with it. */
const readable = async (target: Promise<KnownTarget>): Promise<KnownTarget | undefined> => {
  try {
    return await target
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
