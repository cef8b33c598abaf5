import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { LockStrategy } from '@mig/core'
import { MigrateError } from '@mig/core'
import { nearest } from '../nearest.ts'
import type { EnvironmentConfig, MigConfig } from './define-config.ts'
import { findFile, projectFolders } from './find-up.ts'
import { configFileNames, readConfigFile } from './read-config-file.ts'
import { resolveSetting, type Layer, type ResolvedSetting } from './resolve-setting.ts'
import { settingNames, type SettingName } from './setting-definitions.ts'

/** What the command line knows before it looks at its settings. */
export interface SettingsInput {
  /** Flags that were given, by their name without dashes. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** All settings with their values and where each came from. */
export interface Settings {
  readonly env: string | undefined
  readonly database: string | undefined
  /** Folder of the migrations, absolute. */
  readonly path: string
  /** URL of the migrations, where one goes before the folder. */
  readonly source: string | undefined
  readonly migrationsTable: string | undefined
  readonly lock: LockStrategy | undefined
  readonly lockTimeoutMs: number
  readonly waitMs: number
  readonly ledger: boolean
  readonly missingDown: 'error' | 'skip'
  readonly outOfOrder: 'error' | 'warn' | 'apply'
  readonly allowAhead: boolean
  readonly onSignal: 'finish' | 'cancel'
  readonly template: string | undefined
  readonly quiet: boolean
  readonly verbose: boolean
  readonly yes: boolean
  /** Whether commands that lose something ask for the database's name. */
  readonly protected: boolean
  /** Every setting as `mig config` shows it. */
  readonly resolved: Readonly<Record<SettingName, ResolvedSetting>>
  /** The config file, relative to the working folder. Absent where there is none. */
  readonly configFile: string | undefined
  /** Variables of the environment, over those of `.env`. */
  readonly variables: Readonly<Record<string, string>>
  /** The folders from the working folder up to the project's. */
  readonly folders: readonly string[]
  /** Things that a user may not have meant. */
  readonly warnings: readonly string[]
}

/** Puts the settings together: flags over environment over `.env` over config file. */
export const loadSettings = async (input: SettingsInput): Promise<Settings> => {
  const { flags, cwd } = input
  const env = definedOnly(input.env)
  const folders = projectFolders(cwd)
  const dotenv = readDotenv(folders, cwd)
  const layers: Layer[] = [
    { kind: 'flag', values: flags, folder: cwd },
    { kind: 'environment', values: env, folder: cwd },
    { kind: 'dotenv', ...dotenv },
  ]
  const configPath = findConfig(flags['config'] ?? env['MIG_CONFIG'], folders, cwd)
  const configFile = configPath === undefined ? undefined : shorten(configPath, cwd)
  const config =
    configPath === undefined ? {} : await readConfigFile(configPath, configFile ?? configPath)
  const configFolder = configPath === undefined ? cwd : dirname(configPath)
  const file: Layer = {
    kind: 'config',
    values: { ...config },
    folder: configFolder,
    name: configFile ?? '',
  }

  const environmentName = resolveSetting('env', [...layers, file])
  const environment = environmentOf(config, environmentName, configFile)
  const withConfig: Layer[] = [
    ...layers,
    {
      ...file,
      values: { ...environment },
      name: `${file.name ?? ''}, environment ${String(environmentName.value)}`,
    },
    file,
  ]
  const resolved = Object.fromEntries(
    settingNames.map((name) => [
      name,
      name === 'env' ? environmentName : resolveSetting(name, withConfig),
    ]),
  ) as Record<SettingName, ResolvedSetting>
  const text = (name: SettingName): string | undefined => resolved[name].value as string | undefined

  const database = text('database')
  return {
    env: text('env'),
    database,
    path: text('path') ?? resolve(cwd, 'migrations'),
    source: resolved.source.rank <= resolved.path.rank ? text('source') : undefined,
    migrationsTable: text('migrationsTable'),
    lock: text('lock') as LockStrategy | undefined,
    lockTimeoutMs: resolved.lockTimeout.value as number,
    waitMs: resolved.wait.value as number,
    ledger: resolved.ledger.value as boolean,
    missingDown: resolved.missingDown.value as 'error' | 'skip',
    outOfOrder: resolved.outOfOrder.value as 'error' | 'warn' | 'apply',
    allowAhead: resolved.allowAhead.value === true,
    onSignal: resolved.onSignal.value as 'finish' | 'cancel',
    template: text('template'),
    quiet: resolved.quiet.value as boolean,
    verbose: resolved.verbose.value as boolean,
    yes: resolved.yes.value as boolean,
    protected: isProtected(config, environment, database),
    resolved,
    configFile,
    variables: { ...dotenv.values, ...env },
    folders,
    warnings: warningsOf(config, environment, resolved),
  }
}

/** A variable that is set to nothing counts as not set, as shells and CI systems leave them behind. */
const definedOnly = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> => {
  const set: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== '') set[name] = value
  }
  return set
}

const shorten = (path: string, cwd: string): string => {
  const short = relative(cwd, path)
  return short.startsWith('..') || isAbsolute(short) ? path : short
}

const readDotenv = (
  folders: readonly string[],
  cwd: string,
): { readonly values: Readonly<Record<string, string>>; folder: string; name: string } => {
  const path = findFile(folders, ['.env'])
  if (path === undefined) return { values: {}, folder: cwd, name: '.env' }
  const name = shorten(path, cwd)
  try {
    const values = definedOnly(parseEnv(readFileSync(path, 'utf8')))
    return { values, folder: dirname(path), name }
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new MigrateError('INVALID_CONFIG', `${name} cannot be read: ${reason}`, {
      details: { file: name },
      cause: error,
    })
  }
}

const findConfig = (named: unknown, folders: readonly string[], cwd: string): string | undefined =>
  typeof named === 'string' ? resolve(cwd, named) : findFile(folders, configFileNames)

const environmentOf = (
  { environments = {} }: MigConfig,
  { value: name, origin }: ResolvedSetting,
  configFile: string | undefined,
): EnvironmentConfig => {
  if (typeof name !== 'string') return {}
  const environment = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (environment !== undefined) return environment
  const names = Object.keys(environments)
  const guess = nearest(name, names)
  throw new MigrateError(
    'INVALID_OPTION',
    configFile === undefined
      ? `There is no environment "${name}", because there is no config file`
      : `${configFile} has no environment "${name}"`,
    {
      hint:
        guess === undefined
          ? names.length === 0
            ? 'Name environments under "environments" in mig.config.ts.'
            : `Environments are ${names.join(', ')}.`
          : `Did you mean "${guess}"?`,
      details: { option: origin.name },
    },
  )
}

/** Whoever reaches a protected environment's database on another way is asked all the same. */
const isProtected = (
  config: MigConfig,
  environment: EnvironmentConfig,
  database: string | undefined,
): boolean =>
  (environment.protected ?? config.protected ?? false) ||
  Object.values(config.environments ?? {}).some(
    (other) => other.protected === true && database !== undefined && other.database === database,
  )

const warningsOf = (
  { environments = {} }: MigConfig,
  environment: EnvironmentConfig,
  resolved: Readonly<Record<SettingName, ResolvedSetting>>,
): readonly string[] => {
  const { env, database } = resolved
  const overridden =
    environment.database !== undefined &&
    database.value !== environment.database &&
    (database.origin.kind === 'environment' || database.origin.kind === 'dotenv')
  if (!overridden || typeof env.value !== 'string' || !Object.hasOwn(environments, env.value))
    return []
  return [`${database.origin.name} goes before the database of environment "${env.value}"`]
}
