import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { goParseUint, parseGoUrl, systemCode, systemText } from '@mig/golang-migrate'

/** Something that is not there: a version, or a script. Planning goes on where it meets one. */
export class NotExistError extends Error {}

/** One script, opened but not read. */
export interface SourceScript {
  readonly identifier: string
  /** Reads the whole script. */
  read(): Uint8Array
  close(): void
}

/** Migrations as golang-migrate sees them. */
export interface MigrateSource {
  first(): bigint
  /** The neighbour of a version that is there. Throws {@link NotExistError}. */
  prev(version: bigint): bigint
  next(version: bigint): bigint
  /** Throws {@link NotExistError} where there is no such script. */
  open(version: bigint, direction: 'up' | 'down'): SourceScript
}

interface SourceFile {
  readonly name: string
  readonly identifier: string
}

interface Scripts {
  up?: SourceFile
  down?: SourceFile
}

/** A dot that does not match LF, and only LF. */
const fileName = /^([0-9]+)_([^\n]*)\.(down|up)\.([^\n]*)$/

interface ParsedName {
  readonly version: bigint
  readonly identifier: string
  readonly direction: 'up' | 'down'
}

/** Reads the name of a migration file. Any other name, and a version beyond 64 bits, is nothing. */
export const parseFileName = (name: string): ParsedName | undefined => {
  const [, digits = '', identifier = '', direction] = fileName.exec(name) ?? []
  if (direction !== 'up' && direction !== 'down') return undefined
  try {
    return { version: goParseUint(digits), identifier, direction }
  } catch {
    return undefined
  }
}

const compareBytes = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b))

const compareVersions = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** Lists a folder: one level, folders in it left out, links taken by name. */
const listFiles = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .toSorted(compareBytes)
  } catch (error) {
    throw new Error(`open .: ${systemText(error)}`, { cause: error })
  }
}

const indexFiles = (folder: string): ReadonlyMap<bigint, Scripts> => {
  const index = new Map<bigint, Scripts>()
  for (const name of listFiles(folder)) {
    const parsed = parseFileName(name)
    if (parsed === undefined) continue
    const { version, identifier, direction } = parsed
    const scripts = index.get(version) ?? {}
    if (scripts[direction] !== undefined) throw new Error(`duplicate migration file: ${name}`)
    index.set(version, { ...scripts, [direction]: { name, identifier } })
  }
  return index
}

const missing = (what: string): NotExistError => new NotExistError(`${what} .: file does not exist`)

/** The folder that a `file:` URL means. */
export const folderOfUrl = (url: string): string => {
  const { opaque, host, path } = parseGoUrl(url)
  return resolve(opaque === '' ? `${host}${path}` : opaque)
}

/** Opens a folder of migrations. It is listed now and not again; no script is read. */
export const openFileSource = (url: string): MigrateSource => {
  const folder = folderOfUrl(url)
  const index = indexFiles(folder)
  const versions = [...index.keys()].toSorted(compareVersions)
  const positions = new Map(versions.map((version, position) => [version, position]))

  const neighbour = (version: bigint, step: -1 | 1, name: string): bigint => {
    const position = positions.get(version)
    const found = position === undefined ? undefined : versions[position + step]
    if (found === undefined) throw missing(`${name} for version ${version}`)
    return found
  }

  return {
    first: () => {
      const [first] = versions
      if (first === undefined) throw missing('first')
      return first
    },
    prev: (version) => neighbour(version, -1, 'prev'),
    next: (version) => neighbour(version, 1, 'next'),
    open: (version, direction) => {
      const file = index.get(version)?.[direction]
      if (file === undefined) throw missing(`read ${direction} for version ${version}`)
      return openScript(folder, file)
    },
  }
}

const openScript = (folder: string, { name, identifier }: SourceFile): SourceScript => {
  const path = join(folder, name)
  const file = openFile(path, name)
  return {
    identifier,
    read: () => {
      try {
        return readFileSync(file)
      } catch (error) {
        throw new Error(`read ${path}: ${systemText(error)}`, { cause: error })
      } finally {
        closeSync(file)
      }
    },
    close: () => closeSync(file),
  }
}

const openFile = (path: string, name: string): number => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    const text = `open ${name}: ${systemText(error)}`
    // A link to nowhere counts as a script that is not there.
    throw systemCode(error) === 'ENOENT' ? new NotExistError(text) : new Error(text)
  }
}
