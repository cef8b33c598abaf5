import { opendirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MigrateError } from '../errors.ts'
import type { Direction, Version } from '../migration.ts'
import { fileReader, type FileReader } from './file-reader.ts'
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

/** A folder that was listed. Its reader counts its time from then on: a listing, too, is work without a pause. */
interface ListedFolder {
  readonly listing: MigrationListing
  readonly files: FileReader
}

/** A folder of migration files, one level deep. It is listed once; bodies are read when they are needed. */
export const directorySource = (path: string): Source => {
  let folder: Promise<ListedFolder> | undefined
  const open = async (): Promise<ListedFolder> => {
    try {
      return { listing: listMigrations(namesIn(path)), files: fileReader() }
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
  const reading = async <T>(
    version: Version,
    direction: Direction,
    read: (files: FileReader, file: string) => Promise<T>,
  ): Promise<T> => {
    const { listing, files } = await (folder ??= open())
    const name = fileOf(listing, version, direction)
    try {
      return await read(files, join(path, name))
    } catch (error) {
      throw unreadable(join(path, name), error)
    }
  }
  return {
    location: path,
    list: async () => (await (folder ??= open())).listing,
    read: (version, direction) => reading(version, direction, (files, file) => files.whole(file)),
    readPieces: (version, direction) =>
      reading(version, direction, async (files, file) => {
        const read = await files.inPieces(file)
        return read instanceof Uint8Array ? read : piecesOf(file, read)
      }),
  }
}
