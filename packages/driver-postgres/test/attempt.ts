import {
  createMigrator,
  isMigrateError,
  memorySource,
  type MigrateError,
  type MigratorEvent,
  type MigratorOptions,
  type Migrator,
  type RunResult,
  type VersionState,
} from '@mig/core'
import { postgresDriver } from '../src/index.ts'

/** What came of a run, and where it left the database. */
export interface Attempt {
  readonly result?: RunResult
  readonly error?: MigrateError
  readonly state: VersionState
  readonly events: readonly MigratorEvent[]
}

/** Opens a migrator on scripts given by file name. */
export const migratorOn = (
  url: string,
  files: Readonly<Record<string, string>>,
  options: Partial<MigratorOptions> = {},
): Promise<Migrator> =>
  createMigrator({
    source: memorySource(files),
    driver: postgresDriver(url),
    lockTimeoutMs: 20_000,
    ...options,
  })

/** Runs all pending scripts. */
export const attempt = async (
  url: string,
  files: Readonly<Record<string, string>>,
  options: Partial<MigratorOptions> = {},
): Promise<Attempt> => {
  const events: MigratorEvent[] = []
  const migrator = await migratorOn(url, files, {
    onEvent: (event) => events.push(event),
    ...options,
  })
  try {
    const outcome = await migrator.up().then(
      (result) => ({ result }),
      (error: unknown) => {
        if (!isMigrateError(error)) throw error
        return { error }
      },
    )
    return { ...outcome, state: await migrator.version(), events }
  } finally {
    await migrator.close()
  }
}

/** The kinds of the steps that were begun. */
export const kindsOf = ({ events }: Attempt): readonly string[] =>
  events.flatMap((event) => (event.type === 'step-started' ? [event.kind] : []))
