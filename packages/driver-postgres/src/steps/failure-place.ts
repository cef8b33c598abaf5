import type { StatementList } from '@mig/core/driver'
import { offsetOfPosition, serverErrorOf } from './errors.ts'
import type { ExchangeResult } from '../session/exchange.ts'
import { findCommand, type PartRole, type StepMessages, type StepPart } from './step-message.ts'

/** Where an error of a step belongs. */
export interface FailurePlace {
  /** Which part of the step failed; absent where all of it was done. */
  readonly role?: PartRole
  /** Index of the statement in the script; absent where it is none of the script's. */
  readonly index?: number
  /** Offset in the script, where the server gave a position in it. */
  readonly offset?: number
}

/**
 * Finds the statement that failed: the one that the server's position lies in, else the one after those completed.
 *
 * A mistake in the syntax fails its whole message before the first command, so the position comes first.
 */
export const placeOfFailure = (
  messages: StepMessages,
  statements: StatementList,
  { answers, failure }: ExchangeResult,
  countsBytes: boolean,
): FailurePlace => {
  if (failure === undefined) return {}
  const parts = messages[failure.message] ?? []
  const found = findCommand(parts, answers[failure.message]?.completed ?? 0)
  const role = found === undefined ? {} : { role: found.part.role }
  const { position } = serverErrorOf(failure.error) ?? {}
  if (position !== undefined) {
    const offset = offsetInScript(parts, statements, Number(position), countsBytes)
    if (offset !== undefined)
      return { role: 'script', index: statementAt(statements, offset), offset }
  }
  if (found?.part.first === undefined) return role
  return { ...role, index: found.part.first + found.offset }
}

const offsetInScript = (
  parts: readonly StepPart[],
  statements: StatementList,
  position: number,
  countsBytes: boolean,
): number | undefined => {
  const offset = offsetOfPosition(parts.map(({ text }) => text).join(''), position, countsBytes)
  let partStart = 0
  for (const [index, part] of parts.entries()) {
    const partEnd = partStart + part.text.length
    if (offset < partEnd) {
      if (part.start !== undefined) return part.start + offset - partStart
      // A statement that breaks off makes the server stumble over the delimiter that mig puts after it.
      const before = parts[index - 1]
      const first = before?.first
      if (first === undefined || before === undefined || offset > partStart + 1) return undefined
      return statements.at(first + before.commands - 1)?.end
    }
    partStart = partEnd
  }
  return undefined
}

/** Index of the last statement that begins at or before an offset. */
const statementAt = (statements: StatementList, offset: number): number => {
  let low = 0
  let high = statements.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((statements.at(middle)?.start ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
