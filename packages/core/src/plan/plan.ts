import { MigrateError } from '../errors/errors.ts'
import type { Migration, MigrationStep, Version } from './migration.ts'
import { formatVersion, type VersionState } from './version-state.ts'

/** Where a run is to end. */
export type Target =
  /** The newest version, or at most `steps` versions further up. */
  | { readonly kind: 'up'; readonly steps?: number }
  /** Nothing applied, or at most `steps` versions further down. */
  | { readonly kind: 'down'; readonly steps?: number }
  /** This version, up or down. `null` is "nothing applied". */
  | { readonly kind: 'goto'; readonly version: Version | null }

/** Index of the version in the ascending list, or -1. */
const indexOf = (migrations: readonly Migration[], version: Version): number => {
  let low = 0
  let high = migrations.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = migrations[middle]?.version ?? 0n
    if (found === version) return middle
    if (found < version) low = middle + 1
    else high = middle - 1
  }
  return -1
}

const upStep = (migration: Migration, from: Version | null): MigrationStep => ({
  version: migration.version,
  direction: 'up',
  title: migration.up?.title ?? migration.down?.title ?? '',
  ...(migration.up === undefined ? {} : { file: migration.up.name }),
  from,
  to: migration.version,
})

const downStep = (migration: Migration, to: Version | null): MigrationStep => ({
  version: migration.version,
  direction: 'down',
  title: migration.down?.title ?? migration.up?.title ?? '',
  ...(migration.down === undefined ? {} : { file: migration.down.name }),
  from: migration.version,
  to,
})

/** The version row's place in the list: -1 for nothing applied. */
const placeOf = (migrations: readonly Migration[], state: VersionState): number => {
  if (state.version === null) return -1
  const index = indexOf(migrations, state.version)
  if (index === -1) {
    throw new MigrateError(
      'MISSING_FILE',
      `The database is at version ${state.version}, and no migration file has that version`,
      { details: { version: state.version, state } },
    )
  }
  return index
}

/**
 * Resolves a target to a version. Counting starts at the version row, so the answer holds only for this state.
 *
 * Throws `MISSING_FILE`, `VERSION_NOT_FOUND`.
 */
export const resolveTarget = (
  migrations: readonly Migration[],
  state: VersionState,
  target: Target,
): Version | null => {
  if (target.kind === 'goto') {
    if (target.version !== null && indexOf(migrations, target.version) === -1) {
      throw new MigrateError(
        'VERSION_NOT_FOUND',
        `No migration file has version ${target.version}`,
        { details: { version: target.version } },
      )
    }
    return target.version
  }
  const place = placeOf(migrations, state)
  if (target.kind === 'up') {
    const last = migrations.length - 1
    const index = target.steps === undefined ? last : Math.min(place + target.steps, last)
    return migrations[index]?.version ?? null
  }
  const index = target.steps === undefined ? -1 : Math.max(place - target.steps, -1)
  return migrations[index]?.version ?? null
}

/**
 * The steps from a state to a version, in the order in which they run.
 *
 * Pure: the same for everybody who sees the same files and the same version row. Throws `DIRTY_DATABASE`, `MISSING_FILE`,
 * `VERSION_NOT_FOUND`.
 */
export const plan = (
  migrations: readonly Migration[],
  state: VersionState,
  to: Version | null,
): MigrationStep[] => {
  requireClean(state)
  const start = placeOf(migrations, state)
  const end = to === null ? -1 : indexOf(migrations, to)
  if (to !== null && end === -1) {
    throw new MigrateError('VERSION_NOT_FOUND', `No migration file has version ${to}`, {
      details: { version: to },
    })
  }
  const steps: MigrationStep[] = []
  for (const migration of migrations.slice(start + 1, end + 1)) {
    steps.push(upStep(migration, steps.at(-1)?.to ?? state.version))
  }
  for (let index = start; index > end; index--) {
    const migration = migrations[index]
    if (migration !== undefined) {
      steps.push(downStep(migration, migrations[index - 1]?.version ?? null))
    }
  }
  return steps
}

/** The steps that apply versions below the version row: it stays where it is. */
export const planOutOfOrder = (
  outOfOrderMigrations: readonly Migration[],
  versionTable: Version,
): MigrationStep[] =>
  outOfOrderMigrations.map((migration) => ({
    ...upStep(migration, versionTable),
    to: versionTable,
  }))

/** Throws `DIRTY_DATABASE` for a dirty state. */
export const requireClean = (state: VersionState): void => {
  if (!state.dirty) return
  throw new MigrateError(
    'DIRTY_DATABASE',
    `The database is dirty at version ${formatVersion(state.version)}: a migration started and did not finish`,
    { details: { state, version: state.version } },
  )
}
