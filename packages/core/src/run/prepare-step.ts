import type { SplitScript } from '../script/script-windows.ts'
import { classify, type Classification } from '../script/classify.ts'
import { readDirectives } from '../script/directives.ts'
import { textOf } from '../driver/statement-error.ts'
import type { Driver, PreparedStep } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import type { LedgerEntry } from '../ledger/ledger.ts'
import type { MigrationStep } from '../plan/migration.ts'
import { readScript } from '../script/read-script.ts'
import type { Source } from '../source/source.ts'

/** Who runs and with what, as every ledger entry says it. */
export interface RunIdentity {
  readonly runId: string
  readonly actor: string
  readonly tool: string
}

/** A ledger entry with nothing but who and when. */
export const blankEntry = (identity: RunIdentity): Omit<LedgerEntry, 'kind'> => ({
  ...identity,
  version: null,
  direction: null,
  title: '',
  from: null,
  to: null,
  dirty: false,
  statement: null,
  statements: null,
  durationMs: null,
  checksum: null,
  line: null,
  column: null,
  errorCode: null,
  message: null,
  details: null,
})

/** A step read and classified. Refusals stay data, so that a plan can show them. */
export interface ClassifiedStep {
  readonly step: PreparedStep
  readonly classification: Classification
}

/** Reads a step. Throws what {@link prepareStep} throws. */
export type ReadStep = (step: MigrationStep) => Promise<ClassifiedStep>

/** What stands before the first statement, where directives are. */
const headOf = (cut: SplitScript): string => textOf(cut, 0, cut.parsed.statements.at(0)?.start)

/** Reads the script of a step, cuts it and decides how it would run. */
export const prepareStep = async (
  step: MigrationStep,
  source: Source,
  driver: Driver,
  identity: RunIdentity,
): Promise<ClassifiedStep> => {
  const { checksum, ...cut } =
    step.file === undefined
      ? { checksum: null, script: '', parsed: driver.split('') }
      : await readScript(step, source, driver)
  const { parsed } = cut
  const entry: LedgerEntry = {
    ...blankEntry(identity),
    kind: step.direction === 'up' ? 'applied' : 'reverted',
    version: step.version,
    direction: step.direction,
    title: step.title,
    from: step.from,
    to: step.to,
    statements: parsed.statements.length,
    checksum,
  }
  return {
    step: { ...step, ...cut, entry },
    classification: classify(parsed, driver.capabilities, readDirectives(headOf(cut))),
  }
}

/** The error for a script that cannot be run. */
export const refusal = (
  step: PreparedStep,
  classification: Extract<Classification, { kind: 'refused' }>,
): MigrateError => {
  const { line, column, reason, hint } = classification
  const name = step.file ?? `${step.version} ${step.direction}`
  const excerpt = step.script.split('\n', line)[line - 1]?.replace(/\r$/, '')
  return new MigrateError('INVALID_BODY', `${name}:${line}:${column}: ${reason}`, {
    hint,
    details: {
      file: name,
      line,
      column,
      ...(excerpt === undefined ? {} : { excerpt }),
      version: step.version,
    },
  })
}
