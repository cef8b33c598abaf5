import type { Direction, Version } from '../plan/migration.ts'
import type { ChangedFile, StepResult } from '../migrator/results.ts'
import type { VersionState } from '../plan/version-state.ts'
import type { StepEffect } from '../run/step-effect.ts'
import { usualHint, type MigrateErrorCode } from './error-catalog.ts'

export type { MigrateErrorCode }

/** The step that failed, and where in its script. */
export interface FailedStep {
  readonly version: Version
  readonly direction: Direction
  readonly title: string
  readonly file?: string
  /** 1-based number of the failing statement, and how many there are. */
  readonly statement?: number
  readonly statements?: number
  /** Position in the file, counted from 1, columns in characters. */
  readonly line?: number
  readonly column?: number
  /** The line of the file at `line`. */
  readonly excerpt?: string
  /** What is in effect of it, where that is known. Only with a state that is dirty. */
  readonly effect?: StepEffect
  readonly serverMessage?: string
  /** SQLSTATE or the like. */
  readonly serverCode?: string
  readonly serverDetail?: string
  readonly serverHint?: string
}

/** What an error knows besides its message. Which fields are there depends on the code. */
export interface MigrateErrorDetails {
  /** Steps done before the failure, in order. */
  readonly applied?: readonly StepResult[]
  readonly failed?: FailedStep
  /** The state that was read back after the failure; `null` where it could not be read. */
  readonly state?: VersionState | null
  readonly versions?: readonly Version[]
  readonly version?: Version | null
  readonly file?: string
  readonly files?: readonly string[]
  /** Files that are not what was applied, each with both checksums. */
  readonly changed?: readonly ChangedFile[]
  readonly line?: number
  readonly column?: number
  readonly excerpt?: string
  readonly option?: string
  readonly holder?: string
  readonly timeoutMs?: number
  /** For `CONNECTION_FAILED`: trying again may help (the server is not up yet). */
  readonly retryable?: boolean
  readonly serverCode?: string
  readonly scheme?: string
  /** What the run could not confirm: steps that may not be on disk. */
  readonly unconfirmed?: string
}

/** How a {@link MigrateError} is made. */
export interface MigrateErrorOptions {
  /** The next command or edit. Default is the catalog's hint for the code. */
  readonly hint?: string
  readonly details?: MigrateErrorDetails
  /** The error this one stands for, untouched. */
  readonly cause?: unknown
}

const longestText = 10_000
/** A text that was cut is a little longer, and is not cut again. */
const slack = 100

/** A text that a server or a file may have made as long as it likes, cut so that it can be kept, printed and read. */
const cutText = (text: string): string => {
  if (text.length <= longestText + slack) return text
  // A character of two code units must not be cut in half.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(longestText - 1)) ? longestText - 1 : longestText
  return `${text.slice(0, end)}… (${text.length - end} more characters)`
}

/** What a server says of a failed step is as long as the server likes. */
const cutDetails = (details: MigrateErrorDetails): MigrateErrorDetails => {
  const { failed } = details
  if (failed === undefined) return details
  const { serverMessage, serverDetail, serverHint } = failed
  return {
    ...details,
    failed: {
      ...failed,
      ...(serverMessage === undefined ? {} : { serverMessage: cutText(serverMessage) }),
      ...(serverDetail === undefined ? {} : { serverDetail: cutText(serverDetail) }),
      ...(serverHint === undefined ? {} : { serverHint: cutText(serverHint) }),
    },
  }
}

const mark = Symbol.for('@mig/core/MigrateError')

/**
 * The one error class of mig. Callers switch on `code`. Texts of more than 10 000 characters are cut.
 *
 * @example
 * ```ts
 * import { isMigrateError, type Migrator } from '@mig/core'
 *
 * export const upOrExplain = async (migrator: Migrator): Promise<void> => {
 *   try {
 *     await migrator.up()
 *   } catch (error) {
 *     if (isMigrateError(error) && error.code === 'DIRTY_DATABASE') console.error(error.hint)
 *     throw error
 *   }
 * }
 * ```
 */
export class MigrateError extends Error {
  /**
   * What kind of failure it is. A driver with a later copy of this package may throw a code that this release does not
   * know: message, hint, details and cause are then those of the driver.
   */
  readonly code: MigrateErrorCode
  readonly hint: string | undefined
  readonly details: MigrateErrorDetails

  constructor(code: MigrateErrorCode, message: string, options: MigrateErrorOptions = {}) {
    super(cutText(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MigrateError'
    this.code = code
    const hint = options.hint ?? usualHint(code)
    this.hint = hint === undefined ? undefined : cutText(hint)
    this.details = cutDetails(options.details ?? {})
    Object.defineProperty(this, mark, { value: true })
  }
}

/** Whether a value is a {@link MigrateError}, also one made by another copy of this package. */
export const isMigrateError = (value: unknown): value is MigrateError =>
  typeof value === 'object' && value !== null && mark in value

/** The same error with more details; what is already there stays. */
export const withDetails = (error: MigrateError, details: MigrateErrorDetails): MigrateError =>
  new MigrateError(error.code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { ...details, ...error.details },
    cause: error.cause,
  })
