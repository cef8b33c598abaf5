import { createMigrator, memorySource, type MigrateError, type Migrator } from '@mig/core'
import { isMigrateError, type MigratorEvent, type MigratorOptions } from '@mig/core'
import type { Driver, DriverFactory, LedgerEntry, PreparedStep } from '@mig/core/driver'
import Database from 'better-sqlite3'
import { expect } from 'vitest'
import { sqliteDriver, type SqliteDriverOptions } from '../src/index.ts'

/** A migrator on scripts, which are numbered from 1. An object names the files itself. */
export const migratorOn = (
  database: string | SqliteDriverOptions | DriverFactory,
  scripts: readonly string[] | Readonly<Record<string, string>>,
  options: Partial<MigratorOptions> = {},
): Promise<Migrator> => {
  const files = isList(scripts)
    ? Object.fromEntries(scripts.map((script, index) => [`${index + 1}_step.up.sql`, script]))
    : scripts
  const driver =
    typeof database === 'object' && 'open' in database ? database : sqliteDriver(database)
  return createMigrator({ source: memorySource(files), driver, ...options })
}

const isList = (scripts: unknown): scripts is readonly string[] => Array.isArray(scripts)

/** The error a promise rejects with. */
export const rejection = (promise: Promise<unknown>): Promise<MigrateError> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) =>
      isMigrateError(error) ? error : expect.fail(`no MigrateError: ${String(error)}`),
  )

/** Runs all of the scripts, or fails. */
export const up = async (
  database: string | SqliteDriverOptions,
  scripts: readonly string[] | Readonly<Record<string, string>>,
  onEvent: (event: MigratorEvent) => void = () => undefined,
): Promise<void> => {
  await using migrator = await migratorOn(database, scripts, { onEvent })
  await migrator.up()
}

/** Values of the first column, read over a connection of the test's own. */
export const column = (file: string, sql: string): readonly unknown[] => {
  const client = new Database(file)
  try {
    return client.prepare<[], unknown>(sql).pluck().all()
  } finally {
    client.close()
  }
}

/** The version row's row as text, such as `3/0`; empty where there is none. */
export const versionTable = (file: string, table = 'schema_migrations'): string =>
  column(file, `SELECT version || '/' || dirty FROM "${table}"`).join()

/** A ledger entry about nothing. */
export const blankEntry: LedgerEntry = {
  kind: 'forced',
  runId: 'test',
  version: null,
  direction: null,
  title: '',
  from: null,
  to: null,
  dirty: false,
  statement: null,
  statements: null,
  durationMs: null,
  checksum: null,
  actor: 'test',
  tool: 'test',
  line: null,
  column: null,
  errorCode: null,
  message: null,
  details: null,
}

/** A step for calls to the driver itself. */
export const stepOf = (
  driver: Driver,
  script: string,
  from: bigint | null,
  to: bigint,
): PreparedStep => ({
  version: to,
  direction: 'up',
  title: 'step',
  file: `${to}_step.up.sql`,
  from,
  to,
  script,
  parsed: driver.split(script),
  entry: { ...blankEntry, kind: 'applied', version: to, direction: 'up', from, to },
})
