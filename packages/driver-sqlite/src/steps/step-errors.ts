import { statementError, type MigrateError, type PreparedStep } from '@mig/core/driver'
import type { SqliteConnection } from '../session/session.ts'
import { errorOffset } from './failure-place.ts'
import { hintAt, messageOf, resultCode } from './errors.ts'
import { columnsOf } from '../tables/version-table.ts'

/** The error for a statement of a script that SQLite refused. */
export const scriptError = (
  { client }: SqliteConnection,
  step: PreparedStep,
  index: number,
  cause: unknown,
): MigrateError => {
  const statement = step.parsed.statements.at(index)
  const message = messageOf(cause)
  const serverCode = resultCode(cause)
  const within =
    serverCode === undefined || statement === undefined
      ? undefined
      : errorOffset(client, statement.text, message)
  const hint = hintAt(cause, client.name) ?? hintOfMessage(message)
  return statementError(step, {
    index,
    message,
    ...(within === undefined || statement === undefined
      ? {}
      : { offset: statement.start + within }),
    ...(serverCode === undefined ? {} : { serverCode }),
    ...(hint === undefined ? {} : { hint }),
    cause,
  })
}

const hintOfMessage = (message: string): string | undefined =>
  message.startsWith('no such function')
    ? 'SQL functions of a program exist on its own connection only: run the migration from the program and hand its better-sqlite3 client to sqliteDriver({ client }).'
    : undefined

/** The error for a commit that SQLite refused. Called with the transaction still open. */
export const commitError = (
  connection: SqliteConnection,
  step: PreparedStep,
  index: number | undefined,
  cause: unknown,
): MigrateError => {
  const serverCode = resultCode(cause)
  const detail =
    serverCode === 'SQLITE_CONSTRAINT_FOREIGNKEY' ? brokenReferences(connection) : undefined
  const hint = hintAt(cause, connection.client.name)
  return statementError(step, {
    ...(index === undefined ? {} : { index }),
    message: `COMMIT failed: ${messageOf(cause)}`,
    ...(serverCode === undefined ? {} : { serverCode }),
    ...(detail === undefined ? {} : { serverDetail: detail }),
    ...(hint === undefined ? {} : { hint }),
    cause,
  })
}

/** Which tables have rows that refer to nothing. Names only: rows may hold what is nobody's business. */
const brokenReferences = ({ client }: SqliteConnection): string | undefined => {
  try {
    const references = client
      .prepare(
        'SELECT DISTINCT "table", parent FROM pragma_foreign_key_check ORDER BY 1, 2 LIMIT 5',
      )
      .all()
      .map((row) => columnsOf(row)?.map(String) ?? [])
    if (references.length === 0) return undefined
    return references
      .map(([table, parent]) => `"${table}" has rows that refer to no row of "${parent}"`)
      .join('; ')
  } catch {
    // A table of the schema may be missing altogether; the commit's own error says enough.
    return undefined
  }
}

/** The error for a script that changed the version table. */
export const versionTableTouched = (
  { versionTableName }: SqliteConnection,
  step: PreparedStep,
  cause?: unknown,
): MigrateError =>
  statementError(step, {
    message: `The migration changed the version table "${versionTableName}" or the ledger beside it`,
    hint: 'Take the statements that touch these tables out of the file: mig keeps them.',
    cause,
  })

/** The error for a script that ended the transaction around it. */
export const transactionEnded = (step: PreparedStep, cause?: unknown): MigrateError =>
  statementError(step, {
    message: 'The migration ended the transaction it ran in',
    hint: 'Put "-- mig: transaction=none" at the head of the file to run it as it stands.',
    cause,
  })
