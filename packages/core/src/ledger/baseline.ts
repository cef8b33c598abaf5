import { filesDetails, type RecordSetting } from './change-record.ts'
import { lookForVersions, type FittingVersions, type Misfit } from '../doctor/fitting-versions.ts'
import { MigrateError } from '../errors/errors.ts'
import type { Migration, Version } from '../plan/migration.ts'
import { blankEntry } from '../run/prepare-step.ts'
import type { BaselineResult } from '../migrator/results.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import { formatState, versionToRow, type VersionState } from '../plan/version-state.ts'

/** Options of `Migrator.baseline`. */
export interface BaselineOptions {
  /** Adopt the database also where it does not look as the files say. Default is `false`. */
  readonly force?: boolean
}

/** What a baseline works on, besides the record. */
export interface BaselineInput extends RecordSetting {
  readonly source: Source
  readonly listing: MigrationListing
  readonly warn: (message: string) => void
}

/** Adopts a database that was built by other means, or the record of one that golang-migrate kept. */
export const baselineAt = async (
  input: BaselineInput,
  wanted: Version | 'golang-migrate',
  { force = false }: BaselineOptions,
): Promise<BaselineResult> => {
  const { driver, identity, preparation, listing } = input
  const { state: from, recorded } = preparation
  const inferred = wanted === 'golang-migrate'
  const version = requireVersion(wanted, from)
  if (inferred && recorded !== undefined) {
    throw new MigrateError('INVALID_OPTION', 'The database has a ledger already', {
      hint: 'See it with "mig history".',
    })
  }
  const versions = listing.migrations
    .map((known) => known.version)
    .filter((known) => known <= version)
  if (versions.at(-1) !== version) {
    throw new MigrateError('VERSION_NOT_FOUND', `No migration file has version ${version}`, {
      details: { version },
    })
  }
  // Where golang-migrate was, its version decides, and what differs from it is another matter.
  const against = inferred ? [] : await requireFit(input, version, force)
  const to: VersionState = { version, dirty: false }
  await driver.writeState({
    to,
    entry: {
      ...blankEntry(identity),
      kind: 'baselined',
      version,
      from: inferred ? null : from.version,
      to: version,
      message: inferred
        ? 'inferred from the version table and the files'
        : against.length === 0
          ? null
          : `although ${sayAll(against)}`,
      details: filesDetails(listing.migrations),
    },
  })
  return { from, to, versions }
}

const requireVersion = (wanted: Version | 'golang-migrate', from: VersionState): Version => {
  const inferred = wanted === 'golang-migrate'
  const version = inferred ? from.version : wanted
  if (version === null || from.dirty) {
    throw new MigrateError(
      from.dirty ? 'DIRTY_DATABASE' : 'INVALID_OPTION',
      from.dirty
        ? `The database is dirty at version ${versionToRow(from.version)}`
        : 'golang-migrate has left no version in this database',
      { details: { state: from } },
    )
  }
  if (!inferred && from.version !== null && from.version !== version) {
    throw new MigrateError(
      'INVALID_OPTION',
      `The database is at version ${formatState(from)} already, so it needs no baseline`,
      {
        hint: 'See "mig status". "mig force VERSION" moves the version.',
        details: { state: from },
      },
    )
  }
  return version
}

/** Refuses a version that the catalog contradicts; what the catalog cannot show never does. */
const requireFit = async (
  { driver, source, listing, preparation, warn }: BaselineInput,
  version: Version,
  force: boolean,
): Promise<readonly Misfit[]> => {
  const fitting = await lookForVersions(driver, source, listing)
  const against = fitting?.misfits(version) ?? []
  if (fitting === undefined || against.length === 0) return []
  const message = `The database does not look like version ${version}: ${sayAll(against)}`
  if (force) {
    warn(message)
    return against
  }
  throw new MigrateError('CANNOT_BASELINE', message, {
    hint: `${waysOn(fitting, listing.migrations)}To adopt it as it is, pass --force.`,
    details: {
      version,
      state: preparation.state,
      files: [...new Set(against.map(({ file }) => file))],
    },
  })
}

const say = ({ file, label, shown, later }: Misfit): string => {
  if (later) return shown ? `${file} is to make ${label}, which is there` : `${file} needs ${label}`
  return shown ? `${file} removes ${label}, which is there` : `${file} makes ${label}`
}

const mostSaid = 3

/** What speaks against a version, the first few of it. */
const sayAll = (against: readonly Misfit[]): string => {
  const said = against.slice(0, mostSaid).map((misfit) => {
    const text = say(misfit)
    return misfit.shown ? text : `${text}, which is not there`
  })
  const more = against.length - said.length
  return said.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

/** Each version is held against the whole catalog, which would take long for thousands of them. */
const mostTried = 1000

/** Versions that the database does look like. */
const waysOn = (fitting: FittingVersions, migrations: readonly Migration[]): string => {
  if (migrations.length > mostTried) return ''
  const all = fitting.all()
  const [first, ...others] = all
  if (first === undefined) return ''
  if (first === null && others.length === 0) {
    return 'Nothing of what the files make is there: "mig up" makes it. '
  }
  const versions = all.map((version) => version ?? 'none')
  return others.length === 0
    ? `It looks like version ${versions.join()}. `
    : `It looks like one of the versions ${versions.slice(0, -1).join(', ')} and ${versions.at(-1)}. `
}
