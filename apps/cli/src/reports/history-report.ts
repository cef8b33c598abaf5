import { formatVersion, type HistoryResult, type LedgerEventKind } from '@mig/core'
import { stateReport, type StateReport } from './reports.ts'

/** One event of the ledger. */
export interface EventReport {
  readonly id: string
  readonly at: string
  readonly kind: LedgerEventKind
  readonly runId: string
  readonly version: string | null
  readonly direction: 'up' | 'down' | null
  readonly title: string
  readonly from: string | null
  readonly to: string | null
  readonly dirty: boolean
  /** 1-based number of the statement, and how many the script has. */
  readonly statement: number | null
  readonly statements: number | null
  readonly durationMs: number | null
  readonly checksum: string | null
  readonly actor: string
  readonly tool: string
  readonly line: number | null
  readonly column: number | null
  readonly errorCode: string | null
  readonly message: string | null
}

/** What happened to the database, the oldest first. */
export interface HistoryReport {
  readonly database: string
  readonly state: StateReport
  readonly events: readonly EventReport[]
}

const version = (value: bigint | null): string | null =>
  value === null ? null : formatVersion(value)

/** A history as it is reported. */
export const historyReport = (database: string, history: HistoryResult): HistoryReport => ({
  database,
  state: stateReport(history.state),
  events: history.events.map((event) => ({
    id: event.id.toString(),
    at: event.at.toISOString(),
    kind: event.kind,
    runId: event.runId,
    version: version(event.version),
    direction: event.direction,
    title: event.title,
    from: version(event.from),
    to: version(event.to),
    dirty: event.dirty,
    statement: event.statement,
    statements: event.statements,
    durationMs: event.durationMs === null ? null : Math.round(event.durationMs),
    checksum: event.checksum,
    actor: event.actor,
    tool: event.tool,
    line: event.line,
    column: event.column,
    errorCode: event.errorCode,
    message: event.message,
  })),
})
