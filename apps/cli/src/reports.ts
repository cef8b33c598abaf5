import {
  formatVersion,
  type Direction,
  type MigrationStatus,
  type PlanResult,
  type RunResult,
  type StatusResult,
  type StepKind,
  type StepResult,
  type VersionState,
} from '@mig/core'

/** The version table's row. Nothing applied is `null`. */
export interface StateReport {
  readonly version: string | null
  readonly dirty: boolean
}

/** One step that is done. */
export interface StepReport {
  readonly version: string
  readonly direction: Direction
  readonly title: string
  readonly file: string | null
  readonly kind: StepKind
  readonly durationMs: number
}

/** What a run did. */
export interface RunReport {
  readonly dryRun: false
  readonly database: string
  readonly from: StateReport
  readonly to: StateReport
  readonly steps: readonly StepReport[]
  /** What is reported here is on disk. */
  readonly durable: boolean
  /** Why it may not be on disk. */
  readonly notDurableReason: string | null
  readonly durationMs: number
}

/** One statement of a step that would run. */
export interface PlannedStatementReport {
  readonly command: string
  readonly line: number
  readonly text: string
}

/** One step that would run. */
export interface PlannedStepReport {
  readonly version: string
  readonly direction: Direction
  readonly title: string
  readonly file: string | null
  readonly kind: StepKind | 'refused'
  readonly reason: string
  readonly statements: readonly PlannedStatementReport[]
}

/** What a run would do. */
export interface PlanReport {
  readonly dryRun: true
  readonly database: string
  readonly from: StateReport
  readonly to: StateReport
  readonly steps: readonly PlannedStepReport[]
}

/** One version and where it stands. */
export interface StatusEntryReport {
  readonly version: string
  readonly title: string
  readonly status: MigrationStatus
  readonly up: string | null
  readonly down: string | null
  readonly missing: boolean
  readonly dirty: boolean
}

/** Every version, and the state of the database. */
export interface StatusReport {
  readonly database: string
  readonly state: StateReport
  readonly pending: number
  readonly migrations: readonly StatusEntryReport[]
  readonly nearMisses: readonly string[]
}

const versionReport = (version: bigint | null): string | null =>
  version === null ? null : formatVersion(version)

/** A state as it is reported. */
export const stateReport = ({ version, dirty }: VersionState): StateReport => ({
  version: versionReport(version),
  dirty,
})

/** A step as it is reported. */
export const stepReport = (step: StepResult): StepReport => ({
  version: step.version.toString(),
  direction: step.direction,
  title: step.title,
  file: step.file ?? null,
  kind: step.kind,
  durationMs: Math.round(step.durationMs),
})

/** A run as it is reported. */
export const runReport = (database: string, run: RunResult): RunReport => ({
  dryRun: false,
  database,
  from: stateReport(run.from),
  to: stateReport(run.to),
  steps: run.steps.map(stepReport),
  durable: run.durability.confirmed,
  notDurableReason: run.durability.confirmed ? null : run.durability.reason,
  durationMs: Math.round(run.durationMs),
})

/** A plan as it is reported. */
export const planReport = (database: string, plan: PlanResult): PlanReport => ({
  dryRun: true,
  database,
  from: stateReport(plan.state),
  to: stateReport({ version: plan.target, dirty: false }),
  steps: plan.steps.map((step) => ({
    version: step.version.toString(),
    direction: step.direction,
    title: step.title,
    file: step.file ?? null,
    kind: step.kind,
    reason: step.reason,
    statements: step.statements,
  })),
})

/** A status as it is reported. */
export const statusReport = (database: string, status: StatusResult): StatusReport => ({
  database,
  state: stateReport(status.state),
  pending: status.pending,
  migrations: status.entries.map((entry) => ({
    version: entry.version.toString(),
    title: entry.title,
    status: entry.status,
    up: entry.up ?? null,
    down: entry.down ?? null,
    missing: entry.missing,
    dirty: entry.dirty,
  })),
  nearMisses: status.nearMisses,
})
