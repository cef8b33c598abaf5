import {
  type NonTransactionalRun,
  type NonTransactionalStart,
  type NonTransactionalStep,
  type LedgerEntry,
  MigrateError,
  type Statement,
  statementEntry,
  statementError,
  type VersionState,
} from '@mig/core/driver'
import { databaseError, offsetOfPosition, serverErrorOf, stepError } from './errors.ts'
import {
  type InvalidIndex,
  newInvalidIndexes,
  readInvalidIndexes,
} from '../doctor/invalid-indexes.ts'
import { appendToLedger } from '../tables/ledger.ts'
import { takeLock } from '../lock/relock.ts'
import { aborted, isAborted } from '../session/session.ts'
import { waitForDisk } from '../tables/quote.ts'
import { type DriverState, rollBack } from '../state.ts'
import { missingRightOfStep } from './step-rights.ts'
import { timeoutHint, withTimeout } from '../session/timeout.ts'
import {
  isVersionTableChanged,
  moveVersion,
  selectVersion,
  stateOfRow,
} from '../tables/version-table.ts'

const mostDeadlocks = 3

/** Writes the dirty mark of a non-transactional step, durably, if the version row is where the step begins. */
export const beginNonTransactionalStep = async (
  state: DriverState,
  step: NonTransactionalStep,
  deadlocks: Map<string, number>,
): Promise<NonTransactionalStart> => {
  if (state.lock.strategy === 'transaction') {
    throw new MigrateError(
      'INVALID_OPTION',
      `${step.file ?? step.version} cannot run under the lock strategy "transaction": ${step.reason}`,
      {
        hint: 'Run it with --lock=advisory on a direct connection to the server, not through a transaction pooler.',
        details: { option: 'lock', version: step.version },
      },
    )
  }
  const from: VersionState =
    step.resume === true ? { version: step.to, dirty: true } : { version: step.from, dirty: false }
  await openJournal(state)
  if (buildsConcurrently(step)) await letWaitersPass(state)
  const moved = await moveDurably(state, from, { version: step.to, dirty: true }, [
    startedEntry(state, step),
  ])
  if (!moved) return { kind: 'changed' }
  return { kind: 'started', run: nonTransactionalRun(state, step, deadlocks) }
}

/** Without a second session no statement is recorded as it ends, which whoever reads the ledger must know. */
const startedEntry = ({ source }: DriverState, { entry }: NonTransactionalStep): LedgerEntry => ({
  ...entry,
  kind: 'started',
  dirty: true,
  ...(source.second === undefined ? { details: JSON.stringify({ journal: false }) } : {}),
})

