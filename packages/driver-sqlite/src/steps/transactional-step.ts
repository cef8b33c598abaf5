import { randomBytes } from 'node:crypto'
import {
  sameState,
  statementError,
  type TransactionalStep,
  type PreparedStep,
  type Statement,
  type Version,
} from '@mig/core/driver'
import { sqliteNeedsOwnTransaction } from '@mig/sql'
import type { SqliteClient } from '../connect/client.ts'
import type { SqliteConnection } from '../session/session.ts'
import { databaseError, resultCode } from './errors.ts'
import { appendEvent } from '../tables/ledger.ts'
import {
  begin,
  yieldToEventLoop,
  commit,
  rollback,
  throwIfAborted,
  whenFree,
} from '../lock/lock.ts'
import { isSessionPragma, readPragma } from '../session/pragma-snapshot.ts'
import { scriptError, commitError, versionTableTouched, transactionEnded } from './step-errors.ts'
import { markClean, markDirty, readVersion } from '../tables/version-table.ts'

/** What came of a step that ran alone. */
export type AloneOutcome =
  | { readonly kind: 'applied'; readonly durationMs: number }
  | { readonly kind: 'changed' }
  | { readonly kind: 'busy' }

/** After how long a large script lets signals and timers have their turn. */
const breathAfterMs = 50

let secret: string | undefined
let savepoints = 0

/** A name that no script can know, and that is used once. */
export const savepointName = (): string => {
  secret ??= randomBytes(8).toString('hex')
  return `mig_${secret}_${++savepoints}`
}

/** Runs one step in a transaction of its own, in the place of the block that the script brings along, if it has one. */
export const runAlone = async (
  connection: SqliteConnection,
  step: TransactionalStep,
  signal?: AbortSignal,
): Promise<AloneOutcome> => {
  if (!sqliteNeedsOwnTransaction(step.parsed)) return transact(connection, step, signal)
  connection.remember()
  const allowed = allowsWritableSchema(connection, step)
  let outcome: AloneOutcome
  try {
    outcome = await transact(connection, step, signal)
  } finally {
    if (allowed) connection.client.unsafeMode?.(false)
  }
  // After an error it is `recover` that puts the connection back.
  connection.restore()
  return outcome
}

const writesSchema = ({ parsed }: TransactionalStep): boolean => {
  for (const { text } of parsed.statements) {
    if (/\bwritable_schema\b/i.test(text)) return true
  }
  return false
}

/** SQLite guards its schema table in the mode better-sqlite3 opens with, silently; a script that asks for it means it. */
const allowsWritableSchema = (
  { owned, client }: SqliteConnection,
  step: TransactionalStep,
): boolean => {
  if (!owned || !writesSchema(step)) return false
  client.unsafeMode?.(true)
  return true
}

const transact = async (
  connection: SqliteConnection,
  step: TransactionalStep,
  signal: AbortSignal | undefined,
): Promise<AloneOutcome> => {
  const startedAt = performance.now()
  const { client } = connection
  const parts = cut(step)
  if (parts.before > 0 && !(await isAt(connection, step.from))) return { kind: 'changed' }
  await runStatements(connection, step, 0, parts.before, signal)
  if (!begin(connection, parts.begin)) return { kind: 'busy' }
  try {
    const savepoint = savepointName()
    client.exec(`SAVEPOINT ${savepoint}`)
    if (!markDirty(connection, step.from, step.to)) {
      rollback(connection)
      return { kind: 'changed' }
    }
    await runStatements(connection, step, parts.first, parts.end, signal)
    // A script that sets this does not run beside others.
    if (readPragma(client, 'query_only') === '1') client.exec('PRAGMA query_only=0')
    closeStep(connection, step, savepoint, performance.now() - startedAt)
    if (!(await commitStep(connection, step, parts.commit))) return { kind: 'busy' }
  } catch (error) {
    rollback(connection)
    throw databaseError(error, 'write the version table', client.name)
  }
  await runStatements(connection, step, parts.after, step.parsed.statements.length, signal)
  return { kind: 'applied', durationMs: performance.now() - startedAt }
}

/** Whether the version row is where a step begins, before anything of it runs. */
const isAt = async (connection: SqliteConnection, version: Version | null): Promise<boolean> =>
  sameState(await whenFree(connection, 'read the version table', () => readVersion(connection)), {
    version,
    dirty: false,
  })

