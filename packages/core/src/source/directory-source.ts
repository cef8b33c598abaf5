import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MigrateError } from '../errors.ts'
import type { Direction, Version } from '../migration.ts'
import { fileOf, listMigrations } from './list-migrations.ts'
import type { MigrationListing, Source } from './source.ts'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
}

/** A folder of migration files, one level deep. It is listed once; bodies are read when they are needed. */
export const directorySource = (path: string): Source => {
  let listing: Promise<MigrationListing> | undefined
  const list = async (): Promise<MigrationListing> => {
    try {
      const entries = await readdir(path, { withFileTypes: true })
      return listMigrations(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name))
    } catch (error) {
      if (error instanceof MigrateError) throw error
      const code = codeOf(error)
      throw new MigrateError(
        'SOURCE_FAILED',
        `Cannot read the migrations folder "${path}": ${causes[code] ?? code}`,
        { hint: 'Name the folder with --path, or create it with "mig create NAME".', cause: error },
      )
    }
  }
  return {
    location: path,
    list: () => (listing ??= list()),
    read: async (version: Version, direction: Direction) => {
      listing ??= list()
      const name = fileOf(await listing, version, direction)
      try {
        return await readFile(join(path, name))
      } catch (error) {
        const code = codeOf(error)
        throw new MigrateError(
          'SOURCE_FAILED',
          `Cannot read "${join(path, name)}": ${causes[code] ?? code}`,
          { details: { file: name }, cause: error },
        )
      }
    },
  }
}
