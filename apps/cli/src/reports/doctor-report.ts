import type { Direction, DoctorResult, Diagnosis, Finding, RepairResult } from '@mig/core'
import { stateReport, type StateReport } from './reports.ts'

/** One thing that was found. */
export interface FindingReport {
  readonly code: Finding['code']
  readonly severity: Finding['severity']
  readonly title: string
  readonly why: string
  readonly details: readonly string[]
  readonly command: string | null
}

/** A statement of a file. */
interface StatementReport {
  readonly number: number
  readonly line: number
  readonly column: number
  readonly text: string
}

/** What is known of the step that left the database dirty. */
export interface DiagnosisReport {
  readonly version: string
  readonly direction: Direction
  readonly title: string
  readonly file: string | null
  readonly from: string | null
  readonly to: string | null
  readonly by: Diagnosis['by']
  readonly sure: boolean
  readonly how: Diagnosis['how']
  readonly statements: number
  /** Statements 1 to this one are in effect by the ledger. */
  readonly recorded: number | null
  readonly failure: {
    readonly at: string
    readonly refused: boolean
    readonly partly: string | null
    readonly statement: StatementReport | null
    readonly code: string | null
    readonly message: string | null
  } | null
  /** So many statements can be in effect, by record and file. */
  readonly possible: readonly number[]
  /** Those of them that the catalog does not contradict. */
  readonly standing: readonly number[]
  /** Those of them that need no object to have been there before the step. */
  readonly likely: readonly number[]
  /** The file is not the one that ran. */
  readonly changed: boolean
  readonly objects: readonly {
    readonly statement: number
    readonly label: string
    readonly action: 'create' | 'drop'
    readonly shown: boolean
  }[]
}

/** What `mig doctor` returns. */
export interface DoctorReport {
  readonly database: string
  readonly server: string
  readonly state: StateReport
  readonly healthy: boolean
  readonly findings: readonly FindingReport[]
  readonly diagnosis: DiagnosisReport | null
}

/** What `mig repair` returns. */
export interface RepairReport {
  readonly database: string
  readonly action: RepairResult['action']
  readonly from: StateReport
  readonly to: StateReport
  readonly version: string | null
  readonly direction: Direction | null
  /** How many statements ran. */
  readonly ran: number
  readonly droppedIndexes: readonly string[]
}

const diagnosisReport = (
  diagnosis: Diagnosis,
  redact: (text: string) => string,
): DiagnosisReport => {
  const { version, direction, title, file, from, to, by, sure, how, failure } = diagnosis
  const { statements, recorded, possible, standing, likely, changed, objects } = diagnosis
  return {
    version: version.toString(),
    direction,
    title,
    file,
    from: from?.toString() ?? null,
    to: to?.toString() ?? null,
    by,
    sure,
    how,
    statements,
    recorded,
    failure:
      failure === null
        ? null
        : {
            ...failure,
            at: failure.at.toISOString(),
            statement:
              failure.statement === null
                ? null
                : { ...failure.statement, text: redact(failure.statement.text) },
            message: failure.message === null ? null : redact(failure.message),
          },
    possible,
    standing,
    likely,
    changed,
    objects,
  }
}

/** What was found, as it is reported. */
export const doctorReport = (
  { name, server }: { readonly name: string; readonly server: string },
  { state, healthy, findings, diagnosis }: DoctorResult,
  redact: (text: string) => string,
): DoctorReport => ({
  database: name,
  server,
  state: stateReport(state),
  healthy,
  findings: findings.map(({ code, severity, title, why, details, command }) => ({
    code,
    severity,
    title,
    why,
    details: details.map(redact),
    command: command ?? null,
  })),
  diagnosis: diagnosis === undefined ? null : diagnosisReport(diagnosis, redact),
})

/** A repair as it is reported. */
export const repairReport = (database: string, result: RepairResult): RepairReport => ({
  database,
  action: result.action,
  from: stateReport(result.from),
  to: stateReport(result.to),
  version: result.version?.toString() ?? null,
  direction: result.direction,
  ran: result.ran,
  droppedIndexes: result.droppedIndexes,
})
