import { maxVersion, MigrateError, parseMigrationFilename } from '@mig/core'

/** How the versions of a folder are made. */
type Numbering =
  | { readonly kind: 'sequence'; readonly digits: number }
  | { readonly kind: 'timestamp' | 'unix' | 'unixMilliseconds' | 'unixNanoseconds' }

/** The version of a migration to be made, as its file name writes it. */
export interface NextVersion {
  readonly text: string
  readonly numbering: Numbering['kind']
}

const defaultDigits = 6

/** 2001-01-01 to 2100-01-01, in seconds: versions in this range are taken for a time, not for a sequence. */
const isRecent = (seconds: number): boolean => seconds > 978_307_200 && seconds < 4_102_444_800

const isTimestamp = (digits: string): boolean =>
  /^20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d[0-5]\d$/.test(digits)

/** Which numbering a folder uses, judged by its newest migration. */
const numberingOf = (newest: string): Numbering => {
  const { length } = newest
  if (length === 14 && isTimestamp(newest)) return { kind: 'timestamp' }
  if (length === 10 && isRecent(Number(newest))) return { kind: 'unix' }
  if (length === 13 && isRecent(Number(newest) / 1e3)) return { kind: 'unixMilliseconds' }
  if (length === 19 && isRecent(Number(newest) / 1e9)) return { kind: 'unixNanoseconds' }
  return { kind: 'sequence', digits: length }
}

/** The version that comes next in a folder with these files. Throws `INVALID_OPTION` where there is none. */
export const nextVersion = (
  names: readonly string[],
  options: { readonly timestamp: boolean; readonly now: Date },
): NextVersion => {
  let newest = ''
  let highest = -1n
  for (const name of names) {
    const version = parseMigrationFilename(name)?.version
    if (version === undefined || version < highest) continue
    highest = version
    newest = /^\d+/.exec(name)?.[0] ?? ''
  }
  const numbering: Numbering =
    options.timestamp || newest === ''
      ? options.timestamp
        ? { kind: 'timestamp' }
        : { kind: 'sequence', digits: defaultDigits }
      : numberingOf(newest)
  const first = numbering.kind === 'sequence' ? 1n : timeVersion(numbering.kind, options.now)
  // The next one is never below what is there: two in one second, or a clock that went back.
  const version = highest + 1n > first ? highest + 1n : first
  if (version > maxVersion) {
    throw new MigrateError('INVALID_OPTION', `There is no version above ${highest}`, {
      hint: 'The newest migration has the highest version a version table can hold.',
    })
  }
  const digits = numbering.kind === 'sequence' ? numbering.digits : 0
  return { text: version.toString().padStart(digits, '0'), numbering: numbering.kind }
}

const timeVersion = (kind: Exclude<Numbering['kind'], 'sequence'>, now: Date): bigint => {
  const milliseconds = BigInt(now.getTime())
  switch (kind) {
    case 'timestamp':
      return BigInt(now.toISOString().replace(/\D/g, '').slice(0, 14))
    case 'unix':
      return milliseconds / 1000n
    case 'unixMilliseconds':
      return milliseconds
    case 'unixNanoseconds':
      return milliseconds * 1_000_000n
  }
}
