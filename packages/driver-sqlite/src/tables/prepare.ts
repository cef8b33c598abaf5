import { type Preparation } from '@mig/core/driver'
import type { SqliteConnection } from '../session/session.ts'
import { invalidOption, isReadOnly, messageOf } from '../steps/errors.ts'
import { createLedger, inspectLedger, readRecorded, type LedgerCondition } from './ledger.ts'
import { whenFree, write } from '../lock/lock.ts'
import { untrusted, versionTableProblem } from './own-tables.ts'
import { readPragma } from '../session/pragma-snapshot.ts'
import { createVersionTable, hasTable, hasVersionTable, readVersion } from './version-table.ts'

/** How our tables are to be. */
export interface PreparationSettings {
  readonly ledger: boolean
  /** They may have triggers. */
  readonly trusted: boolean
}

/** Makes our tables where they are missing, and writes nothing where they are there. */
export const prepareTables = async (
  connection: SqliteConnection,
  { ledger, trusted }: PreparationSettings,
): Promise<Preparation> => {
  connection.requireIdle()
  connection.forget()
  await requireJournal(connection)
  const foreign = await whenFree(connection, 'look at the version table', () =>
    versionTableProblem(connection, trusted),
  )
  if (foreign !== undefined) throw untrusted(foreign)
  const problem = await makeTables(connection, { ledger, trusted })
  connection.writesLedger = ledger && problem === undefined
  const { state, recorded } = await whenFree(connection, 'read the version table', () => ({
    state: readVersion(connection),
    recorded: connection.writesLedger ? readRecorded(connection) : undefined,
  }))
  return {
    state,
    ledger: !ledger ? 'off' : problem === undefined ? 'on' : 'unavailable',
    ...(problem === undefined ? {} : { ledgerReason: problem }),
    ...(recorded === undefined ? {} : { recorded }),
  }
}

/** Says why there is no ledger, where it cannot be had. */
const makeTables = async (
  connection: SqliteConnection,
  { ledger, trusted }: PreparationSettings,
): Promise<string | undefined> => {
  const look = (): LedgerCondition =>
    ledger ? inspectLedger(connection, trusted) : { kind: 'usable' }
  const found = await whenFree(connection, 'read the version table', () => ({
    versionTable: hasVersionTable(connection),
    ledger: look(),
  }))
  const problem = 'reason' in found.ledger ? found.ledger.reason : undefined
  if (found.versionTable && found.ledger.kind !== 'missing') return problem
  try {
    await write(connection, 'create the version table', () => {
      createVersionTable(connection)
      if (found.ledger.kind === 'missing') createLedger(connection)
    })
    return problem
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    if (!isReadOnly(cause) || !hasTable(connection, connection.versionTableName)) throw error
    return problem ?? (found.ledger.kind === 'missing' ? messageOf(cause) : undefined)
  }
}

/** Without a journal SQLite cannot roll back, and a failed step would leave the file damaged. */
const requireJournal = async (connection: SqliteConnection): Promise<void> => {
  const { client, owned } = connection
  // better-sqlite3 refuses OFF on the connections that the driver opens.
  if (owned) return
  const mode = await whenFree(connection, 'read the journal mode', () =>
    readPragma(client, 'journal_mode'),
  )
  if (mode !== 'off') return
  throw invalidOption(
    'client',
    'The SQLite client runs with journal_mode=OFF: a failed migration could not be rolled back',
    'Set another journal mode before migrating.',
  )
}
