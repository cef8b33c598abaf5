import type { Direction, Version } from './migration.ts'

/** The parts of `{version}_{title}.{up|down}.{extension}`. */
export interface MigrationFilename {
  readonly version: Version
  readonly title: string
  readonly direction: Direction
  readonly extension: string
}

const maxUint64 = 18_446_744_073_709_551_615n

/**
 * Reads a migration's file name as golang-migrate does: the last `.up.` or `.down.` decides, the extension is not
 * checked, leading zeros do not count. Returns nothing for a name that is not a migration.
 *
 * Its grammar is `^([0-9]+)_(.*)\.(down|up)\.(.*)$`, where `.` is everything but the line feed. No regular expression:
 * what one returns for ten thousand names is more than all that is kept of them.
 */
export const parseMigrationFilename = (name: string): MigrationFilename | undefined => {
  const counterpart = counterpartOf(name)
  if (counterpart !== undefined) return counterpart
  const digits = countDigits(name)
  if (digits === 0 || name[digits] !== '_' || name.includes('\n')) return undefined
  const up = name.lastIndexOf('.up.')
  const down = name.lastIndexOf('.down.')
  const direction = up > down ? 'up' : 'down'
  const titleEnd = Math.max(up, down)
  if (titleEnd <= digits) return undefined
  const version = BigInt(name.slice(0, digits))
  if (version > maxUint64) return undefined
  const title = name.slice(digits + 1, titleEnd)
  const extension = name.slice(titleEnd + direction.length + 2)
  const opposite = direction === 'up' ? 'down' : 'up'
  latest = {
    head: name.slice(0, titleEnd + 1),
    tail: `${opposite}.${extension}`,
    parts: { version, title, direction: opposite, extension },
  }
  return { version, title, direction, extension }
}

/** The counterpart of the name read last. Most versions have two files, and names come in order. */
let latest:
  { readonly head: string; readonly tail: string; readonly parts: MigrationFilename } | undefined

const counterpartOf = (name: string): MigrationFilename | undefined =>
  latest !== undefined &&
  name.startsWith(latest.head) &&
  name.endsWith(latest.tail) &&
  name.length === latest.head.length + latest.tail.length
    ? latest.parts
    : undefined

const countDigits = (name: string): number => {
  let count = 0
  while (isDigit(name.charCodeAt(count))) count++
  return count
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

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
  (!name.endsWith('.sql') && leftovers.test(name)) ||
  (parts === undefined && nearly.some((pattern) => pattern.test(name)))
