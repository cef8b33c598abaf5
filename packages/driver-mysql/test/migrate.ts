import {
  createMigrator,
  isMigrateError,
  memorySource,
  type MigrateError,
  type Migrator,
  type MigratorOptions,
} from '@mig/core'
import { mysqlDriver } from '../src/index.ts'

/** Up files by version: `{ 1: 'create table a (i int)' }`. */
export type Scripts = Readonly<Record<number, string>>

const filesOf = (scripts: Scripts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(scripts).map(([version, script]) => [`${version}_x.up.sql`, script]),
  )

/** Runs an action with a migrator and closes it. */
export const withMigrator = async <T>(
  url: string,
  scripts: Scripts,
  action: (migrator: Migrator) => Promise<T>,
  options: Partial<MigratorOptions> = {},
): Promise<T> => {
  const migrator = await createMigrator({
    source: memorySource(filesOf(scripts)),
    driver: mysqlDriver(url),
    ...options,
  })
  try {
    return await action(migrator)
  } finally {
    await migrator.close()
  }
}

/** Applies everything and returns the kinds of the steps. */
export const up = (
  url: string,
  scripts: Scripts,
  options: Partial<MigratorOptions> = {},
): Promise<readonly string[]> =>
  withMigrator(
    url,
    scripts,
    async (migrator) => (await migrator.up()).steps.map(({ kind }) => kind),
    options,
  )

/** Applies everything and returns the error that it ends with. */
export const upFails = async (
  url: string,
  scripts: Scripts,
  options: Partial<MigratorOptions> = {},
): Promise<MigrateError> => {
  try {
    await up(url, scripts, options)
  } catch (error) {
    if (isMigrateError(error)) return error
    throw error
  }
  throw new Error('The run was expected to fail')
}

/** What a promise is rejected with, or what it resolves to. */
export const failureOf = async (running: Promise<unknown>): Promise<unknown> => {
  try {
    return await running
  } catch (error) {
    return error
  }
}
