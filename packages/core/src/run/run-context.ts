import type { Driver, PreparedStep } from '../driver/driver.ts'
import type { MigratorEventListener } from '../migrator/events.ts'
import type { RunOptions } from '../migrator/run-options.ts'
import type { MigrationStep } from '../plan/migration.ts'
import type { ClassifiedStep } from './prepare-step.ts'
import type { StepKind, StepResult } from '../migrator/results.ts'

/** What a run carries from step to step. */
export interface RunContext {
  readonly driver: Driver
  readonly emit: MigratorEventListener
  readonly lockTimeoutMs: number
  /** Cancels what is running. */
  readonly signal: AbortSignal | undefined
  /** Ends the run after the step that is running. */
  readonly stop: AbortSignal | undefined
  /** How many steps the run has, those done included. */
  steps: number
  /** The steps done so far; grows while the run goes on. */
  readonly results: StepResult[]
  /** Where each of them took the version row from and to; not the steps, whose scripts would stay in memory. */
  readonly done: Pick<MigrationStep, 'from' | 'to'>[]
  /** The step under way, for whoever has to explain a failure. */
  current: PreparedStep | undefined
  /** How it is run. */
  kind: StepKind
  /** The steps after it that the driver may have begun already. */
  ahead: readonly PreparedStep[]
  /** Its statement under way, counted from 1, where it runs statement by statement. */
  statement: number | undefined
  /** The step that begins with the write that ends the current one, while that write is under way. */
  joined: PreparedStep | undefined
}

/** What a run context is made of. */
export interface RunContextInput {
  readonly driver: Driver
  readonly emit: MigratorEventListener
  readonly lockTimeoutMs: number
  readonly options: RunOptions
}

/** A run that has done nothing yet. */
export const newRunContext = (input: RunContextInput): RunContext => ({
  driver: input.driver,
  emit: input.emit,
  lockTimeoutMs: input.lockTimeoutMs,
  signal: input.options.signal,
  stop: input.options.stop,
  steps: 0,
  results: [],
  done: [],
  current: undefined,
  ahead: [],
  statement: undefined,
  joined: undefined,
  kind: 'empty',
})

/** `empty` where there is no script for the direction. */
export const kindOf = ({ step, classification }: ClassifiedStep): StepKind =>
  step.file === undefined
    ? 'empty'
    : classification.kind === 'non-transactional'
      ? 'non-transactional'
      : 'transactional'

/** Tells that a step begins, where `ahead` steps before it are not finished yet. */
export const announce = (
  context: RunContext,
  step: PreparedStep,
  kind: StepKind,
  ahead = 0,
): void => {
  context.statement = undefined
  context.kind = kind
  context.emit({
    type: 'step-started',
    version: step.version,
    direction: step.direction,
    title: step.title,
    kind,
    step: context.results.length + ahead + 1,
    steps: context.steps,
    statements: step.parsed.statements.length,
  })
}

/** Books a step as done and tells it. */
export const finish = (
  context: RunContext,
  step: PreparedStep,
  kind: StepKind,
  durationMs: number,
): void => {
  const result: StepResult = {
    version: step.version,
    direction: step.direction,
    title: step.title,
    ...(step.file === undefined ? {} : { file: step.file }),
    kind,
    durationMs,
  }
  context.results.push(result)
  context.done.push({ from: step.from, to: step.to })
  context.current = undefined
  context.emit({
    type: 'step-finished',
    result,
    step: context.results.length,
    steps: context.steps,
  })
}
