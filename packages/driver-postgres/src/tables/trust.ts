import {
  problemOf,
  type TableFacts,
  type TableProblem,
  untrusted,
  versionTableProblem,
} from './own-tables.ts'
import { ledgerColumns, ledgerTableOf } from './ledger.ts'
import { quoteTable, type TableName } from './quote.ts'
import { type DriverState, lookClosely } from '../state.ts'

/** Looks at what is there in the place of mig's tables. */
export const lookAtTables = async (state: DriverState): Promise<void> => {
  state.tables = await lookClosely(state.session, state.versionTable.table)
}

/**
 * Whether there is a version table. One that was there when it was looked for last was made by somebody who is trusted,
 * and only such a one can put another in its place; one that was not there is looked for again.
 *
 * Throws `VERSION_TABLE_UNTRUSTED` where there is something else in its place.
 */
export const requireVersionTable = async (state: DriverState): Promise<boolean> => {
  if (state.tables.versionTable === undefined && !state.justOpened) await lookAtTables(state)
  const { versionTable } = state.tables
  if (versionTable === undefined) return false
  checkVersionTable(state, versionTable)
  return true
}

/** Throws `VERSION_TABLE_UNTRUSTED` for a table that is not to be used. */
export const checkVersionTable = (
  { versionTable, settings }: Pick<DriverState, 'versionTable' | 'settings'>,
  facts: TableFacts,
): void => {
  const problem = versionTableProblem(versionTable.table, facts, settings.trustVersionTable)
  if (problem !== undefined) throw untrusted('version table', problem)
}

/** Why what stands in the place of the ledger is neither read nor written. */
export const ledgerProblem = (
  { versionTable, settings }: Pick<DriverState, 'versionTable' | 'settings'>,
  facts: TableFacts,
): TableProblem | undefined => {
  const table = ledgerTableOf(versionTable.table)
  return problemOf(table, facts, settings.trustVersionTable) ?? missingColumns(table, facts)
}

/** What a table of the ledger's name lacks. */
export const missingColumns = (
  table: TableName,
  { columns }: TableFacts,
): TableProblem | undefined => {
  const missing = ledgerColumns.filter((column) => columns?.[column] === undefined)
  return missing.length === 0
    ? undefined
    : {
        reason: `${quoteTable(table)} is not a ledger of mig: it has no column ${missing.join(', ')}`,
      }
}
