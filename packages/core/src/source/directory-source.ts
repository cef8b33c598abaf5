import { opendirSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
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

const smallBytes = 65_536
const turnAfterMs = 10

/**
 * Reads files whole. Small ones at once, because four trips through the thread pool take ten times as long as reading
 * one. So that timers and signals have their turn all the same, it pauses now and then.
 */
const fileReader = (): ((file: string) => Promise<Uint8Array>) => {
  let turnAt = performance.now()
  return async (file) => {
    const stat = statSync(file)
    if (!stat.isFile() || stat.size > smallBytes) return readFile(file)
    const bytes = readFileSync(file)
    if (performance.now() - turnAt > turnAfterMs) {
      await nextTurn()
      turnAt = performance.now()
    }
    return bytes
  }
}

/** One entry after the other: a list of all of them, with their kinds, is many times as large as that of the names. */
const namesIn = (path: string): string[] => {
  const names: string[] = []
  const folder = opendirSync(path, { bufferSize: 64 })
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
      if (!entry.isDirectory()) names.push(entry.name)
    }
  } finally {
    folder.closeSync()
  }
  return names
}

/** A folder of migration files, one level deep. It is listed once; bodies are read when they are needed. */
export const directorySource = (path: string): Source => {
  let listing: Promise<MigrationListing> | undefined
  const readWhole = fileReader()
  const list = async (): Promise<MigrationListing> => {
    try {
      return listMigrations(namesIn(path))
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
        return await readWhole(join(path, name))
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
