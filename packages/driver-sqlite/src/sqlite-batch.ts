import { type AtomicOutcome, type AtomicProgress, type AtomicStep } from '@mig/core/driver'
import { sqliteNeedsOwnTransaction } from '@mig/sql'
import { closeStep, runAlone, runStatement, savepointName } from './sqlite-atomic.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import { begin, commit, rollback, throwIfAborted } from './sqlite-lock.ts'
import { markDirty } from './sqlite-version-table.ts'

type Steps = readonly [AtomicStep, ...AtomicStep[]]

const unwatched: AtomicProgress = { begun: () => true, done: () => undefined }

const longestBatchMs = 100
const largestBatch = 1_000_000

/**
 * Runs the first of the offered steps, with those behind it that may share its transaction: a commit costs more than
 * most migrations.
 */
export const runAtomic = async (
  connection: SqliteConnection,
  steps: Steps,
  signal?: AbortSignal,
  progress: AtomicProgress = unwatched,
): Promise<AtomicOutcome> => {
  throwIfAborted(signal)
  connection.requireIdle()
  const shared = sharing(steps)
  return shared.length > 1
    ? runTogether(connection, shared, signal, progress)
    : runOneByOne(connection, [steps[0]], signal, progress)
}

/** The steps at the front that leave transaction and connection alone. */
const sharing = (steps: readonly AtomicStep[]): readonly AtomicStep[] => {
  let size = 0
  const end = steps.findIndex(({ body, script }) => {
    size += body.length
    return size > largestBatch || sqliteNeedsOwnTransaction(script)
  })
  return end === -1 ? steps : steps.slice(0, end)
}

const runTogether = async (
  connection: SqliteConnection,
  steps: readonly AtomicStep[],
  signal: AbortSignal | undefined,
  progress: AtomicProgress,
): Promise<AtomicOutcome> => {
  if (!begin(connection)) return { kind: 'busy' }
  const startedAt = performance.now()
  const durationsMs: number[] = []
  try {
    for (const [index, step] of steps.entries()) {
      if (index > 0 && !progress.begun(index)) break
      const durationMs = runShared(connection, step)
      if (durationMs === undefined) break
      durationsMs.push(durationMs)
      if (performance.now() - startedAt > longestBatchMs) break
    }
    if (durationsMs.length === 0) {
      rollback(connection)
      return { kind: 'changed' }
    }
    if (!(await commit(connection))) return { kind: 'busy' }
    return { kind: 'applied', durationsMs }
  } catch {
    // Whatever it was, it comes up again below, where it belongs to one step: a deferred constraint fails only here.
    rollback(connection)
  }
  return runOneByOne(connection, steps, signal, progress)
}

/** Runs a step inside the transaction of a batch. Nothing where the marker is not where the step begins. */
const runShared = (connection: SqliteConnection, step: AtomicStep): number | undefined => {
  const startedAt = performance.now()
  const savepoint = savepointName()
  connection.client.exec(`SAVEPOINT ${savepoint}`)
  if (!markDirty(connection, step.from, step.to)) return undefined
  for (let index = 0; index < step.script.statements.length; index++) {
    runStatement(connection, step, index)
  }
  const durationMs = performance.now() - startedAt
  closeStep(connection, step, savepoint, durationMs)
  return durationMs
}

/** One transaction each. */
const runOneByOne = async (
  connection: SqliteConnection,
  steps: readonly AtomicStep[],
  signal: AbortSignal | undefined,
  progress: AtomicProgress,
): Promise<AtomicOutcome> => {
  const durationsMs: number[] = []
  for (const [index, step] of steps.entries()) {
    if (index > 0 && !progress.begun(index)) break
    const outcome = await runAlone(connection, step, signal)
    if (outcome.kind !== 'applied') {
      return durationsMs.length === 0 ? outcome : { kind: 'applied', durationsMs }
    }
    durationsMs.push(outcome.durationMs)
    progress.done(index, outcome.durationMs)
  }
  return { kind: 'applied', durationsMs }
}
