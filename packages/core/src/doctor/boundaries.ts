import type { StatementList, StatementRole } from '../script/statement.ts'

/** How the statements of a script become permanent where nobody wraps a transaction around them. */
export type Commits =
  /** Each by itself, also inside a transaction block, as DDL of MySQL does. */
  | 'each-statement'
  /** Each by itself, and a transaction block as a whole. */
  | 'each-transaction'
  /** All of them at the end, but for what the script itself commits. */
  | 'whole-script'

/** After these nobody can say any more which statements belong together. */
const unpredictable = new Set<StatementRole>([
  'rollback',
  'prepare-transaction',
  'commit-and-chain',
  'begin-read-only',
])

/** Where a script can break off: so many statements are in effect, and those after them are not. */
export interface Boundaries {
  /** Ascending, from 0 to the number of statements. */
  readonly points: readonly number[]
  /** Points that lie inside a transaction block of the script. */
  readonly inBlock: ReadonlySet<number>
}

/** The points at which a script can break off. Nothing where it cannot be told. Pure. */
export const boundariesOf = (
  statements: StatementList,
  commits: Commits,
): Boundaries | undefined => {
  const points = [0]
  const inBlock = new Set<number>()
  let block = false
  let done = 0
  for (const { role } of statements) {
    done++
    if (unpredictable.has(role)) return undefined
    if (role === 'begin') block = true
    if (role === 'commit') block = false
    if (block) inBlock.add(done)
    const permanent =
      commits === 'each-statement' ||
      role === 'commit' ||
      (commits === 'each-transaction' && !block)
    if (permanent) points.push(done)
  }
  if (points.at(-1) !== done) points.push(done)
  return { points, inBlock }
}
