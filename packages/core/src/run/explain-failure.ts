import { isMigrateError, MigrateError, withDetails } from '../errors/errors.ts'
import type { PreparedStep } from '../driver/driver.ts'
import { blankEntry, type RunIdentity } from './prepare-step.ts'
import type { RunContext } from './run-context.ts'
import type { StepKind, StepResult } from '../migrator/results.ts'
import { effectOf } from './step-effect.ts'
import type { VersionState } from '../plan/version-state.ts'

/**
 * The error a failed run ends with. What happened is read back from the database, never inferred: steps that were
 * reported and are not there do not count as applied, and a step that is there counts although it ended in an error.
 */
export const explainFailure = async (
  identity: RunIdentity,
  context: RunContext,
  error: unknown,
): Promise<unknown> => {
  const { driver } = context
  if (context.current === undefined && context.results.length === 0) return error
  const failure = isMigrateError(error)
    ? error
    : new MigrateError('DATABASE_FAILED', String(error), { cause: error })

  let state: VersionState
  try {
    state = await driver.recover()
  } catch (recoverError) {
    const reason = isMigrateError(recoverError) ? recoverError.message : String(recoverError)
    return withDetails(withStep(failure, context), {
      applied: context.results,
      state: null,
      unconfirmed: `the state could not be read back: ${reason}`,
    })
  }
  bookJoined(context, state)
  const applied = await appliedAt(context, state, identity)
  const told = withEffect(withStep(failure, context), context, state)
  await record(identity, context, told, state, applied)
  const durability = applied.length === 0 ? undefined : await driver.makeDurable()
  return withDetails(told, {
    applied,
    state,
    ...(durability?.confirmed === false ? { unconfirmed: durability.reason } : {}),
  })
}

/** The mark of the next step also says that the one before it is done, whatever failed after that write. */
const bookJoined = (context: RunContext, state: VersionState): void => {
  const { current, joined, kind } = context
  if (current === undefined || joined === undefined || !state.dirty) return
  if (joined.to !== state.version) return
  // The mark may be the non-transactional step's own. That of a transactional one is never seen.
  if (kind === 'non-transactional' && current.to === state.version) return
  context.results.push(resultOf(current, kind))
  context.current = joined
  context.kind = 'non-transactional'
  context.statement = undefined
}

/** Names the step that was under way, where a run was cut off and the driver could not tell by which statement. */
const withStep = (failure: MigrateError, context: RunContext): MigrateError => {
  const { current, statement } = context
  const cutOff = failure.code === 'ABORTED' || failure.code === 'CONNECTION_LOST'
  if (!cutOff || current === undefined) return failure
  const { version, direction, title, file, parsed } = current
  return withDetails(failure, {
    failed: {
      version,
      direction,
      title,
      ...(file === undefined ? {} : { file }),
      ...(statement === undefined ? {} : { statement }),
      statements: parsed.statements.length,
    },
  })
}

/** Says what is in effect of a non-transactional step that stopped at a statement, where the driver did not. */
const withEffect = (
  failure: MigrateError,
  { current, statement, driver }: RunContext,
  state: VersionState,
): MigrateError => {
  const { failed } = failure.details
  if (!state.dirty || current?.to !== state.version || statement === undefined) return failure
  if (failed?.statement === undefined || failed.effect !== undefined) return failure
  const refused = failure.code === 'MIGRATION_FAILED'
  // Without a code of the server's it was mig that stopped: at the end of the script, say.
  if (refused && failed.serverCode === undefined) return failure
  const effect = effectOf(
    current.parsed.statements,
    driver.capabilities.transactionalDdl ? 'each-transaction' : 'each-statement',
    { statement: failed.statement, refused },
  )
  if (effect === undefined) return failure
  return new MigrateError(failure.code, failure.message, {
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    details: { ...failure.details, failed: { ...failed, effect } },
    cause: failure.cause,
  })
}

/** The steps of this run that the state read back vouches for. */
const appliedAt = async (
  context: RunContext,
  state: VersionState,
  { runId }: RunIdentity,
): Promise<readonly StepResult[]> => {
  const { current, kind, done, results, driver } = context
  if (state.dirty) return results
  if (current !== undefined && current.from === current.to) {
    // A version applied late leaves the version row where it is, so only the ledger knows.
    const ledger = await driver.readLedger?.({ version: current.version, limit: 1 })
    const last = ledger?.events.at(-1)
    if (last?.runId !== runId || last.kind !== current.entry.kind) return results
  }
  // Those after the current one may have run before the failure could be told.
  const begun = current === undefined ? [] : [current, ...context.ahead]
  const reached = begun.findIndex(({ to }) => to === state.version)
  if (reached !== -1) {
    const further = begun
      .slice(0, reached + 1)
      .map((step, index) => resultOf(step, index === 0 ? kind : 'transactional'))
    return [...results, ...further]
  }
  const last = done.findLastIndex(({ to }) => to === state.version)
  if (last !== -1) return results.slice(0, last + 1)
  return done[0]?.from === state.version ? [] : results
}

/** The result of a step whose end nobody saw. */
const resultOf = (
  { version, direction, title, file }: PreparedStep,
  kind: StepKind,
): StepResult => ({
  version,
  direction,
  title,
  ...(file === undefined ? {} : { file }),
  kind: file === undefined ? 'empty' : kind,
  durationMs: 0,
})

/**
 * What the ledger says of a failure. Never what the server said: messages quote SQL and rows, with passwords and personal
 * data in them, and whoever may read the table would read those.
 */
const placeText = ({ code, details: { failed } }: MigrateError): string => {
  const { statement, statements, line, column, serverCode } = failed ?? {}
  const refused = code === 'MIGRATION_FAILED'
  const what =
    statement === undefined ? 'The step' : `Statement ${statement} of ${statements ?? statement}`
  const where = line === undefined ? '' : ` at line ${line}, column ${column ?? 1}`
  return `${what} ${refused ? 'failed' : 'was cut off'}${where}: ${refused ? (serverCode ?? code) : code}`
}

/** Puts the failure on record, where the step did not make it into the database. */
const record = async (
  identity: RunIdentity,
  context: RunContext,
  failure: MigrateError,
  state: VersionState,
  applied: readonly StepResult[],
): Promise<void> => {
  const { current, results } = context
  if (current === undefined || applied.length > results.length) return
  const { failed } = failure.details
  try {
    await context.driver.appendEvent({
      ...blankEntry(identity),
      kind: 'failed',
      version: current.version,
      direction: current.direction,
      title: current.title,
      from: current.from,
      to: state.version,
      dirty: state.dirty,
      statement: failed?.statement ?? null,
      statements: current.parsed.statements.length,
      checksum: current.entry.checksum,
      line: failed?.line ?? null,
      column: failed?.column ?? null,
      // Only what the server refused is known not to be in effect: a connection that broke has codes of its own.
      errorCode:
        failure.code === 'MIGRATION_FAILED' ? (failed?.serverCode ?? failure.code) : failure.code,
      message: placeText(failure),
      // Said as well, since a reader of an earlier release may take a code it does not know for the server's.
      details:
        failed?.statement === undefined || failure.code === 'MIGRATION_FAILED'
          ? null
          : JSON.stringify({ refused: false }),
    })
  } catch (recordError) {
    const reason = isMigrateError(recordError) ? recordError.message : String(recordError)
    context.emit({
      type: 'warning',
      code: 'ledger-unavailable',
      message: `The failure could not be put on record: ${reason}`,
    })
  }
}
