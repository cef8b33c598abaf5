import type { Directives } from './directives.ts'
import type { DriverCapabilities } from '../driver/driver.ts'
import type { ParsedScript, Statement, StatementList } from './statement.ts'

/** How a script is to be run, and why. */
export type Classification =
  | {
      readonly kind: 'transactional'
      readonly reason: string
      /** Indexes of the statements that open and close the script's own transaction block. */
      readonly block?: { readonly begin: number; readonly end: number }
    }
  | { readonly kind: 'non-transactional'; readonly reason: string }
  | {
      readonly kind: 'refused'
      readonly reason: string
      readonly hint: string
      readonly line: number
      readonly column: number
    }

const asItStands = 'Put "-- mig: transaction=none" at the head of the file to run it as it stands.'

const refuse = (statement: Statement, reason: string, hint = asItStands): Classification => ({
  kind: 'refused',
  reason,
  hint,
  line: statement.line,
  column: statement.column,
})

interface Roles {
  readonly begins: number[]
  readonly ends: number[]
  readonly outside: number[]
  readonly outsideAlone: number[]
  readonly sessions: number[]
  readonly others: number[]
}

/** Where the statements stand that decide; plain ones are only counted by their first and last index. */
const collect = (
  statements: StatementList,
): Roles & { plainFrom: number; plainTo: number; refusal?: Classification } => {
  const roles: Roles = {
    begins: [],
    ends: [],
    outside: [],
    outsideAlone: [],
    sessions: [],
    others: [],
  }
  let plainFrom = -1
  let plainTo = -1
  let index = 0
  let refusal: Classification | undefined
  for (const statement of statements) {
    switch (statement.role) {
      case 'plain':
      case 'savepoint':
      case 'set-transaction':
        if (plainFrom === -1) plainFrom = index
        plainTo = index
        break
      case 'session':
        roles.sessions.push(index)
        break
      case 'begin':
        roles.begins.push(index)
        break
      case 'commit':
        roles.ends.push(index)
        break
      case 'outside':
        roles.outside.push(index)
        break
      case 'outside-alone':
        roles.outsideAlone.push(index)
        break
      case 'begin-read-only':
        refusal ??= refuse(statement, 'A read-only transaction cannot hold a migration')
        break
      case 'commit-and-chain':
        refusal ??= refuse(
          statement,
          'COMMIT AND CHAIN leaves a transaction open after the migration',
        )
        break
      case 'rollback':
        refusal ??= refuse(statement, 'The script rolls back, so nothing of it would stay')
        break
      case 'prepare-transaction':
        refusal ??= refuse(
          statement,
          'PREPARE TRANSACTION takes the transaction away from the migration',
        )
        break
    }
    index++
  }
  return { ...roles, plainFrom, plainTo, ...(refusal === undefined ? {} : { refusal }) }
}

/**
 * Decides how a script is run: all in one transaction, statement by statement under the dirty mark, or not at all.
 *
 * Pure. What no lexer can know is caught by the conditions of the version row writes.
 */
export const classify = (
  parsed: ParsedScript,
  capabilities: Pick<DriverCapabilities, 'transactionalDdl' | 'transactionalSettings'>,
  directives: Directives = {},
): Classification => {
  const { problem, statements } = parsed
  if (problem !== undefined) {
    const { message, hint, line, column } = problem
    return { kind: 'refused', reason: message, hint, line, column }
  }
  if (directives.unknown !== undefined) {
    return {
      kind: 'refused',
      reason: `Unknown directive "${directives.unknown.text}"`,
      hint: 'The only directive is "-- mig: transaction=none".',
      line: directives.unknown.line,
      column: 1,
    }
  }
  if (directives.transaction === 'none') {
    return { kind: 'non-transactional', reason: 'the file asks for it (transaction=none)' }
  }

  const roles = collect(statements)
  const firstOutside = roles.outside[0]
  if (firstOutside !== undefined) {
    return {
      kind: 'non-transactional',
      reason: statements.at(firstOutside)?.reason ?? 'cannot be rolled back',
    }
  }
  const alone = roles.outsideAlone[0]
  if (alone !== undefined && statements.length === 1) {
    return {
      kind: 'non-transactional',
      reason: statements.at(alone)?.reason ?? 'may end its transaction',
    }
  }
  if (roles.refusal !== undefined) return roles.refusal
  if (!capabilities.transactionalSettings && roles.sessions.length > 0) {
    return { kind: 'non-transactional', reason: 'it changes settings of the session' }
  }
  return classifyBlock(statements, roles)
}

/** Checks that begins and ends make no block, or exactly one with nothing but settings around it. */
const classifyBlock = (
  statements: StatementList,
  roles: ReturnType<typeof collect>,
): Classification => {
  const [begin, secondBegin] = roles.begins
  const [end, secondEnd] = roles.ends
  if (begin === undefined && end === undefined) {
    return { kind: 'transactional', reason: 'all of it can run in one transaction' }
  }
  const at = (index: number): Statement => {
    const statement = statements.at(index)
    if (statement === undefined) throw new RangeError(`No statement at ${index}`)
    return statement
  }
  if (end === undefined)
    return refuse(at(begin ?? 0), 'A transaction is opened and never committed')
  if (begin === undefined || end < begin) {
    return refuse(at(end), 'COMMIT without a BEGIN before it')
  }
  if (secondBegin !== undefined) {
    return refuse(
      at(secondBegin),
      'More than one transaction block in one migration',
      `Split the file, one block each. ${asItStands}`,
    )
  }
  if (secondEnd !== undefined) return refuse(at(secondEnd), 'COMMIT without a BEGIN before it')
  const aloneOutside = roles.outsideAlone.find((index) => index < begin || index > end)
  const outsideOfBlock =
    aloneOutside ??
    (roles.plainFrom !== -1 && roles.plainFrom < begin
      ? roles.plainFrom
      : roles.plainTo > end
        ? roles.plainTo
        : undefined)
  if (outsideOfBlock !== undefined) {
    return refuse(
      at(outsideOfBlock),
      'A statement stands outside of the transaction block of the file',
      `Move it inside, or into a file of its own. ${asItStands}`,
    )
  }
  return { kind: 'transactional', reason: 'its own transaction block', block: { begin, end } }
}
