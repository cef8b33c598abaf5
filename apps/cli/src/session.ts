import { createMigrator, MigrateError, type Migrator, type MigratorEvent } from '@mig/core'
import type { Config } from '@oclif/core/config'
import type { Settings } from './config/load-settings.ts'
import { chooseDriver } from './discovery/choose-driver.ts'
import { openSource } from './open-source.ts'
import { isSecretName } from './secret-names.ts'
import type { Runtime } from './runtime.ts'

/** What a connection is opened with. */
export interface SessionOptions {
  readonly settings: Settings
  readonly config: Config
  readonly runtime: Runtime
  readonly onEvent: (event: MigratorEvent) => void
  readonly warn: (message: string) => void
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal
}

/** Connects to the database that the settings name. */
export const openMigrator = async (options: SessionOptions): Promise<Migrator> => {
  const { settings, config, runtime, onEvent, warn, signal } = options
  const { database, folders, variables, migrationsTable, lock } = settings
  if (database === undefined) {
    throw new MigrateError('USAGE', 'No database is named', {
      hint: 'Pass --database URL, or set MIG_DATABASE or DATABASE_URL, or "database" in mig.config.ts.',
      details: { option: 'database' },
    })
  }
  const chosen = await chooseDriver({
    url: database,
    origin: settings.resolved.database.origin.name,
    variables,
    onSecret: (secret) => runtime.redactor.add(secret),
    config,
    projectFolder: folders.at(-1) ?? runtime.cwd,
  })
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
    ...(lock === undefined ? {} : { lock }),
  })
}