interface Parts {
  readonly begin: 'BEGIN IMMEDIATE' | 'BEGIN EXCLUSIVE'
  /** How many statements stand before the transaction. */
  readonly before: number
  /** The statements inside of the transaction: from `first`, before `end`. */
  readonly first: number
  readonly end: number
  /** The script's own COMMIT. */
  readonly commit?: number
  /** The first statement after the transaction. */
  readonly after: number
}

/** Settings that can be changed only outside of a transaction. */
const outsideOnly = new Set(['PRAGMA foreign_keys', 'PRAGMA synchronous', 'PRAGMA temp_store'])

/** Which statements of a script run before, in and after the transaction. */
const cut = ({ block, parsed: { statements } }: TransactionalStep): Parts => {
  const { length } = statements
  if (block !== undefined) {
    // The version row's first write takes the lock anyway, so that nothing may come in between.
    const exclusive = /^begin\s+exclusive/i.test(statements.at(block.begin)?.text ?? '')
    return {
      begin: exclusive ? 'BEGIN EXCLUSIVE' : 'BEGIN IMMEDIATE',
      before: block.begin,
      first: block.begin + 1,
      end: block.end,
      commit: block.end,
      after: block.end + 1,
    }
  }
  // A script that opens with such a PRAGMA wants it to take effect, which it would not inside.
  let before = 0
  for (let index = 0; isMovable(statements.at(index)); index++) {
    if (outsideOnly.has(statements.at(index)?.command ?? '')) before = index + 1
  }
  return { begin: 'BEGIN IMMEDIATE', before, first: before, end: length, after: length }
}

/** Settings that mean the same before the transaction: not those that a commit ends, or that forbid to write. */
const isMovable = (statement: Statement | undefined): boolean => {
  const name = /^PRAGMA (\w+)$/.exec(statement?.command ?? '')?.[1]
  return (
    name !== undefined &&
    isSessionPragma(name) &&
    name !== 'defer_foreign_keys' &&
    name !== 'query_only'
  )
}

const runStatements = async (
  connection: SqliteConnection,
  step: TransactionalStep,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<void> => {
  let breathAt = performance.now() + breathAfterMs
  for (let index = from; index < to; index++) {
    runStatement(connection, step, index)
    if (performance.now() < breathAt) continue
    await yieldToEventLoop(connection)
    throwIfAborted(signal)
    breathAt = performance.now() + breathAfterMs
  }
}

/** Runs one statement of a script. Rows it returns are thrown away as they come. */
export const runStatement = (
  connection: SqliteConnection,
  step: PreparedStep,
  index: number,
): void => {
  const statement = step.parsed.statements.at(index)
  if (statement === undefined) return
  const { client } = connection
  try {
    client.exec(statement.text)
  } catch (error) {
    throw scriptError(connection, step, index, error)
  }
  if (statement.command === 'PRAGMA foreign_keys') requireEffect(client, step, index, statement)
}

/** With foreign keys left on, the table rebuild that usually follows would delete rows of other tables. */
const requireEffect = (
  client: SqliteClient,
  step: PreparedStep,
  index: number,
  { text }: Statement,
): void => {
  if (!client.inTransaction || !/\b(?:off|0|false|no)\b\W*$/i.test(text)) return
  if (readPragma(client, 'foreign_keys') === '0') return
  throw statementError(step, {
    index,
    message: 'PRAGMA foreign_keys has no effect inside a transaction, and foreign keys are on',
    hint: 'Move it to the head of the file, before everything else.',
  })
}

/** The last writes of a step, after its script and in its transaction. */
const closeStep = (
  connection: SqliteConnection,
  step: PreparedStep,
  savepoint: string,
  durationMs: number,
): void => {
  const { client } = connection
  if (!client.inTransaction) throw transactionEnded(step)
  try {
    if (!markClean(connection, step.to)) throw versionTableTouched(connection, step)
    appendEvent(connection, { ...step.entry, durationMs })
  } catch (error) {
    throw isOfSchema(error)
      ? versionTableTouched(connection, step, error)
      : databaseError(error, 'write the version table', connection.client.name)
  }
  try {
    client.exec(`RELEASE ${savepoint}`)
  } catch (error) {
    throw transactionEnded(step, error)
  }
}

/** A table or a column of ours is not what it was. */
const isOfSchema = (error: unknown): boolean =>
  /^SQLITE_(?:ERROR|CONSTRAINT|MISMATCH)/.test(resultCode(error) ?? '')

const commitStep = async (
  connection: SqliteConnection,
  step: TransactionalStep,
  index: number | undefined,
): Promise<boolean> => {
  try {
    return await commit(connection)
  } catch (error) {
    throw commitError(connection, step, index, error)
  }
}
