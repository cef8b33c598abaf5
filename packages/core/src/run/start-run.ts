import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Driver, Durability, Preparation } from '../driver/driver.ts'
import type { MigratorEventListener } from '../migrator/events.ts'
import { executeRun } from './execute-run.ts'
import {
  isLinearTo,
  readSnapshot,
  readView,
  requireOrder,
  requireUnchanged,
  viewSnapshot,
} from '../ledger/integrity.ts'
import type { LedgerSnapshot } from '../ledger/ledger.ts'
import { viewLedger } from '../ledger/ledger-view.ts'
import type { Version } from '../plan/migration.ts'
import { requireClean, resolveTarget, type Target } from '../plan/plan.ts'
import type { ReadStep, RunIdentity } from './prepare-step.ts'
import type { RunResult } from '../migrator/results.ts'
import type { RunOptions } from '../migrator/run-options.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import { versionToRow, type VersionState } from '../plan/version-state.ts'

/** What was asked for. */
export interface RunRequest {
  /** Where to go, one after the other; `back` is where the run began. */
  readonly targets: readonly [Target, ...'back'[]]
  /** With `up`, a target below the version row is nothing to do. */
  readonly only?: 'up'
  readonly options: RunOptions
}

/** What it is asked of. */
export interface RunSetting {
  readonly driver: Driver
  readonly source: Source
  readonly listing: MigrationListing
  readonly identity: RunIdentity
  readonly readStep: ReadStep
  readonly emit: MigratorEventListener
  readonly lockTimeoutMs: number
}

const durability: Durability = { confirmed: true }

const nothingDone = (state: VersionState): RunResult => ({
  steps: [],
  from: state,
  to: state,
  durability,
  stopped: false,
  durationMs: 0,
})

/** Whether the database is further than the newest file. */
const isAhead = (state: VersionState, { migrations }: MigrationListing): boolean =>
  versionToRow(state.version) > versionToRow(migrations.at(-1)?.version ?? null)

const goesUp = ({ targets: [first], only }: RunRequest, state: VersionState): boolean => {
  if (first.kind === 'goto' && only === undefined) {
    return versionToRow(first.version) > versionToRow(state.version)
  }
  return first.kind !== 'down'
}

const aheadResult = (setting: Pick<RunSetting, 'emit'>, state: VersionState): RunResult => {
  const version: Version | null = state.version
  setting.emit({
    type: 'warning',
    code: 'ahead',
    message: `The database is at version ${version}, which is newer than every file; nothing is done`,
  })
  return nothingDone(state)
}

/** Whether a clean database is where the run is to end. Reads no ledger: with steps to run, it is read under the lock. */
const isReached = (
  { targets: [target], only, options }: RunRequest,
  { listing }: Pick<RunSetting, 'listing'>,
  state: VersionState,
): boolean => {
  if (state.dirty) return false
  if (options.allowAhead === true && isAhead(state, listing)) return true
  const to = resolveTarget(listing.migrations, state, target)
  return to === state.version || (only === 'up' && versionToRow(to) < versionToRow(state.version))
}

/** What a look at files and database gives. */
export interface FirstLook {
  readonly listing: MigrationListing
  /** The result, where there is nothing to do. */
  readonly nothing?: RunResult
}

/**
 * Lists the files while the database says where it stands, and finds out whether there is anything to do, without lock
 * and without writing. What only somebody who holds the lock can tell is left to the run.
 *
 * The listing waits for the question to be on its way: it is one piece of work, and the server would begin after it.
 */
export const lookFirst = async (
  request: RunRequest,
  { driver, emit }: Pick<RunSetting, 'driver' | 'emit'>,
  list: () => Promise<MigrationListing>,
  ledger: boolean,
): Promise<FirstLook> => {
  const [target, again] = request.targets
  if (target.kind === 'down' || again !== undefined) return { listing: await list() }
  const [read, listed] = await Promise.allSettled([
    readSnapshot(driver, ledger, { summary: true }),
    nextTurn().then(list),
  ])
  if (listed.status === 'rejected') throw listed.reason
  if (read.status === 'rejected') throw read.reason
  const listing = listed.value
  const nothing = nothingToDo(request, { listing, emit }, read.value, ledger)
  return nothing === undefined ? { listing } : { listing, nothing }
}

const nothingToDo = (
  request: RunRequest,
  setting: Pick<RunSetting, 'listing' | 'emit'>,
  snapshot: LedgerSnapshot,
  ledger: boolean,
): RunResult | undefined => {
  const { listing, emit } = setting
  const { options } = request
  if (!isReached(request, setting, snapshot.state)) return undefined
  if (isLinearTo(snapshot, listing)) return nothing(emit, snapshot.state)
  const { state, view, recorded } = viewSnapshot(snapshot, listing, ledger)
  if (!recorded) return undefined
  if (options.allowAhead === true && isAhead(state, listing)) return aheadResult(setting, state)
  const outOfOrder = options.outOfOrder ?? 'error'
  const { outOfOrderMigrations } = requireOrder(view, state, listing.migrations, outOfOrder, emit)
  return outOfOrderMigrations.length > 0 ? undefined : nothing(emit, state)
}

const nothing = (emit: MigratorEventListener, state: VersionState): RunResult => {
  emit({ type: 'planned', steps: 0, state })
  return nothingDone(state)
}

/** Runs what was asked for, under the lock, after files, order and ledger were found in order. */
export const startRun = async (
  request: RunRequest,
  setting: RunSetting,
  preparation: Preparation,
): Promise<RunResult> => {
  const { driver, listing, source, emit } = setting
  const { options, targets, only } = request
  const { state } = preparation
  if (options.allowAhead === true && !state.dirty && isAhead(state, listing)) {
    return aheadResult(setting, state)
  }
  requireClean(state)
  // A ledger without events, of a database with nothing applied, need not be read.
  const { view } =
    preparation.ledger === 'on' && (preparation.recorded !== undefined || state.version !== null)
      ? await readView(driver, listing, true)
      : { view: viewLedger([], state, listing.migrations) }
  const up = goesUp(request, state)
  const outOfOrder = up ? (options.outOfOrder ?? 'error') : 'ignore'
  const order = requireOrder(view, state, listing.migrations, outOfOrder, emit)
  if (targets[0].kind !== 'down' || targets.length > 1)
    await requireUnchanged(view, listing, source)
  return executeRun({
    ...setting,
    ...preparation,
    ...order,
    targets,
    options,
    ...(only === undefined ? {} : { only }),
  })
}
