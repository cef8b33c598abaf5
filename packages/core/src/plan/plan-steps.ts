import type { Driver } from '../driver/driver.ts'
import { plan, resolveTarget, type Target } from './plan.ts'
import { prepareStep, type ClassifiedStep, type RunIdentity } from '../run/prepare-step.ts'
import type { PlannedStep, PlanResult } from '../migrator/results.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import type { VersionState } from './version-state.ts'

interface PlanStepsInput {
  readonly listing: MigrationListing
  readonly state: VersionState
  readonly target: Target
  readonly source: Source
  readonly driver: Driver
  readonly identity: RunIdentity
}

const describe = async (
  { step, classification }: ClassifiedStep,
  driver: Driver,
): Promise<PlannedStep> => {
  const { statements } = step.parsed
  const guard =
    classification.kind === 'transactional' && statements.length > 0
      ? await driver.guardReason?.(statements)
      : undefined
  const kind =
    step.file === undefined
      ? 'empty'
      : guard === undefined
        ? classification.kind
        : 'non-transactional'
  return {
    version: step.version,
    direction: step.direction,
    title: step.title,
    ...(step.file === undefined ? {} : { file: step.file }),
    kind,
    reason:
      step.file === undefined
        ? `there is no ${step.direction} file; the version moves and nothing runs`
        : (guard ?? classification.reason),
    statements: Array.from(statements, ({ command, line, text }) => ({ command, line, text })),
  }
}

/** Reads every script between here and the target and says how it would run. */
export const planSteps = async (input: PlanStepsInput): Promise<PlanResult> => {
  const { listing, state, driver, source, identity } = input
  const target = resolveTarget(listing.migrations, state, input.target)
  const steps: PlannedStep[] = []
  for (const step of plan(listing.migrations, state, target)) {
    steps.push(await describe(await prepareStep(step, source, driver, identity), driver))
  }
  return { state, target, steps }
}
