import type { MysqlSessions } from '../session/session-pair.ts'
import type { MysqlEngines } from '../tables/engines.ts'
import type { MysqlLedger } from '../tables/ledger.ts'
import type { MysqlVersionTable } from '../tables/version-table.ts'

/** What steps work with. */
export interface StepContext {
  readonly sessions: MysqlSessions
  readonly versionTable: MysqlVersionTable
  /** Absent where no ledger is kept. */
  readonly ledger: MysqlLedger | undefined
  readonly engines: MysqlEngines
}
