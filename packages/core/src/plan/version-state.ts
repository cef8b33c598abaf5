import type { Version } from './migration.ts'

/** What the version row says: everything up to `version` is applied, and whether a step started and did not finish. */
export interface VersionState {
  /** `null` means that nothing is applied. */
  readonly version: Version | null
  readonly dirty: boolean
}

/** The state of a database that was never migrated. */
export const emptyState: VersionState = Object.freeze({ version: null, dirty: false })

/** Whether two states are the same. */
export const sameState = (a: VersionState, b: VersionState): boolean =>
  a.version === b.version && a.dirty === b.dirty

/**
 * The version as the version row's row holds it: -1 stands for nothing.
 *
 * A clean "nothing applied" has no row at all, so -1 is only ever stored together with `dirty`.
 */
export const versionToRow = (version: Version | null): bigint => version ?? -1n

/** The version that a version row's row stands for. */
export const versionFromRow = (value: bigint | number | string): Version | null => {
  const version = BigInt(value)
  return version < 0n ? null : version
}

/** Writes a version for people: its digits, or `none`. */
export const formatVersion = (version: Version | null): string =>
  version === null ? 'none' : version.toString()

/** Writes a state for people: `12`, `12 (dirty)`, `none`. */
export const formatState = (state: VersionState): string =>
  formatVersion(state.version) + (state.dirty ? ' (dirty)' : '')
