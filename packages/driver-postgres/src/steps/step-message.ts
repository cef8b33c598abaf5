import { type TransactionalStep, type StatementList, textOf } from '@mig/core/driver'
import type { QueryMessage } from '../session/exchange.ts'

/** What a part of a transactional step's SQL is for. */
export type PartRole = 'begin' | 'open' | 'script' | 'close' | 'commit' | 'reset'

/** A chunk of SQL of a transactional step: some statements of the script, or some of mig's own. */
export interface StepPart {
  readonly role: PartRole
  readonly text: string
  /** How many commands of the server it makes. */
  readonly commands: number
  /** For parts of the script: index of the first statement, and where the text stands in the script. */
  readonly first?: number
  readonly start?: number
}

/** The statements that mig puts around a script. One statement each. */
export interface StepFrame {
  /** Takes the lock, where steps do so, and moves the version row to (target, dirty). */
  readonly open: readonly string[]
  /** Puts the roles back, moves the version row to (target, clean), writes the ledger's row. */
  readonly close: readonly string[]
  /** Brings the session back to where it was. */
  readonly reset: readonly string[]
  /** Puts the roles back that the session is connected with. */
  readonly roles: readonly string[]
}

/** The messages of a step, each with its parts in order. */
export type StepMessages = readonly (readonly StepPart[])[]

const byteOrderMark = '\ufeff'
const largestMessage = 256 * 1024
/** Of a large script. Longer texts are expensive to throw away again. */
const largestPiece = 64 * 1024
const mostStatements = 50

/**
 * Fails where no transaction is open, and changes nothing where one is. A piece of a large script begins with it: should
 * the transaction have ended before, by a COMMIT that the lexer took for something else, nothing more of the script runs.
 */
const requireTransaction = ['SAVEPOINT mig_piece', 'RELEASE mig_piece']

const begin = ['BEGIN', 'SET LOCAL synchronous_commit = off']

/** Own statements as a part. It begins with a newline, because a script may end in a comment. */
const own = (role: PartRole, statements: readonly string[]): StepPart => ({
  role,
  text: `\n;${statements.join(';\n')};\n`,
  commands: statements.length,
})

/** Where a script is cut: index of the first statement of each chunk. */
interface Cut {
  readonly from: number
  readonly to: number
}

/** Whether a step is sent in one piece. */
export const isOneMessage = ({ script, parsed }: TransactionalStep): boolean =>
  script.length <= largestMessage && parsed.statements.length <= mostStatements

/** Lays out the messages of a step: one for a usual script, several for a large one. */
export const layOutStep = (step: TransactionalStep, frame: StepFrame): StepMessages => {
  const { statements } = step.parsed
  const { block } = step
  const afterBegin = block === undefined ? 0 : block.begin + 1
  const opened = afterBegin + countLeading(statements, afterBegin)
  const end = block?.end ?? statements.length
  const part = (role: PartRole, { from, to }: Cut): StepPart => scriptPart(step, role, from, to)

  const head: readonly StepPart[] =
    block === undefined
      ? [own('begin', begin), part('script', { from: 0, to: opened }), own('open', frame.open)]
      : [
          part('script', { from: 0, to: opened }),
          own('begin', begin.slice(1)),
          own('open', block.begin === 0 ? frame.open : underOwnRole(frame)),
        ]
  const middle: Cut = { from: opened, to: end }
  const tail: readonly StepPart[] = [
    own('close', frame.close),
    ...(block === undefined
      ? [own('commit', ['COMMIT'])]
      : [
          part('commit', { from: end, to: end + 1 }),
          part('script', { from: end + 1, to: statements.length }),
        ]),
    own('reset', frame.reset),
  ]
  if (isOneMessage(step)) {
    return [[...head, part('script', middle), ...tail]]
  }
  const pieces = splitScript(statements, middle).map((cut) => [
    own('open', requireTransaction),
    part('script', cut),
  ])
  return [head, ...pieces, [own('open', requireTransaction), ...tail]]
}

/** How many `SET TRANSACTION` statements stand in a row: nothing may come before them in their transaction. */
const countLeading = (statements: StatementList, from: number): number => {
  let count = 0
  while (statements.at(from + count)?.role === 'set-transaction') count++
  return count
}

/**
 * Opens a step whose script has set things before its BEGIN: a role that may not write the version row, say. The role steps
 * aside for the write and is back afterwards.
 */
const underOwnRole = ({ open, roles }: StepFrame): readonly string[] => [
  "SELECT pg_catalog.set_config('mig.role', pg_catalog.current_setting('role'), true), " +
    "pg_catalog.set_config('mig.session_user', session_user, true)",
  ...roles,
  ...open,
  "SELECT pg_catalog.set_config('session_authorization', pg_catalog.current_setting('mig.session_user'), false)",
  "SELECT pg_catalog.set_config('role', pg_catalog.current_setting('mig.role'), false)",
]

/** Some statements of the script, with the comments and delimiters between and before them. */
const scriptPart = (
  step: TransactionalStep,
  role: PartRole,
  from: number,
  to: number,
): StepPart => {
  const { statements } = step.parsed
  const start = from === 0 ? 0 : (statements.at(from - 1)?.end ?? 0)
  const end =
    to === 0
      ? 0
      : to >= statements.length
        ? step.script.length
        : (statements.at(to - 1)?.end ?? step.script.length)
  // A byte order mark is no SQL.
  const first = start === 0 && textOf(step, 0, 1) === byteOrderMark ? 1 : start
  return {
    role,
    text: textOf(step, first, Math.max(first, end)),
    commands: Math.max(0, to - from),
    first: from,
    start: first,
  }
}

const splitScript = (statements: StatementList, { from, to }: Cut): readonly Cut[] => {
  const cuts: Cut[] = []
  let first = from
  for (let index = from; index < to; index++) {
    const length = (statements.at(index)?.end ?? 0) - (statements.at(first)?.start ?? 0)
    if (index === first || length <= largestPiece) continue
    cuts.push({ from: first, to: index })
    first = index
  }
  if (first < to) cuts.push({ from: first, to })
  return cuts
}

/** A message as it is sent. The commands of a large script are counted only. */
export const toQueryMessage = (parts: readonly StepPart[], only: boolean): QueryMessage => ({
  texts: parts.map(({ text }) => text),
  keepTags: only || parts.some(({ role }) => role === 'commit'),
})

/** The place in a message that so many completed commands lead to. */
export interface CommandPlace {
  readonly part: StepPart
  /** How many commands of the part are completed. */
  readonly offset: number
}

/** Which command came after so many completed ones. Nothing where all of them are. */
export const findCommand = (
  parts: readonly StepPart[],
  completed: number,
): CommandPlace | undefined => {
  let before = 0
  for (const part of parts) {
    if (completed < before + part.commands) return { part, offset: completed - before }
    before += part.commands
  }
  return undefined
}
