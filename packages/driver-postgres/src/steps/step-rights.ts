import type { PreparedStep, StatementList } from '@mig/core/driver'
import { type ServerError, serverErrorOf } from './errors.ts'
import type { FailurePlace } from './failure-place.ts'
import { ledgerTableOf } from '../tables/ledger.ts'
import { insufficientPrivilege, missingRightOfOwn, missingRightOfScript } from '../doctor/rights.ts'
import { quoteTable } from '../tables/quote.ts'
import { type DriverState, rollBack } from '../state.ts'

const takesOnRole = /^\s*SET\s+(?:SESSION\s+|LOCAL\s+)?(?:ROLE|SESSION\s+AUTHORIZATION)\b/i

const takesRoleBefore = (statements: StatementList, index: number): boolean => {
  for (let before = 0; before < index; before++) {
    if (takesOnRole.test(statements.at(before)?.text ?? '')) return true
  }
  return false
}

/**
 * How the right is granted that a step lacked; nothing where that was not what it failed with. Rolls back, so that the
 * server can be asked.
 */
export const missingRightOfStep = async (
  state: DriverState,
  step: PreparedStep,
  error: Error,
  place: FailurePlace,
): Promise<string | undefined> => {
  const server = serverErrorOf(error)
  if (server?.code !== insufficientPrivilege || state.session.broken) return undefined
  await rollBack(state)
  if (place.role === 'open' || place.role === 'close') return ofOwn(state, server)
  if (place.index === undefined) return undefined
  const { statements } = step.parsed
  const { text } = statements.at(place.index) ?? { text: '' }
  return missingRightOfScript(state.session, server, text, takesRoleBefore(statements, place.index))
}

const ofOwn = async (
  { session, versionTable }: DriverState,
  error: ServerError,
): Promise<string> => {
  const tables = [versionTable.table, ledgerTableOf(versionTable.table)].map(quoteTable).join(' ')
  const right = await missingRightOfOwn(session, error, tables)
  return `The file is fine: the step could not be recorded. ${right ?? 'The role lacks a right.'}`
}
