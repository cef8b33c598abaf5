import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { LockStrategy } from '@mig/core'
import { relativePath } from '../process/paths.ts'
import {
  chooseDatabase,
  protectedDatabases,
  type DatabaseAddress,
  type MissingDatabase,
} from './choose-database.ts'
import { environmentOf } from './environment-of.ts'
import { distrustFrom, type Distrust } from '@mig/app-kit/trust'
import { configFileNames, findFile, projectFolders, type FileSearch } from '@mig/app-kit/trust'
import { readConfigFile } from './read-config-file.ts'
import { readDotenv, type Dotenv } from './read-dotenv.ts'
import { resolveSetting, type Layer, type ResolvedSetting } from './resolve-setting.ts'
import { settingNames, type SettingName } from './setting-definitions.ts'

/** What the command line knows before it looks at its settings. */
export interface SettingsInput {
  /** Flags that were given, by their name without dashes. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Takes what a user may not have meant. */
  readonly warn: (message: string) => void
  /**
   * Takes the variables of `.env` before anything is made of them, since they may be secrets: first as they are written,
   * with quotes and remarks, then as they are meant.
   */
  readonly onDotenv?: (variables: Readonly<Record<string, string>>) => void
}

/** All settings with their values and where each came from. */
export interface Settings {
  readonly env: string | undefined
  readonly database: string | undefined
  /** Folder of the migrations, absolute. */
  readonly path: string
  /** URL of the migrations, where one goes before the folder. */
  readonly source: string | undefined
  /** The folder that a relative source URL is relative to. */
  readonly sourceBase: string
  /** The folder that a relative path in the database's URL is relative to. */
  readonly databaseBase: string
  /** The environment that was named and has no database. */
  readonly missingDatabase: MissingDatabase | undefined
  readonly migrationsTable: string | undefined
  readonly role: string | undefined
  readonly trustVersionTable: boolean
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
  /** Whether commands that lose something ask for the database's name, whatever they are connected to. */
  readonly protected: boolean
  /** Databases of protected environments: whoever reaches one of them another way is asked all the same. */
  readonly protectedDatabases: readonly DatabaseAddress[]
  /** Every setting as `mig config` shows it. */
  readonly resolved: Readonly<Record<SettingName, ResolvedSetting>>
  /** The config file, relative to the working folder. Absent where there is none. */
  readonly configFile: string | undefined
  /** Variables that fill what the database's URL leaves out. Those of `.env` do so only for a URL that stands there too. */
  readonly variables: Readonly<Record<string, string>>
  /** Names of the variables of `.env` that do not, and what the file is called. */
  readonly unusedVariables: { readonly names: readonly string[]; readonly file: string }
  /** The folders from the working folder up to the project's. */
  readonly folders: readonly string[]
  /** Says of a folder why nothing of it is to be loaded. */
  readonly distrust: Distrust
}

/**
 * Puts the settings together: flags over environment over `.env` over config file. `.env` is read before the config
 * file, which sees its variables.
 */
