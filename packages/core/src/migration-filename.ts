import type { Direction, Version } from './migration.ts'

/** The parts of `{version}_{title}.{up|down}.{extension}`. */
export interface MigrationFilename {
  readonly version: Version
  readonly title: string
  readonly direction: Direction
  readonly extension: string
}

// golang-migrate's grammar. `.` of its RE2 excludes only the line feed.
const grammar = /^([0-9]+)_([^\n]*)\.(down|up)\.([^\n]*)$/
const maxUint64 = 18_446_744_073_709_551_615n

/**
 * Reads a migration's file name as golang-migrate does: the last `.up.` or `.down.` decides, the extension is not
 * checked, leading zeros do not count. Returns nothing for a name that is no migration.
 */
export const parseMigrationFilename = (name: string): MigrationFilename | undefined => {
  const match = grammar.exec(name)
  if (match === null) return undefined
  const [, digits = '', title = '', direction = '', extension = ''] = match
  const version = BigInt(digits)
  if (version > maxUint64) return undefined
  return { version, title, direction: direction === 'up' ? 'up' : 'down', extension }
}

/** Writes a migration's file name, the version padded with zeros to `digits`. */
export const formatMigrationFilename = (parts: MigrationFilename, digits = 0): string =>
  `${parts.version.toString().padStart(digits, '0')}_${parts.title}.${parts.direction}.${parts.extension}`

const leftovers = /\.(down|up)\.[^.]*(~|\.(bak|orig|rej|swp|tmp))$/i
const nearly = [
  /^V[0-9.]+__.*\.sql$/i,
  /^[0-9]+[-_].*\.sql$/i,
  /^[0-9]+_.*\.(up|down)$/i,
  /^[0-9]+\.(up|down)\.sql$/i,
  /^[0-9]+-.*\.(up|down)\.[^.]+$/i,
]

/** Whether a name was probably meant to be a migration, or is a copy that an editor left of one. */
export const isNearMiss = (
  name: string,
  parts: MigrationFilename | undefined = parseMigrationFilename(name),
): boolean =>
  leftovers.test(name) || (parts === undefined && nearly.some((pattern) => pattern.test(name)))
