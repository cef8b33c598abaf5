import { isMigrateError, MigrateError, type DriverFactory } from '@mig/core'
import type { DriverDescriptor, DriverModule, DriverUrlContext } from '@mig/core/driver'
import { nearest } from '../command-line/nearest.ts'
import type { DiscoveredDriver, Discovery, FailedPlugin } from '@mig/app-kit/discovery'
import { findDrivers, findDriversFor, type DiscoveryInput } from './find-drivers.ts'

/** A driver made of a URL, and what went wrong on the way to it. */
export interface ChosenDriver {
  readonly factory: DriverFactory
  readonly descriptor: DriverDescriptor
  /** The values of the database's own variables that the driver got. */
  readonly environment: Readonly<Record<string, string>>
  readonly failures: readonly FailedPlugin[]
}

/** A URL, and what else a driver is made of. */
export interface ChooseInput extends DiscoveryInput {
  readonly url: string
  /** The setting that the URL comes from, as people write it. */
  readonly origin: string
  /** The folder that a relative path in the URL is relative to. */
  readonly folder: string
  /** Gets passwords that the driver finds in places of its own. */
  readonly onSecret?: (secret: string) => void
  readonly variables: Readonly<Record<string, string>>
}

const packages: Readonly<Record<string, string>> = {
  postgres: '@mig/driver-postgres',
  postgresql: '@mig/driver-postgres',
  mysql: '@mig/driver-mysql',
  mariadb: '@mig/driver-mysql',
  sqlite: '@mig/driver-sqlite',
  sqlite3: '@mig/driver-sqlite',
}

/** The error for a value that is not a database URL. Nobody knows which part of it is a secret, so none is shown. */
const noUrl = (origin: string): MigrateError =>
  new MigrateError('INVALID_OPTION', `The value of ${origin} is not a database URL`, {
    hint: 'Write it with its scheme: postgres://user@host:5432/database, mysql://user@host:3306/database or sqlite://./dev.db.',
    details: { option: 'database' },
  })

/** The scheme of a database URL. Throws `INVALID_OPTION` for a text that has none. */
const schemeOf = (url: string, origin: string): string => {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme.length > 1) return scheme
  throw noUrl(origin)
}

/**
 * Finds the driver for a URL and loads it, and no other.
 *
 * Throws `INVALID_OPTION` for what is no URL, `UNKNOWN_SCHEME`, `DRIVER_FAILED`.
 */
export const chooseDriver = async (input: ChooseInput): Promise<ChosenDriver> => {
  const { load, descriptor, context, failures } = await findDriver(input)
  const { onSecret } = input
  const factory = (await load()).fromUrl(input.url.trim(), {
    ...context,
    ...(onSecret === undefined ? {} : { onSecret }),
  })
  return { factory, descriptor, environment: context.environment, failures }
}

/** A driver that was found, and how it is loaded. */
export interface FoundDriver {
  readonly descriptor: DriverDescriptor
  readonly context: DriverUrlContext & Pick<ChosenDriver, 'environment'>
  readonly failures: readonly FailedPlugin[]
  /** Throws `DRIVER_FAILED`. */
  readonly load: () => Promise<DriverModule>
}

/** Finds the driver for a URL. Throws `INVALID_OPTION` for what is not a URL, `UNKNOWN_SCHEME`. */
export const findDriver = async (input: ChooseInput): Promise<FoundDriver> => {
  const { folder, origin, variables } = input
  const url = input.url.trim()
  const scheme = schemeOf(url, origin)
  const discovery = await findDriversFor(scheme, input)
  const [found] = discovery.drivers
  // `user:password@tcp(host)` has no scheme either: only a driver says which names are one without slashes.
  if (found === undefined && !url.slice(scheme.length).startsWith('://')) throw noUrl(origin)
  if (found === undefined) throw await unknownScheme(scheme, discovery, input)
  const { descriptor } = found
  const environment = pick(variables, descriptor.environment ?? [])
  // The working folder is what paths are relative to anyway, and messages are shorter so.
  const context = folder === process.cwd() ? { environment } : { environment, folder }
  return { descriptor, context, failures: discovery.failures, load: () => load(found) }
}

const pick = (
  variables: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> => {
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = variables[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}

const load = async (driver: DiscoveredDriver): ReturnType<DriverDescriptor['load']> => {
  try {
    return await driver.descriptor.load()
  } catch (error) {
    if (isMigrateError(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new MigrateError(
      'DRIVER_FAILED',
      `The driver "${driver.descriptor.name}" of ${driver.package} cannot be loaded: ${reason}`,
      { hint: `Install ${driver.package} again, and see "mig drivers".`, cause: error },
    )
  }
}

/** Schemes that other tools use for a database that mig knows by another one. */
const otherNames: Readonly<Record<string, string>> = {
  pg: 'postgres',
  psql: 'postgres',
  postgis: 'postgres',
  mysql2: 'mysql',
}

/** Names of databases that are close to a known one and are another. */
const otherDatabases: ReadonlySet<string> = new Set(['mssql'])

/** The scheme that somebody meant: as SQLAlchemy writes it, as another tool does, or mistyped. */
const guessOf = (scheme: string, schemes: readonly string[]): string | undefined => {
  const [name = scheme] = scheme.split('+')
  if (Object.hasOwn(otherNames, name)) return otherNames[name]
  if (name !== scheme && schemes.includes(name)) return name
  return otherDatabases.has(name) ? undefined : nearest(name, schemes)
}

/** Names a package only where there is one. */
const installHint = (known: string | undefined): string =>
  known === undefined
    ? 'mig brings no driver for it; one of somebody else is installed with "mig plugins install PACKAGE" or in your project.'
    : `Install a driver with "mig plugins install ${known}" or in your project.`

const unknownScheme = async (
  scheme: string,
  { failures }: Discovery,
  input: DiscoveryInput,
): Promise<MigrateError> => {
  const { drivers } = await findDrivers(input)
  const schemes = [...new Set(drivers.flatMap(({ descriptor }) => descriptor.schemes))].toSorted()
  const guess = guessOf(scheme, [...schemes, ...Object.keys(packages)])
  const broken = failures.map((failure) => failure.package)
  const known = Object.hasOwn(packages, scheme) ? packages[scheme] : undefined
  const hints = [
    known === undefined && guess !== undefined ? `Did you mean "${guess}://"?` : '',
    broken.length === 0 ? '' : `${broken.join(', ')} could not be loaded, see "mig drivers".`,
    guess !== undefined && known === undefined ? '' : installHint(known),
    schemes.length === 0 ? '' : `Installed drivers take ${schemes.join(', ')}.`,
  ]
  return new MigrateError('UNKNOWN_SCHEME', `No installed driver takes "${scheme}://" URLs`, {
    hint: hints.filter((hint) => hint !== '').join(' '),
    details: { scheme },
  })
}