export const loadSettings = async (input: SettingsInput): Promise<Settings> => {
  const { flags, cwd, warn } = input
  const env = definedOnly(input.env)
  const distrust = distrustFrom(cwd)
  const { folders, passedOver } = projectFolders(cwd, distrust)
  if (passedOver !== undefined) warn(passedOver)
  const search: FileSearch = { cwd, distrust, warn }
  const named = flags['config'] ?? env['MIG_CONFIG']
  const configPath =
    typeof named === 'string' ? resolve(cwd, named) : findFile(folders, configFileNames, search)
  const configFile = configPath === undefined ? undefined : relativePath(configPath, cwd)
  const dotenv = findDotenv({ configPath, folders, env }, search)
  input.onDotenv?.(dotenv.asWritten ?? {})
  input.onDotenv?.(dotenv.values)
  const { config, unset } =
    configPath === undefined
      ? { config: {}, unset: [] }
      : await readConfigFile(configPath, configFile ?? configPath, dotenv.values)

  const given: readonly Layer[] = [
    { kind: 'flag', values: flags, folder: cwd },
    { kind: 'environment', values: env, folder: cwd },
    { kind: 'dotenv', ...dotenv },
  ]
  const folder = configPath === undefined ? cwd : dirname(configPath)
  const file: Layer = { kind: 'config', values: { ...config }, folder, name: configFile ?? '' }
  const environmentName = resolveSetting('env', [...given, file])
  const environment = environmentOf(config, environmentName, configFile)
  const ofEnvironment: Layer = {
    ...file,
    values: { ...environment },
    name: `${file.name ?? ''}, environment ${String(environmentName.value)}`,
  }
  const chosen = chooseDatabase({ given, file, environment: ofEnvironment, environmentName })
  const { value: database, origin } = chosen.setting
  const beaten = environment.database
  if (beaten && beaten !== database && ['environment', 'dotenv'].includes(origin.kind)) {
    const name = String(environmentName.value)
    warn(`${origin.name} is used, and not the database of the environment "${name}"`)
  }
  const resolved = Object.fromEntries(
    settingNames.map((name) => [name, resolveSetting(name, [...given, ofEnvironment, file])]),
  ) as Record<SettingName, ResolvedSetting>
  resolved.env = environmentName
  resolved.database = chosen.setting
  const text = (name: SettingName): string | undefined => resolved[name].value as string | undefined

  const inDotenv = resolved.database.origin.kind === 'dotenv'
  const notSet = Object.keys(dotenv.values).filter((name) => env[name] === undefined)
  return {
    env: text('env'),
    database: text('database'),
    databaseBase: resolved.database.folder,
    missingDatabase:
      chosen.missing === undefined
        ? undefined
        : { ...chosen.missing, unset: unsetIn(configPath, unset) },
    path: text('path') ?? resolve(cwd, 'migrations'),
    source: resolved.source.rank <= resolved.path.rank ? text('source') : undefined,
    sourceBase: resolved.source.folder,
    migrationsTable: text('migrationsTable'),
    role: text('role'),
    trustVersionTable: resolved.trustVersionTable.value === true,
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
    protected: environment.protected ?? config.protected ?? false,
    protectedDatabases: protectedDatabases(config, folder),
    resolved,
    configFile,
    variables: inDotenv ? { ...dotenv.values, ...env } : env,
    unusedVariables: { names: inDotenv ? [] : notSet, file: dotenv.name },
    folders,
    distrust,
  }
}

/** A variable that is set to nothing counts as not set, as shells and CI systems leave them after. */
const definedOnly = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> => {
  const set: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== '') set[name] = value
  }
  return set
}

interface DotenvSearch {
  readonly configPath: string | undefined
  readonly folders: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Reads the `.env` beside the config file; where there is no config file, the nearest one in the project. */
const findDotenv = ({ configPath, folders, env }: DotenvSearch, search: FileSearch): Dotenv => {
  const { cwd, warn } = search
  const path = findFile(
    configPath === undefined ? folders : [dirname(configPath)],
    ['.env'],
    search,
  )
  if (configPath !== undefined && path === undefined) {
    const other = folders.map((folder) => join(folder, '.env')).find((file) => existsSync(file))
    if (other !== undefined && dirname(other) !== dirname(configPath)) {
      const [shown, config] = [relativePath(other, cwd), relativePath(configPath, cwd)]
      warn(`${shown} is not read: with a config file, .env is read from the folder of ${config}`)
    }
  }
  if (path === undefined) return { values: {}, folder: cwd, name: '.env' }
  return readDotenv(path, { name: relativePath(path, cwd), env, warn })
}

/** Of the variables that were looked for while a config file was loaded, those that stand in it: others look, too. */
const unsetIn = (configPath: string | undefined, unset: readonly string[]): readonly string[] => {
  if (configPath === undefined) return []
  const words = new Set(readFileSync(configPath, 'utf8').match(/\w+/g))
  return unset.filter((name) => words.has(name))
}
