import { MigrateError } from '../errors/errors.ts'
import { isNearMiss, parseMigrationFilename } from '../plan/migration-filename.ts'
import {
  maxVersion,
  type Direction,
  type Migration,
  type MigrationFile,
  type Version,
} from '../plan/migration.ts'
import type { MigrationListing } from './source.ts'

type Draft = { version: Version; up?: MigrationFile; down?: MigrationFile }

/**
 * Turns file names into a listing, for every source alike.
 *
 * Throws `DUPLICATE_VERSION` and, for a version of 2^63 or more, `INVALID_FILENAME`.
 */
export const listMigrations = (names: readonly string[]): MigrationListing => {
  const drafts: Draft[] = []
  const nearMisses: string[] = []
  // Names are in order, and so, as a rule, are their versions: an index is made where one is not, as `9_b` after `10_a`.
  let latest: Draft | undefined
  let index: Map<Version, Draft> | undefined
  for (const name of names.toSorted()) {
    const parts = parseMigrationFilename(name)
    if (parts?.extension !== 'sql' && isNearMiss(name, parts)) {
      nearMisses.push(name)
      continue
    }
    if (parts === undefined) continue
    const { version, direction, title } = parts
    if (latest?.version !== version) {
      if (version > maxVersion) throw tooHigh(name)
      if (latest !== undefined && version < latest.version) {
        index ??= new Map(drafts.map((draft) => [draft.version, draft]))
      }
      latest = index?.get(version)
      if (latest === undefined) {
        latest = { version }
        drafts.push(latest)
        index?.set(version, latest)
      }
    }
    const other = direction === 'up' ? latest.up : latest.down
    if (other !== undefined) {
      throw new MigrateError(
        'DUPLICATE_VERSION',
        `"${other.name}" and "${name}" are both version ${version} ${direction}`,
        { details: { version, files: [other.name, name] } },
      )
    }
    if (direction === 'up') latest.up = { name, title }
    else latest.down = { name, title }
  }
  const migrations: Migration[] =
    index === undefined ? drafts : drafts.toSorted((a, b) => (a.version < b.version ? -1 : 1))
  return { migrations, nearMisses }
}

const tooHigh = (name: string): MigrateError =>
  new MigrateError(
    'INVALID_FILENAME',
    `"${name}" has a version above ${maxVersion}, which the version table cannot hold`,
    { hint: 'Rename it: a version is at most 2^63-1.', details: { file: name } },
  )

const indexes = new WeakMap<MigrationListing, ReadonlyMap<Version, Migration>>()

/** The name of a script that a listing has. Throws `SOURCE_FAILED` for one it has not. */
export const fileOf = (
  listing: MigrationListing,
  version: Version,
  direction: Direction,
): string => {
  let index = indexes.get(listing)
  if (index === undefined) {
    index = new Map(listing.migrations.map((migration) => [migration.version, migration]))
    indexes.set(listing, index)
  }
  const name = index.get(version)?.[direction]?.name
  if (name === undefined) {
    throw new MigrateError('SOURCE_FAILED', `Version ${version} has no ${direction} script`)
  }
  return name
}
