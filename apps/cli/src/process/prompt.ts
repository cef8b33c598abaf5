import { MigrateError } from '@mig/core'
import { field, lines, printable, shown, type Shown } from '@mig/app-kit/terminal'
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
  runtime.stderr.write(lines(printable(message, '  ')))
  const answer = await prompt(shown`Type "${field(expected)}" to go on: `, runtime, signal)
  if (answer === expected) return
  throw new MigrateError('ABORTED', 'Not confirmed: nothing was changed')
}

/** Lets the user choose by typing one of some words. Nothing where there is no terminal, or for any other answer. */
export const choose = async (
  answers: readonly string[],
  runtime: Runtime,
): Promise<string | undefined> => {
  if (runtime.stdin.isTTY !== true || !runtime.stderr.isTTY) return undefined
  const names = answers.map((answer) => `"${answer}"`).join(' or ')
  const answer = await prompt(shown`Type ${field(names)}, or nothing to leave it: `, runtime)
  if (answers.includes(answer)) return answer
  throw new MigrateError('ABORTED', 'Nothing was changed')
}

/** Reads one line from the terminal. The question goes to stderr by hand: readline would pass the redactor by. */
const prompt = async (question: Shown, runtime: Runtime, signal?: AbortSignal): Promise<string> => {
  const { createInterface } = await import('node:readline/promises')
  runtime.stderr.write(question)
  const reader = createInterface({ input: runtime.stdin })
  const closed = new Promise<string>((resolve) => {
    reader.once('close', () => resolve(''))
    signal?.addEventListener('abort', () => resolve(''))
  })
  try {
    return (await Promise.race([reader.question(''), closed])).trim()
  } finally {
    reader.close()
  }
}
