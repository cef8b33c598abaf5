import { maxVersion, MigrateError, type Version } from '@mig/core'

/** Reads a version as people write it: `3`, `000003`. Throws `USAGE`. */
export const parseVersion = (text: string): Version => {
  const version = /^\d+$/.test(text) ? BigInt(text) : undefined
  if (version === undefined || version > maxVersion) {
    throw new MigrateError('USAGE', `"${text}" is not a version`, {
      hint: `A version is a whole number from 0 to ${maxVersion}.`,
    })
  }
  return version
}

/** Reads a version, or `none` and `-1` for nothing applied. Throws `USAGE`. */
export const parseVersionOrNone = (text: string): Version | null =>
  text === 'none' || text === '-1' ? null : parseVersion(text)

/** Reads a number of steps. Throws `USAGE`. */
export const parseSteps = (text: string): number => {
  const steps = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(steps) || steps === 0) {
    throw new MigrateError('USAGE', `"${text}" is not a number of steps`, {
      hint: 'Give a whole number from 1 on.',
    })
  }
  return steps
}
