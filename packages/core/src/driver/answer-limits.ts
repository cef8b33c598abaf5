import type { DriverSettings } from './driver.ts'

const defaultLockTimeoutMs = 60_000
const graceMs = 10_000
const longestTimerMs = 2_147_483_647

/** The most that a server may send in answer to one statement of mig's own, in bytes. */
export const longestAnswerBytes: number = 128 * 1024 * 1024

/** The most that one error message or notice of a server may have, in bytes. Real ones have some hundreds. */
export const longestServerMessageBytes: number = 1024 * 1024

/**
 * How long a statement of mig's own may take, in milliseconds: 10 s longer than it may wait for a lock, so that the
 * server's own word comes first. Statements of migrations have no such limit.
 */
export const ownStatementLimitMs = ({
  lockTimeoutMs = defaultLockTimeoutMs,
}: Pick<DriverSettings, 'lockTimeoutMs'>): number =>
  Math.min(lockTimeoutMs + graceMs, longestTimerMs)

/**
 * A server that does not end its answer, or does not give one. The connection is of no use after it. The message is the
 * second half of a sentence: `the server gave no answer within 70 s`.
 */
export class AnswerLimitError extends Error {
  /** As clients mark errors that end the connection. */
  readonly fatal = true

  /** The server was silent for too long. */
  static silent(limitMs: number): AnswerLimitError {
    return new AnswerLimitError(`the server gave no answer within ${limitMs / 1000} s`)
  }

  /** The server sent too much. */
  static endless(bytes: number): AnswerLimitError {
    const most = bytes / (1024 * 1024)
    return new AnswerLimitError(
      `the server sent more than ${most} MB where a short answer was due, and was cut off`,
    )
  }
}
