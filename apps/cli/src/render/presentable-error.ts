import { MigrateError, type FailedStep } from '@mig/core'
import type { Redactor } from '@mig/app-kit/secrets'

/** How much of what others said is passed on. */
export interface Limits {
  /** Characters of a message, an explanation or a line of a file. */
  readonly characters: number
  readonly lines: number
}

/** A page that people read: a few screens. */
export const pageLimits: Limits = { characters: 4000, lines: 60 }
/** What programs read. */
export const jsonLimits: Limits = { characters: 60_000, lines: Infinity }

/** A text of others, no longer than it is read, and what is left out said at its end. */
export const cut = (text: string, { characters, lines }: Limits): string => {
  let end = Math.min(text.length, characters)
  for (let line = 0, at = -1; line < lines; line++) {
    at = text.indexOf('\n', at + 1)
    if (at === -1 || at >= end) break
    if (line === lines - 1) end = at
  }
  const left = text.length - end
  return left === 0 ? text : `${text.slice(0, end)}… (${left} more characters)`
}

/**
 * An error as it may be shown: the texts of others in it without secrets and cut, names of files and versions as they
 * are. A page cuts the line of a file itself, around the column.
 */
export const presentableError = (
  error: MigrateError,
  redactor: Redactor,
  limits: Limits,
): MigrateError => {
  const text = (value: string): string => cut(redactor.redact(value), limits)
  const line = limits === pageLimits ? (value: string) => redactor.redact(value) : text
  const { failed, excerpt, holder, unconfirmed, ...own } = error.details
  const copy = new MigrateError(error.code, text(error.message), {
    ...(error.hint === undefined ? {} : { hint: text(error.hint) }),
    details: {
      ...own,
      ...(failed === undefined ? {} : { failed: presentableStep(failed, text, line) }),
      ...(excerpt === undefined ? {} : { excerpt: line(excerpt) }),
      ...(holder === undefined ? {} : { holder: text(holder) }),
      ...(unconfirmed === undefined ? {} : { unconfirmed: text(unconfirmed) }),
    },
    cause: error.cause,
  })
  // Where the error was made, for --verbose.
  if (error.stack !== undefined) copy.stack = text(error.stack)
  return copy
}

type Change = (text: string) => string

const presentableStep = (failed: FailedStep, text: Change, line: Change): FailedStep => {
  const { serverMessage, serverDetail, serverHint, excerpt, ...own } = failed
  return {
    ...own,
    ...(serverMessage === undefined ? {} : { serverMessage: text(serverMessage) }),
    ...(serverDetail === undefined ? {} : { serverDetail: text(serverDetail) }),
    ...(serverHint === undefined ? {} : { serverHint: text(serverHint) }),
    ...(excerpt === undefined ? {} : { excerpt: line(excerpt) }),
  }
}
