import {
  formatVersion,
  type AppliedHow,
  type AppliedRecord,
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
interface PlannedStatementReport {
  readonly command: string
  readonly line: number
  /** With `--verbose`, else `null`: the text of a statement may hold secrets. */
  readonly text: string | null
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

/** What the ledger knows of how a version came to be applied. */
export interface AppliedReport {
  readonly how: AppliedHow
  readonly at: string
  readonly actor: string
  readonly durationMs: number | null
}

/** One version and where it stands. */
export interface StatusEntryReport {
  readonly version: string
  readonly title: string
  readonly status: MigrationStatus
  readonly up: string | null
  readonly down: string | null
  readonly current: boolean
  readonly missing: boolean
  readonly dirty: boolean
  readonly changed: boolean
  readonly irreversible: boolean
  readonly applied: AppliedReport | null
}

/** Every version, and the state of the database. */
export interface StatusReport {
  readonly database: string
  readonly state: StateReport
  /** Whether a ledger is there to explain the version. */
  readonly ledger: boolean
  readonly pending: number
  readonly outOfOrder: number
  readonly changed: number
  readonly missing: number
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
const stepReport = (step: StepResult): StepReport => ({
  version: step.version.toString(),
  direction: step.direction,
  title: step.title,
  file: step.file ?? null,
  kind: step.kind,
  durationMs: Math.round(step.durationMs),
})

/** A run as it is reported. */
export const runReport = (
  database: string,
  run: RunResult,
  redact: (text: string) => string,
): RunReport => ({
  dryRun: false,
  database,
  from: stateReport(run.from),
  to: stateReport(run.to),
  steps: run.steps.map(stepReport),
  durable: run.durability.confirmed,
  notDurableReason: run.durability.confirmed ? null : redact(run.durability.reason),
  durationMs: Math.round(run.durationMs),
})

/** A plan as it is reported. A version that a run would stop at for want of a down file shows as refused. */
export const planReport = (
  database: string,
  plan: PlanResult,
  options: {
    readonly missingDown: 'error' | 'skip'
    /** The text of statements as it may be shown. Without it none is. */
    readonly sql?: (text: string) => string
  },
): PlanReport => ({
  dryRun: true,
  database,
  from: stateReport(plan.state),
  to: stateReport({ version: plan.target, dirty: false }),
  steps: plan.steps.map((step) => {
    const stops =
      options.missingDown === 'error' && step.direction === 'down' && step.file === undefined
    return {
      version: step.version.toString(),
      direction: step.direction,
      title: step.title,
      file: step.file ?? null,
      kind: stops ? 'refused' : step.kind,
      reason: stops
        ? 'there is no down file; --missing-down=skip moves the version row over it'
        : step.reason,
      statements: step.statements.map(({ command, line, text }) => ({
        command,
        line,
        text: options.sql?.(text) ?? null,
      })),
    }
  }),
})

/** A status as it is reported. */
export const statusReport = (database: string, status: StatusResult): StatusReport => ({
  database,
  state: stateReport(status.state),
  ledger: status.ledger,
  pending: status.pending,
  outOfOrder: status.outOfOrder,
  changed: status.changed,
  missing: status.missing,
  migrations: status.entries.map((entry) => ({
    version: entry.version.toString(),
    title: entry.title,
    status: entry.status,
    up: entry.up ?? null,
    down: entry.down ?? null,
    current: entry.current,
    missing: entry.missing,
    dirty: entry.dirty,
    changed: entry.changed,
    irreversible: entry.irreversible,
    applied: entry.record === undefined ? null : appliedReport(entry.record),
  })),
  nearMisses: status.nearMisses,
})

const appliedReport = ({ how, at, actor, durationMs }: AppliedRecord): AppliedReport => ({
  how,
  at: at.toISOString(),
  actor,
  durationMs: durationMs === null ? null : Math.round(durationMs),
})