const isConcurrent = ({ command, text }: Statement): boolean =>
  /\bCONCURRENTLY\b/i.test(command) ||
  /^\s*(?:CREATE|DROP|REINDEX|ALTER)\b[^'"$]*\bCONCURRENTLY\b/i.test(text)

const buildsConcurrently = ({ parsed }: NonTransactionalStep): boolean => {
  for (const statement of parsed.statements) if (isConcurrent(statement)) return true
  return false
}

/**
 * Gives the lock to those who wait for it inside a statement, as golang-migrate does, and takes it back by polling:
 * a concurrent build waits for every older snapshot, theirs included, and they wait for the lock, so that the two
 * would deadlock.
 */
const letWaitersPass = async (state: DriverState): Promise<void> => {
  const { lock, session } = state
  while (lock.strategy === 'advisory' && lock.held && (await lock.hasWaiters(session))) {
    await lock.unlock(session)
    await takeLock(state)
  }
}

/** Moves the version row in a transaction of its own that waits for the disk. `false` where it was not at `from`. */
const moveDurably = async (
  state: DriverState,
  from: VersionState,
  to: VersionState,
  entries: readonly LedgerEntry[],
  after: readonly string[] = [],
): Promise<boolean> => {
  const { session, ledger, versionTable } = state
  const rows = ledger === undefined ? [] : entries.map((entry) => appendToLedger(ledger, entry))
  const text = [
    ...(after.length > 0 ? state.reset.roles : []),
    'BEGIN',
    waitForDisk,
    ...moveVersion(versionTable, { from, to }),
    ...rows,
    'COMMIT',
    ...after,
  ].join(';\n')
  const { failure } = await session.exchange([{ texts: [text] }])
  if (failure === undefined) {
    state.versionTable = { ...versionTable, extraRows: false }
    return true
  }
  if (!isVersionTableChanged(failure.error)) {
    throw databaseError(failure.error, 'The version could not be written')
  }
  await rollBack(state)
  return false
}

/**
 * Opens the session that the journal goes over, which holds nothing else: on the main one a row could vanish with a
 * transaction of the script. Where no second session is to be had (one client was handed in) nothing is journalled.
 */
const openJournal = async (state: DriverState): Promise<void> => {
  if (state.ledger === undefined) return
  if (state.journal?.broken === true) {
    await state.journal.close()
    state.journal = undefined
  }
  state.journal ??= await state.source.second?.()
}

const writeJournal = async (state: DriverState, entry: LedgerEntry): Promise<void> => {
  if (state.ledger === undefined) return
  if (state.journal?.broken === true) await openJournal(state)
  await state.journal?.query(appendToLedger(state.ledger, entry), 'The ledger could not be written')
}

const nonTransactionalRun = (
  state: DriverState,
  step: NonTransactionalStep,
  deadlocks: Map<string, number>,
): NonTransactionalRun => {
  const { statements } = step.parsed
  const startedAt = performance.now()
  const dirty: VersionState = { version: step.to, dirty: true }
  let effects = false

  const doneEntry = (): LedgerEntry => ({
    ...step.entry,
    durationMs: performance.now() - startedAt,
  })

  const requireIdle = (): void => {
    if (state.session.transaction === 'I') return
    throw statementError(step, {
      index: statements.length - 1,
      message: 'The script leaves a transaction open',
      hint: 'Add the COMMIT that is missing. What stands after the BEGIN is rolled back.',
    })
  }

  const undo = async (made: readonly InvalidIndex[]): Promise<'undone'> => {
    const { session } = state
    await rollBack(state)
    for (const { name } of made) {
      await session.query(`DROP INDEX ${name}`, `The INVALID index ${name} could not be dropped`)
    }
    const clean: VersionState = { version: step.from, dirty: false }
    await moveDurably(state, dirty, clean, [])
    return 'undone'
  }

  const fail = async (
    index: number,
    statement: Statement,
    error: Error,
    known: readonly InvalidIndex[] | undefined,
    hint: string | undefined,
  ): Promise<'undone'> => {
    const { session, facts } = state
    let made: readonly InvalidIndex[] = []
    if (known !== undefined && !session.broken) {
      await rollBack(state)
      made = await newInvalidIndexes(session, known)
    }
    const server = serverErrorOf(error)
    if (server?.code === '40P01' && !effects && known !== undefined && !session.broken) {
      const key = `${step.version} ${step.direction}`
      const count = (deadlocks.get(key) ?? 0) + 1
      deadlocks.set(key, count)
      if (count <= mostDeadlocks) return undo(made)
    }
    const offset =
      server?.position === undefined
        ? statement.start
        : statement.start +
          offsetOfPosition(statement.text, Number(server.position), facts.countsBytes)
    const invalid =
      made.length === 0
        ? undefined
        : `It leaves the INVALID index ${made.map(({ name }) => name).join(', ')}: ` +
          'drop it before the statement is run again.'
    const right = await missingRightOfStep(state, step, error, { index })
    const advice = [hint, right, invalid].filter((text) => text !== undefined).join(' ')
    throw stepError(step, error, { index, offset, ...(advice === '' ? {} : { hint: advice }) })
  }

  return {
    statement: async (index, signal) => {
      const statement = statements.at(index)
      if (statement === undefined) throw new RangeError(`No statement at ${index}`)
      if (isAborted(signal)) throw aborted(signal)
      const { session } = state
      const known = isConcurrent(statement) ? await readInvalidIndexes(session) : undefined
      const timeout = withTimeout(signal, state.settings.statementTimeoutMs)
      const { failure } = await session.exchange(
        [{ texts: [statement.text], keepTags: false }],
        timeout.signal,
      )
      timeout.clear()
      if (failure !== undefined) {
        const timedOut = timeout.timedOut()
        if (isAborted(signal) && !timedOut && !session.broken) {
          throw aborted(signal, failure.error)
        }
        const hint = timedOut ? timeoutHint(state.settings.statementTimeoutMs) : undefined
        return fail(index, statement, failure.error, known, hint)
      }
      effects ||= statement.role !== 'session'
      // Inside the script's own transaction nothing is in effect yet; its end is recorded for all of it.
      if (session.transaction === 'I') {
        await writeJournal(state, statementEntry(step, index))
      }
      return 'done'
    },
    finish: async () => {
      requireIdle()
      const clean: VersionState = { version: step.to, dirty: false }
      const moved = await moveDurably(state, dirty, clean, [doneEntry()], state.reset.all)
      if (!moved) throw await versionMoved(state, step)
      await keepLock(state)
    },
    finishAndBegin: async (next) => {
      requireIdle()
      const { session, lock } = state
      if (buildsConcurrently(next) && (await lock.hasWaiters(session))) return { kind: 'changed' }
      const moved = await moveDurably(
        state,
        dirty,
        { version: next.to, dirty: true },
        [doneEntry(), startedEntry(state, next)],
        state.reset.all,
      )
      if (!moved) throw await versionMoved(state, step)
      await keepLock(state)
      return { kind: 'started', run: nonTransactionalRun(state, next, deadlocks) }
    },
  }
}

/** A script can give the lock away (`pg_advisory_unlock_all()`): takes it again if nobody else has it by now. */
const keepLock = async (state: DriverState): Promise<void> => {
  const { lock, session } = state
  if (!lock.held || (await lock.confirm(session))) return
  const { held } = await lock.tryLock(session)
  if (held) return
  throw new MigrateError(
    'LOCK_LOST',
    'The lock was gone after the step, and somebody else has it',
    {
      hint: 'The script releases advisory locks (pg_advisory_unlock_all, DISCARD ALL): take that out of it.',
    },
  )
}

const versionMoved = async (
  state: DriverState,
  step: NonTransactionalStep,
): Promise<MigrateError> => {
  const [row] = await state.session.query(
    selectVersion(state.versionTable.table),
    'The version could not be read',
  )
  const { version, dirty } = stateOfRow(row)
  return new MigrateError(
    'STATE_CHANGED',
    `The version was moved to ${version ?? 'none'}${dirty ? ' (dirty)' : ''} while version ${step.version} was running`,
    { details: { version } },
  )
}
