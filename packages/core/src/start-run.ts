import type { Driver, Durability, Preparation } from './driver/driver.ts'
import type { MigratorEventListener } from './events.ts'
import { executeRun } from './execute-run.ts'
import { readView, requireOrder, requireUnchanged } from './integrity.ts'
import { viewLedger } from './ledger-view.ts'
import type { Version } from './migration.ts'
import { requireClean, resolveTarget, type Target } from './plan.ts'
import type { RunIdentity } from './prepare-step.ts'
import type { RunResult } from './results.ts'
import type { RunOptions } from './run-options.ts'
import type { MigrationListing, Source } from './source/source.ts'
import { versionToRow, type VersionState } from './version-state.ts'

/** What was asked for. */
export interface RunRequest {
  /** Where to go, one after the other; `back` is where the run began. */
  readonly targets: readonly [Target, ...'back'[]]
  /** With `up`, a target below the marker is nothing to do. */
  readonly only?: 'up'
  readonly options: RunOptions
}

/** What it is asked of. */
export interface RunSetting {
  readonly driver: Driver
  readonly source: Source
  readonly listing: MigrationListing
  readonly identity: RunIdentity
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

/**
 * The result of a run that has nothing to do, found without lock and without writing; nothing where there is something
 * to do, or where only somebody who holds the lock can tell.
 */
export const findNothingToDo = async (
  request: RunRequest,
  setting: Omit<RunSetting, 'identity'>,
  ledger: boolean,
): Promise<RunResult | undefined> => {
  const { driver, listing } = setting
  const { targets, options } = request
  const [target, again] = targets
  if (target.kind === 'down' || again !== undefined) return undefined
  if (!isReached(request, setting, await driver.readState())) return undefined
  const { state, view, recorded } = await readView(driver, listing, ledger, { brief: true })
  if (!recorded || !isReached(request, setting, state)) return undefined
  if (options.allowAhead === true && isAhead(state, listing)) return aheadResult(setting, state)
  const outOfOrder = options.outOfOrder ?? 'error'
  const { late } = requireOrder(view, state, listing.migrations, outOfOrder, setting.emit)
  if (late.length > 0) return undefined
  setting.emit({ type: 'planned', steps: 0, state })
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
