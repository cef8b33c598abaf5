import { type AtomicOutcome, type AtomicProgress, type AtomicStep } from '@mig/core/driver'
import { sqliteNeedsOwnTransaction } from '@mig/sql'
import { runAlone, runStatement, savepointName } from './transactional-step.ts'
import type { SqliteConnection } from '../session/session.ts'
import { appendEvent } from '../tables/ledger.ts'
import { begin, commit, rollback, throwIfAborted } from '../lock/lock.ts'
import { markerTouched } from './step-errors.ts'
import { markClean, markDirty, moveDirty } from '../tables/version-table.ts'

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
  const done: DoneStep[] = []
  try {
    for (const [index, step] of steps.entries()) {
      if (index > 0 && !progress.begun(index)) break
      const stepAt = performance.now()
      const savepoint = savepointName()
      connection.client.exec(`SAVEPOINT ${savepoint}`)
      if (!mark(connection, done.at(-1)?.step, step)) {
        rollback(connection)
        return { kind: 'changed' }
      }
      for (let statement = 0; statement < step.script.statements.length; statement++) {
        runStatement(connection, step, statement)
      }
      connection.client.exec(`RELEASE ${savepoint}`)
      const now = performance.now()
      done.push({ step, durationMs: now - stepAt })
      if (now - startedAt > longestBatchMs) break
    }
    closeBatch(connection, done)
    if (!(await commit(connection))) return { kind: 'busy' }
    return { kind: 'applied', durationsMs: done.map(({ durationMs }) => durationMs) }
  } catch {
    // Whatever it was, it comes up again below, where it belongs to one step: a deferred constraint fails only here.
    rollback(connection)
  }
  return runOneByOne(connection, steps, signal, progress)
}

interface DoneStep {
  readonly step: AtomicStep
  readonly durationMs: number
}

/**
 * Marks a step as begun, which behind another one also says that that one is done. `false` where the marker is not
 * where the first step begins.
 */
const mark = (
  connection: SqliteConnection,
  previous: AtomicStep | undefined,
  step: AtomicStep,
): boolean => {
  if (previous === undefined) return markDirty(connection, step.from, step.to)
  if (!moveDirty(connection, previous.to, step.to)) throw markerTouched(connection, previous)
  return true
}

/**
 * The last writes of a batch. The ledger's come all at once: a body that changes the schema makes SQLite prepare every
 * statement anew.
 */
const closeBatch = (connection: SqliteConnection, done: readonly DoneStep[]): void => {
  const last = done.at(-1)?.step
  if (last !== undefined && !markClean(connection, last.to)) throw markerTouched(connection, last)
  for (const { step, durationMs } of done) appendEvent(connection, { ...step.entry, durationMs })
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
