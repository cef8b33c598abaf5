import { createHash, type Hash } from 'node:crypto'
import type { LedgerEntry } from '../ledger/ledger.ts'
import type { ParsedScript } from '../script/statement.ts'
import type { PreparedStep } from './driver.ts'
import { textOf } from './statement-error.ts'

/** SHA-256 of a script up to an offset, with line ends normalised. */
export const prefixChecksum = (script: string, end: number): string =>
  createHash('sha256')
    .update(normalised(script.slice(0, end)))
    .digest('hex')

const normalised = (text: string): string => text.replaceAll('\r\n', '\n')

interface Progress {
  readonly hash: Hash
  end: number
}

/** Statements come in order, so that each script is hashed once. */
const progresses = new WeakMap<ParsedScript, Progress>()

/**
 * The `statement` event of a non-transactional step: this statement is in effect.
 *
 * Its checksum is that of the script up to the end of the statement, so that a later repair can tell whether what ran is
 * still what stands in the file, also where the rest was repaired meanwhile.
 */
export const statementEntry = (step: PreparedStep, index: number): LedgerEntry => {
  const { parsed, entry } = step
  const end = parsed.statements.at(index)?.end ?? 0
  let progress = progresses.get(parsed)
  if (progress === undefined || progress.end > end) {
    progress = { hash: createHash('sha256'), end: 0 }
    progresses.set(parsed, progress)
  }
  // A statement never ends between the two characters of a line end.
  progress.hash.update(normalised(textOf(step, progress.end, end)))
  progress.end = end
  const checksum = progress.hash.copy().digest('hex')
  return { ...entry, kind: 'statement', dirty: true, statement: index + 1, checksum }
}
