import type { MigConfig } from './define-config.ts'
import { resolveSetting, type Layer, type ResolvedSetting } from './resolve-setting.ts'

/** A database's URL, and the folder that a relative path in it is relative to. */
export interface DatabaseAddress {
  readonly url: string
  readonly folder: string
}

/** An environment that was named and has no database. */
export interface MissingDatabase {
  readonly environment: string
  /** The config file, as messages call it. */
  readonly configFile: string
  /** Whether the environment has the key `database`, with nothing in it. */
  readonly empty: boolean
  /** Variables that the config file reads and that are not set. */
  readonly unset: readonly string[]
}

/** The places that a database's URL may come from. */
export interface DatabasePlaces {
  /** Flags, environment, `.env`, in this order. */
  readonly given: readonly Layer[]
  /** The config file, as far as it speaks for all environments. */
  readonly file: Layer
  /** What the config file says for the environment in use. */
  readonly environment: Layer
  /** The environment in use, and who named it. */
  readonly environmentName: ResolvedSetting
}

/** The database that was chosen. */
export interface ChosenDatabase {
  readonly setting: ResolvedSetting
  readonly missing: Omit<MissingDatabase, 'unset'> | undefined
}

const only = (layer: Layer, variable: string): Layer => ({
  ...layer,
  values: { [variable]: layer.values[variable] },
})

/**
 * Chooses the database: `--database`, `MIG_DATABASE`, the database of an environment that was named, `DATABASE_URL`,
 * `.env`, config file. A variable that lies around does not beat what a user typed: `mig down --env local` with
 * `DATABASE_URL` of production reverts nothing in production. So an environment that was named and has no database ends
 * the search too.
 *
 * An environment that `.env` names goes before the database of `.env`, but not before `DATABASE_URL` of the environment.
 */
export const chooseDatabase = (places: DatabasePlaces): ChosenDatabase => {
  const { given, file, environment, environmentName } = places
  const { kind } = environmentName.origin
  const isEmpty = Object.hasOwn(environment.values, 'database')
  // An environment that does not speak of a database has the one of its file.
  const ofEnvironment = isEmpty ? [environment] : [environment, file]
  const layers: Layer[] = []
  let last = false
  for (const layer of given) {
    if (last) break
    if (layer.kind === 'environment') {
      layers.push(only(layer, 'MIG_DATABASE'))
      if (kind === 'flag' || kind === 'environment') last = true
      else layers.push(only(layer, 'DATABASE_URL'))
    } else if (layer.kind === 'dotenv' && kind === 'dotenv') last = true
    else layers.push(layer)
  }
  const setting = resolveSetting('database', [
    ...layers,
    ...(last ? ofEnvironment : [environment, file]),
  ])
  if (!last || setting.value !== undefined) return { setting, missing: undefined }
  return {
    setting: { ...setting, origin: { kind: 'config', name: environment.name ?? '' } },
    missing: {
      environment: String(environmentName.value),
      configFile: file.name ?? '',
      empty: isEmpty,
    },
  }
}

/** The databases that a config file calls protected. */
export const protectedDatabases = (
  config: MigConfig,
  folder: string,
): readonly DatabaseAddress[] => {
  const urls = [config, ...Object.values(config.environments ?? {})]
    .filter((place) => place.protected ?? config.protected ?? false)
    .map((place) => ('database' in place ? place.database : config.database))
  return [...new Set(urls)].flatMap((url) =>
    url === undefined || url === '' ? [] : [{ url, folder }],
  )
}
