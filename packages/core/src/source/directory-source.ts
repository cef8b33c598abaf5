import { opendirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isMigrateError, MigrateError } from '../errors/errors.ts'
import type { Direction, Version } from '../plan/migration.ts'
import { readInPieces, readWhole } from './file-reader.ts'
import { fileOf, listMigrations } from './list-migrations.ts'
import { SpecialFileError } from './regular-file.ts'
import type { MigrationListing, Source } from './source.ts'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
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

const unreadable = (file: string, error: unknown): MigrateError => {
  const code = codeOf(error)
  const reason = error instanceof SpecialFileError ? error.message : (causes[code] ?? code)
  return new MigrateError('SOURCE_FAILED', `Cannot read "${file}": ${reason}`, {
    details: { file: basename(file) },
    cause: error,
  })
}

async function* piecesOf(
  file: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* pieces
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** A folder of migration files, one level deep. It is listed once; scripts are read when they are needed. */
export const directorySource = (path: string): Source => {
  let folder: Promise<MigrationListing> | undefined
  const open = async (): Promise<MigrationListing> => {
    try {
      return listMigrations(namesIn(path))
    } catch (error) {
      if (isMigrateError(error)) throw error
      const code = codeOf(error)
      throw new MigrateError(
        'SOURCE_FAILED',
        `Cannot read the migrations folder "${path}": ${causes[code] ?? code}`,
        { hint: 'Name the folder with --path, or create it with "mig create NAME".', cause: error },
      )
    }
  }
  const reading = async <T>(
    version: Version,
    direction: Direction,
    read: (file: string) => Promise<T>,
  ): Promise<T> => {
    const name = fileOf(await (folder ??= open()), version, direction)
    try {
      return await read(join(path, name))
    } catch (error) {
      throw unreadable(join(path, name), error)
    }
  }
  return {
    location: path,
    list: () => (folder ??= open()),
    read: (version, direction) => reading(version, direction, readWhole),
    readPieces: (version, direction) =>
      reading(version, direction, async (file) => {
        const read = await readInPieces(file)
        return read instanceof Uint8Array ? read : piecesOf(file, read)
      }),
  }
}
