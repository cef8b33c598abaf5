import type { DriverDescriptor } from '@mig/core/driver'
import { createMigrator, MigrateError, type Migrator, type MigratorEvent } from '@mig/core'
import type { CommandConfig } from '../oclif/command-config.ts'
import type { Settings } from '../config/load-settings.ts'
import { chooseDriver } from '../discovery/choose-driver.ts'
import { openSource } from './open-source.ts'
import { isSecretName } from '@mig/app-kit/secrets'
import type { Runtime } from '../process/runtime.ts'

/** What a connection is opened with. */
export interface SessionOptions {
  readonly settings: Settings
  readonly config: CommandConfig
  readonly runtime: Runtime
  readonly onEvent: (event: MigratorEvent) => void
  readonly warn: (message: string) => void
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal
}

const noDatabase = ({ missingDatabase: missing }: Settings): MigrateError => {
  const details = { option: 'database' }
  if (missing === undefined) {
    return new MigrateError('USAGE', 'No database is named', {
      hint: 'Pass --database URL, or set MIG_DATABASE or DATABASE_URL, or "database" in mig.config.ts.',
      details,
    })
  }
  const { environment, configFile, empty, unset } = missing
  const others = 'Or pass --database URL, or set MIG_DATABASE.'
  const [first] = unset
  const hint = !empty
    ? `Write "database" under "${environment}" in ${configFile}. ${others}`
    : first === undefined
      ? `Its "database" in ${configFile} is empty. ${others}`
      : unset.length === 1
        ? `Is ${first} set? ${configFile} reads it. ${others}`
        : `Are they set? ${configFile} reads ${unset.join(', ')}, which are not. ${others}`
  return new MigrateError('USAGE', `The environment "${environment}" has no database`, {
    hint,
    details,
  })
}

/** A `.env` cannot send a connection that others configured to a server of its own. */
const warnOfUnused = (
  { unusedVariables: { names, file }, resolved }: Settings,
  { environment = [] }: DriverDescriptor,
  warn: (message: string) => void,
): void => {
  const { origin } = resolved.database
  for (const name of names.filter((unused) => environment.includes(unused))) {
    warn(
      `${file}: ${name} is ignored, because the database comes from ${origin.name}. Set it in the environment, or write DATABASE_URL beside it.`,
    )
  }
}

/** Connects to the database that the settings name. */
export const openMigrator = async (options: SessionOptions): Promise<Migrator> => {
  const { settings, config, runtime, onEvent, warn, signal } = options
  const { database, databaseBase, folders, variables, migrationsTable, role, lock } = settings
  if (database === undefined) throw noDatabase(settings)
  const chosen = await chooseDriver({
    url: database,
    folder: databaseBase,
    origin: settings.resolved.database.origin.name,
    variables,
    onSecret: (secret) => runtime.redactor.add(secret),
    config,
    distrust: settings.distrust,
    projectFolder: folders.at(-1) ?? runtime.cwd,
  })
  warnOfUnused(settings, chosen.descriptor, warn)
  for (const [name, value] of Object.entries(chosen.environment)) {
    if (isSecretName(name)) runtime.redactor.add(value)
  }
  for (const { package: name, error } of chosen.failures) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    warn(`The plugin ${name} cannot be loaded: ${reason}`)
  }
  return createMigrator({
    source: openSource(settings, runtime.cwd),
    driver: chosen.factory,
    ledger: settings.ledger,
    lockTimeoutMs: settings.lockTimeoutMs,
    waitMs: settings.waitMs,
    tool: `mig ${config.version}`,
    signal,
    onEvent,
    ...(migrationsTable === undefined ? {} : { migrationsTable }),
    ...(role === undefined ? {} : { role }),
    // Where it is not set the URL may say it.
    ...(settings.trustVersionTable ? { trustVersionTable: true } : {}),
    ...(lock === undefined ? {} : { lock }),
  })
}
