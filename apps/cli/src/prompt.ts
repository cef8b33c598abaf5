import { MigrateError } from '@mig/core'
import type { Runtime } from './runtime.ts'

/** A question that stands between a command and something that cannot be undone. */
export interface Question {
  /** What is about to happen, one sentence. */
  readonly message: string
  /** What has to be typed: a database's name, or `yes`. */
  readonly expected: string
  /** The flag that answers it, for where nobody can be asked. */
  readonly flag: string
}

/**
 * Asks, and returns where the answer is the expected one.
 *
 * Throws `CONFIRMATION_REQUIRED` where there is no terminal to ask at, `ABORTED` for any other answer.
 */
export const ask = async (
  question: Question,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<void> => {
  const { message, expected, flag } = question
  if (runtime.stdin.isTTY !== true || !runtime.stderr.isTTY) {
    throw new MigrateError('CONFIRMATION_REQUIRED', `${message} There is no terminal to ask at.`, {
      hint: `Pass ${flag} to go on without a question.`,
      details: { option: flag },
    })
  }
  const { createInterface } = await import('node:readline/promises')
  runtime.stderr.write(`${message}\n`)
  // The prompt goes to stderr by hand: readline would write it to the terminal past the redactor.
  runtime.stderr.write(`Type "${expected}" to go on: `)
  const reader = createInterface({ input: runtime.stdin })
  const closed = new Promise<string>((resolve) => {
    reader.once('close', () => resolve(''))
    signal?.addEventListener('abort', () => resolve(''))
  })
  try {
    const answer = await Promise.race([reader.question(''), closed])
    if (answer.trim() === expected) return
  } finally {
    reader.close()
  }
  throw new MigrateError('ABORTED', 'Not confirmed: nothing was changed')
}
