import type { Direction, Version } from '../plan/migration.ts'
import { fileOf, listMigrations } from './list-migrations.ts'
import type { MigrationListing, Source } from './source.ts'

/**
 * A source made of file names and scripts, for tests and bundles. A name may have a path in front, as
 * `import.meta.glob` gives it.
 *
 * @example
 * ```ts
 * import { memorySource } from '@mig/core'
 *
 * export const source = memorySource({
 *   '1_users.up.sql': 'create table users (id integer primary key)',
 *   '1_users.down.sql': 'drop table users',
 * })
 * ```
 */
export const memorySource = (
  files: Readonly<Record<string, string | Uint8Array>>,
  location = 'memory',
): Source => {
  const scripts = new Map(
    Object.entries(files).map(([path, script]) => [path.replace(/^.*\//, ''), script]),
  )
  const listing: MigrationListing = listMigrations([...scripts.keys()])
  return {
    location,
    list: () => Promise.resolve(listing),
    read: async (version: Version, direction: Direction) => {
      const script = scripts.get(fileOf(listing, version, direction)) ?? ''
      return typeof script === 'string' ? new TextEncoder().encode(script) : script.slice()
    },
  }
}
