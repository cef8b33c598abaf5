import {
  type TransactionalOutcome,
  type TransactionalProgress,
  type TransactionalStep,
} from '@mig/core/driver'
import { sqliteNeedsOwnTransaction } from '@mig/sql'
import { runAlone, runStatement, savepointName } from './transactional-step.ts'
import type { SqliteConnection } from '../session/session.ts'
import { appendEvent } from '../tables/ledger.ts'
import { begin, commit, rollback, throwIfAborted } from '../lock/lock.ts'
import { versionTableTouched } from './step-errors.ts'
import { markClean, markDirty, moveDirty } from '../tables/version-table.ts'

type Steps = readonly [TransactionalStep, ...TransactionalStep[]]

const unwatched: TransactionalProgress = { begun: () => true, done: () => undefined }

const longestBatchMs = 100
const largestBatch = 1_000_000

/**
 * Runs the first of the offered steps, with those after it that may share its transaction: a commit costs more than
 * most migrations.
 */
export const runTransactional = async (
  connection: SqliteConnection,
  steps: Steps,
  signal?: AbortSignal,
  progress: TransactionalProgress = unwatched,
): Promise<TransactionalOutcome> => {
  throwIfAborted(signal)
  connection.requireIdle()
  const shared = sharing(steps)
  return shared.length > 1
    ? runTogether(connection, shared, signal, progress)
    : runOneByOne(connection, [steps[0]], signal, progress)
}

/** The steps at the front that leave transaction and connection alone. */
const sharing = (steps: readonly TransactionalStep[]): readonly TransactionalStep[] => {
  let size = 0
  const end = steps.findIndex(({ script, parsed }) => {
    size += script.length
    return size > largestBatch || sqliteNeedsOwnTransaction(parsed)
  })
  return end === -1 ? steps : steps.slice(0, end)
}

const runTogether = async (
  connection: SqliteConnection,
  steps: readonly TransactionalStep[],
  signal: AbortSignal | undefined,
  progress: TransactionalProgress,
): Promise<TransactionalOutcome> => {
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
      for (let statement = 0; statement < step.parsed.statements.length; statement++) {
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
  readonly step: TransactionalStep
  readonly durationMs: number
}

/**
 * Marks a step as begun, which after another one also says that that one is done. `false` where the version row is not
 * where the first step begins.
 */
const mark = (
  connection: SqliteConnection,
  previous: TransactionalStep | undefined,
  step: TransactionalStep,
): boolean => {
  if (previous === undefined) return markDirty(connection, step.from, step.to)
  if (!moveDirty(connection, previous.to, step.to)) throw versionTableTouched(connection, previous)
  return true
}

/**
 * The last writes of a batch. The ledger's come all at once: a script that changes the schema makes SQLite prepare every
 * statement anew.
 */
const closeBatch = (connection: SqliteConnection, done: readonly DoneStep[]): void => {
  const last = done.at(-1)?.step
  if (last !== undefined && !markClean(connection, last.to))
    throw versionTableTouched(connection, last)
  for (const { step, durationMs } of done) appendEvent(connection, { ...step.entry, durationMs })
}

/** One transaction each. */
const runOneByOne = async (
  connection: SqliteConnection,
  steps: readonly TransactionalStep[],
  signal: AbortSignal | undefined,
  progress: TransactionalProgress,
): Promise<TransactionalOutcome> => {
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
