import type { Driver, Preparation } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import { readView } from './integrity.ts'
import type { Migration, Version } from '../plan/migration.ts'
import { checksumOf } from '../script/checksum.ts'
import { blankEntry, type RunIdentity } from '../run/prepare-step.ts'
import type { AcceptResult, ForceResult } from '../migrator/results.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import type { VersionState } from '../plan/version-state.ts'

/** What changes of the record need: the lock is held and the tables are there. */
export interface RecordSetting {
  readonly driver: Driver
  readonly identity: RunIdentity
  readonly preparation: Preparation
}

/** The versions that exist as files now, as ledger events keep them. */
export const filesDetails = (migrations: readonly Migration[]): string =>
  JSON.stringify({ files: migrations.map(({ version }) => version.toString()) })

/** Sets the version row; runs nothing. */
export const forceVersion = async (
  { driver, identity, preparation }: RecordSetting,
  version: Version | null,
  listing: MigrationListing | undefined,
): Promise<ForceResult> => {
  const { state: from } = preparation
  const to: VersionState = { version, dirty: false }
  await driver.writeState({
    to,
    entry: {
      ...blankEntry(identity),
      kind: 'forced',
      version,
      from: from.version,
      to: version,
      details: listing === undefined ? null : filesDetails(listing.migrations),
    },
  })
  return { from, to }
}

const longestReason = 10_000

/** Throws `INVALID_OPTION` for a reason that not every ledger has room for. */
export const requireShortReason = (reason: string): void => {
  if (reason.length <= longestReason) return
  throw new MigrateError(
    'INVALID_OPTION',
    `The reason has ${reason.length} characters, and at most ${longestReason} are kept`,
    { hint: 'Shorten it, or name a place where the rest is.', details: { option: 'reason' } },
  )
}

/** Puts on record that a changed file is meant to be as it is now. */
export const acceptFile = async (
  { driver, identity, preparation }: RecordSetting,
  version: Version,
  reason: string,
  listing: MigrationListing,
  source: Source,
): Promise<AcceptResult> => {
  if (preparation.ledger !== 'on') {
    throw new MigrateError('INVALID_OPTION', 'Without a ledger there is no record to change', {
      hint: 'Leave out --no-ledger.',
    })
  }
  const migration = listing.migrations.find((known) => known.version === version)
  if (migration?.up === undefined) {
    throw new MigrateError('VERSION_NOT_FOUND', `Version ${version} has no up file`, {
      details: { version },
    })
  }
  const { state, view } = await readView(driver, listing, true)
  const record = view.applied.get(version)
  if (record === undefined) {
    throw new MigrateError('INVALID_OPTION', `Version ${version} is not applied`, {
      details: { version },
    })
  }
  const accepted = checksumOf(await source.read(version, 'up'))
  await driver.appendEvent({
    ...blankEntry(identity),
    kind: 'accepted',
    version,
    direction: 'up',
    title: migration.up.title,
    from: state.version,
    to: state.version,
    dirty: state.dirty,
    checksum: accepted,
    message: reason,
  })
  return { version, file: migration.up.name, recorded: record.checksum, accepted }
}
