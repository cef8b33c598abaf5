import type { Durability, Driver, Preparation } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import type { MigratorEventListener } from '../migrator/events.ts'
import { explainFailure } from './explain-failure.ts'
import type { Migration, MigrationStep, Version } from '../plan/migration.ts'
import { plan, planOutOfOrder, requireClean, resolveTarget, type Target } from '../plan/plan.ts'
import type { ReadStep, RunIdentity } from './prepare-step.ts'
import { Replanning } from './replanning.ts'
import type { RunResult } from '../migrator/results.ts'
import { newRunContext, type RunContext } from './run-context.ts'
import type { RunOptions } from '../migrator/run-options.ts'
import { runSteps, type PassOutcome } from './run-steps.ts'
import { StepReader } from './step-reader.ts'
import { versionToRow, type VersionState } from '../plan/version-state.ts'

/** Everything a run needs. It holds the lock, and the tables are there. */
export interface RunInput extends Preparation {
  readonly driver: Driver
  readonly readStep: ReadStep
  /** The versions to plan with, in ascending order. */
  readonly migrations: readonly Migration[]
  /** Versions below the version row that are to be applied before all else. */
  readonly outOfOrderMigrations: readonly Migration[]
  readonly identity: RunIdentity
  readonly emit: MigratorEventListener
  readonly lockTimeoutMs: number
  /** Where to go, one after the other; `back` is where the run began. */
  readonly targets: readonly (Target | 'back')[]
  readonly options: RunOptions
  /** With `up`, a target below the version row is nothing to do. */
  readonly only?: 'up'
}

interface Pass {
  readonly state: VersionState
  readonly outcome: PassOutcome
}

const confirmed: Durability = { confirmed: true }

/** Runs to each target in turn, closes durably, and says what came of it. */
export const executeRun = async (input: RunInput): Promise<RunResult> => {
  const startedAt = performance.now()
  const { driver, migrations, state: from } = input
  const context = newRunContext(input)
  const targets = input.targets.map((target) =>
    target === 'back' ? from.version : resolveTarget(migrations, from, target),
  )
  let pass: Pass = { state: from, outcome: 'done' }
  try {
    const afterOutOfOrder =
      input.outOfOrderMigrations.length === 0 ? 0 : stepsAhead(input, from.version, targets)
    pass = await runOutOfOrder(input, context, pass.state, afterOutOfOrder)
    for (const [index, to] of pass.outcome === 'stopped' ? [] : targets.entries()) {
      const ahead = stepsAhead(input, to, targets.slice(index + 1))
      pass = await runTo(input, context, pass.state, to, ahead)
      if (pass.outcome === 'stopped') break
    }
  } catch (error) {
    throw await explainFailure(input.identity, context, error)
  }
  const durability = context.results.length === 0 ? confirmed : await driver.makeDurable()
  if (!durability.confirmed) {
    const message = `Not confirmed on disk: ${durability.reason}`
    input.emit({ type: 'warning', code: 'not-durable', message })
  }
  return {
    steps: context.results,
    from,
    to: pass.state,
    durability,
    stopped: pass.outcome === 'stopped',
    durationMs: performance.now() - startedAt,
  }
}

/** Nothing applied sorts below every version. */
const isAbove = (a: Version | null, b: Version | null): boolean => versionToRow(a) > versionToRow(b)

/** Whether going up (or down) there is nothing left to do. */
const isReached = (upwards: boolean, at: Version | null, to: Version | null): boolean =>
  upwards ? !isAbove(to, at) : !isAbove(at, to)

/** How many steps go from one version to the next, and on to all others: those that are counted before they are due. */
const stepsAhead = (
  { migrations, only }: RunInput,
  from: Version | null,
  targets: readonly (Version | null)[],
): number => {
  let steps = 0
  let at = from
  for (const to of targets) {
    const upwards = isAbove(to, at) || only === 'up'
    if (isReached(upwards, at, to)) continue
    steps += plan(migrations, { version: at, dirty: false }, to).length
    at = to
  }
  return steps
}

/**
 * Runs to one version. Where somebody else moves the version row meanwhile, the rest is planned anew, never in the other
 * direction, and not for ever: see {@link Replanning}.
 */
const runTo = async (
  input: RunInput,
  context: RunContext,
  start: VersionState,
  to: Version | null,
  ahead: number,
): Promise<Pass> => {
  const { driver, migrations, options } = input
  const upwards = isAbove(to, start.version) || input.only === 'up'
  const replanning = new Replanning(driver, upwards, start, context.results.length)
  let state = start
  for (;;) {
    const reached = isReached(upwards, state.version, to)
    const steps = reached && !state.dirty ? [] : plan(migrations, state, to)
    requireDowns(input, steps, options.missingDown ?? 'error')
    const reader = announcePass(input, context, steps, state, ahead)
    const outcome = await runSteps(context, reader)
    if (outcome !== 'changed') {
      const last = steps[reader.consumed - 1]
      return { state: last === undefined ? state : { version: last.to, dirty: false }, outcome }
    }
    state = await driver.readState()
    await replanning.requireProgress(state, context.results.length)
  }
}

/** Applies versions below the version row, which stays where it is. */
const runOutOfOrder = async (
  input: RunInput,
  context: RunContext,
  state: VersionState,
  ahead: number,
): Promise<Pass> => {
  const { outOfOrderMigrations } = input
  if (outOfOrderMigrations.length === 0 || state.version === null) return { state, outcome: 'done' }
  requireClean(state)
  const reader = announcePass(
    input,
    context,
    planOutOfOrder(outOfOrderMigrations, state.version),
    state,
    ahead,
  )
  const outcome = await runSteps(context, reader)
  if (outcome === 'changed') {
    throw new MigrateError(
      'STATE_CHANGED',
      'The version was moved while late versions were applied',
    )
  }
  return { state, outcome }
}

/** Tells what is going to run, and gives the reader of its scripts. */
const announcePass = (
  input: RunInput,
  context: RunContext,
  steps: readonly MigrationStep[],
  state: VersionState,
  ahead: number,
): StepReader => {
  const { driver, readStep } = input
  context.steps = context.results.length + steps.length + ahead
  input.emit({ type: 'planned', steps: context.steps, state })
  return new StepReader(steps, driver.capabilities.batchSize, readStep)
}

/** Refuses, or tells of, versions on the way down that have no down file. */
const requireDowns = (
  input: RunInput,
  steps: readonly MigrationStep[],
  missingDown: 'error' | 'skip',
): void => {
  const missing = steps.filter(({ direction, file }) => direction === 'down' && file === undefined)
  if (missing.length === 0) return
  const versions = missing.map(({ version }) => version)
  if (missingDown === 'error') {
    throw new MigrateError(
      'MISSING_DOWN',
      missing.length === 1
        ? `Version ${versions.join()} has no down file`
        : `${missing.length} versions on the way down have no down file: ${versions.join(', ')}`,
      { details: { versions } },
    )
  }
  for (const version of versions) {
    const message = `Version ${version} has no down file: the version moves over it, nothing runs`
    input.emit({ type: 'warning', code: 'down-skipped', message })
  }
}
