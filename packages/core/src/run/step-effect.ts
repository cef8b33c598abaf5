import { boundariesOf, type Commits } from '../doctor/boundaries.ts'
import type { StatementList } from '../script/statement.ts'

/** What is in effect of a non-transactional step that failed at one of its statements. */
export interface StepEffect {
  /** Statements 1 to this one are in effect. */
  readonly certain: number
  /** Statements after those, up to this one, ran in a transaction that was still open. */
  readonly open?: number
  /** What became of those: rolled back, or in effect as far as the script had committed them. */
  readonly openFate?: 'rolled-back' | 'as-far-as-committed'
  /** What is known of the statement that failed: the server refused it, or it was cut off. */
  readonly failed: 'not-in-effect' | 'perhaps' | 'perhaps-in-part'
  /** Why a part of it may be in effect. */
  readonly reason?: string
}

/**
 * What is in effect when a script breaks off at a statement, counted from 1, and everything before it was seen to end.
 * Nothing where the script's own transactions do not let it be told. Pure.
 */
export const effectOf = (
  statements: StatementList,
  commits: Commits,
  failed: { readonly statement: number; readonly refused: boolean },
): StepEffect | undefined => {
  const boundaries = boundariesOf(statements, commits)
  if (boundaries === undefined) return undefined
  const done = failed.statement - 1
  const settled = boundaries.points.filter(
    (point) => point <= done && !boundaries.inBlock.has(point),
  )
  const certain = settled.at(-1) ?? 0
  return {
    certain,
    ...(certain < done ? { open: done, openFate: 'rolled-back' } : {}),
    failed: failed.refused ? 'not-in-effect' : 'perhaps',
  }
}
