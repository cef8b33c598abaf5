import {
  AnswerLimitError,
  isMigrateError,
  MigrateError,
  offsetOfCharacter,
  type PreparedStep,
  statementError,
} from '@mig/core/driver'
import { isServerError } from '../session/exchange.ts'

/** What the server says in an error, as `pg` hands it on. */
export interface ServerError extends Error {
  readonly code: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  readonly position?: string | undefined
  readonly routine?: string | undefined
}

/** An error as the server's own, or nothing where it is one of the connection. */
export const serverErrorOf = (error: unknown): ServerError | undefined =>
  isServerError(error) ? (error as ServerError) : undefined

const lossCodes: ReadonlySet<string> = new Set(['57P01', '57P02', '57P05', '25P03', '25P04'])

/** Whether an error means that the session is gone. */
export const isConnectionLoss = (error: unknown): boolean => {
  const server = serverErrorOf(error)
  if (server === undefined) return true
  return lossCodes.has(server.code) || server.code.startsWith('08')
}

/** What an error says, in one line; some errors of the network have a code and no message. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

const hintsOfOwnStatements: Readonly<Record<string, string>> = {
  '42501': 'Grant the rights that the README of @mig/driver-postgres lists.',
  '42703':
    'The version table was made by another tool. Name another one with --migrations-table or x-migrations-table.',
  '25006': 'The server or the session is read-only: connect to the primary.',
}

/** The error for a statement of mig's own that failed. `advice` is for this one, in place of what its code says. */
export const databaseError = (error: unknown, what: string, advice?: string): MigrateError => {
  if (isMigrateError(error)) return error
  if (isConnectionLoss(error)) {
    const message =
      error instanceof AnswerLimitError
        ? `${what}: ${error.message}`
        : `The connection broke: ${reasonOf(error)}`
    return new MigrateError('CONNECTION_LOST', message, { cause: error })
  }
  const server = serverErrorOf(error)
  const hint = advice ?? (server === undefined ? undefined : hintsOfOwnStatements[server.code])
  return new MigrateError('DATABASE_FAILED', `${what}: ${reasonOf(error)}`, {
    ...(hint === undefined ? {} : { hint }),
    details: server === undefined ? {} : { serverCode: server.code },
    cause: error,
  })
}

const runAsItStands = 'Put the line "-- mig: transaction=none" at the head of the file.'

const hintsOfScripts: Readonly<Record<string, string>> = {
  '25001': `It cannot run inside a transaction. ${runAsItStands}`,
  '2D000': `It ends the transaction that it runs in. ${runAsItStands}`,
  '55P03': 'The lock_timeout of the session ended the wait for a lock.',
}

const hintOf = (error: ServerError): string | undefined => {
  // The server has one code for three causes and says which in its message only; its routine is the same for all.
  if (error.code === '57014' && error.message.includes('statement timeout')) {
    return 'The statement_timeout of the session or the role ended it.'
  }
  return hintsOfScripts[error.code]
}

/** The UTF-16 offset in a text of a position that the server counts from 1. */
export const offsetOfPosition = (text: string, position: number, countsBytes: boolean): number =>
  countsBytes
    ? Buffer.from(text)
        .subarray(0, position - 1)
        .toString().length
    : offsetOfCharacter(text, position)

/** Where a step failed, and what mig adds. */
export interface StepFailure {
  /** Index of the statement; absent where it is none of the script's. */
  readonly index?: number
  /** Offset in the script. */
  readonly offset?: number
  readonly hint?: string
}

/** The error for a step that failed: `MIGRATION_FAILED` with its place, or `CONNECTION_LOST`. */
export const stepError = (
  step: PreparedStep,
  error: unknown,
  failure: StepFailure,
): MigrateError => {
  const server = serverErrorOf(error)
  if (server === undefined || isConnectionLoss(error)) return databaseError(error, 'The step')
  const hint = failure.hint ?? hintOf(server)
  return statementError(step, {
    ...(failure.index === undefined ? {} : { index: failure.index }),
    ...(failure.offset === undefined ? {} : { offset: failure.offset }),
    message: server.message,
    serverCode: server.code,
    ...(server.detail === undefined ? {} : { serverDetail: server.detail }),
    ...(server.hint === undefined ? {} : { serverHint: server.hint }),
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}
