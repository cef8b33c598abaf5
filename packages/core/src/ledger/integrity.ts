import { linearEvents } from '../driver/brief-events.ts'
import type { Driver } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import type { MigratorEventListener } from '../migrator/events.ts'
import type { LedgerQuery, LedgerSnapshot } from './ledger.ts'
import { outOfOrderOf, viewLedger, type LedgerView } from './ledger-view.ts'
import type { Migration } from '../plan/migration.ts'
import type { OutOfOrder } from '../migrator/run-options.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import { changedFiles } from '../migrator/verify.ts'
import { sameState, type VersionState } from '../plan/version-state.ts'

/** Version row and events, read in one statement where a ledger is kept. */
export const readSnapshot = async (
  driver: Driver,
  ledger: boolean,
  query: LedgerQuery = {},
): Promise<LedgerSnapshot> =>
  ledger && driver.readLedger !== undefined
    ? await driver.readLedger(query)
    : { state: await driver.readState(), events: [] }

/** The version row, what explains it, and whether the newest event tells of it. */
export interface StateView {
  readonly state: VersionState
  readonly view: LedgerView
  readonly recorded: boolean
  /** Why the ledger could not be read. */
  readonly unavailable?: string
}

/** Explains a version row. After a brief query the view knows which versions are applied, and nothing more of them. */
export const viewSnapshot = (
  { state, events: read, linear, unavailable }: LedgerSnapshot,
  { migrations }: MigrationListing,
  ledger: boolean,
): StateView => {
  const events = linear === undefined ? read : linearEvents(linear)
  const last = events.at(-1)
  const recorded =
    last === undefined
      ? !ledger || state.version === null
      : last.to === state.version && last.dirty === state.dirty
  return {
    state,
    view: viewLedger(events, state, migrations),
    recorded,
    ...(unavailable === undefined ? {} : { unavailable }),
  }
}

/** Whether a ledger says in short that exactly the files there are were applied, and that the version row is where they end. */
export const isLinearTo = (
  { state, linear }: LedgerSnapshot,
  { migrations }: MigrationListing,
): boolean =>
  linear !== undefined &&
  sameState(linear.recorded, state) &&
  !state.dirty &&
  migrations.at(-1)?.version === state.version &&
  migrations.map(({ version }) => version).join('\n') === linear.versions

/** Reads a version row and what explains it. */
export const readView = async (
  driver: Driver,
  listing: MigrationListing,
  ledger: boolean,
): Promise<StateView> => viewSnapshot(await readSnapshot(driver, ledger), listing, ledger)

/** Refuses to go on over an applied file that was changed since. */
export const requireUnchanged = async (
  view: LedgerView,
  listing: MigrationListing,
  source: Source,
): Promise<void> => {
  const changed = await changedFiles(view, listing, source)
  const [first] = changed
  if (first === undefined) return
  const files = changed.map(({ file }) => file)
  throw new MigrateError(
    'CHANGED_FILE',
    changed.length === 1
      ? `"${first.file}" was changed after it was applied`
      : `${changed.length} files were changed after they were applied: ${files.join(', ')}`,
    {
      hint: `Restore the file and write a new migration, or put the change on record with "mig verify --accept ${first.version} --reason TEXT".`,
      details: {
        version: first.version,
        versions: changed.map(({ version }) => version),
        files,
        changed,
      },
    },
  )
}

/** How the versions below the version row that were never applied enter a run. */
export interface Order {
  /** Versions to plan with: those out of order are not among them. */
  readonly migrations: readonly Migration[]
  /** Versions to be applied late, where that is wished. */
  readonly outOfOrderMigrations: readonly Migration[]
}

/** Finds versions out of order and does with them what was asked for. */
export const requireOrder = (
  view: LedgerView,
  state: VersionState,
  migrations: readonly Migration[],
  outOfOrder: OutOfOrder | 'ignore',
  emit: MigratorEventListener,
): Order => {
  const outOfOrderMigrations = outOfOrderOf(view, state, migrations)
  if (outOfOrderMigrations.length === 0) return { migrations, outOfOrderMigrations }
  const versions = outOfOrderMigrations.map(({ version }) => version)
  const which =
    outOfOrderMigrations.length === 1
      ? `Version ${versions.join()} is below the database's version ${state.version} and was never applied`
      : `${outOfOrderMigrations.length} versions below the database's version ${state.version} were never applied: ${versions.join(', ')}`
  if (outOfOrder === 'error') {
    throw new MigrateError('OUT_OF_ORDER', which, { details: { versions, state } })
  }
  if (outOfOrder === 'warn') emit({ type: 'warning', code: 'out-of-order', message: which })
  const known = new Set(versions)
  return {
    migrations: migrations.filter(({ version }) => !known.has(version)),
    outOfOrderMigrations: outOfOrder === 'apply' ? outOfOrderMigrations : [],
  }
}
