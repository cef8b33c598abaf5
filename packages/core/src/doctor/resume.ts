import type { NonTransactionalStep } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import { throwIfAborted } from '../run/acquire-lock.ts'
import { classify } from '../script/classify.ts'
import { readDirectives } from '../script/directives.ts'
import { prefixChecksum } from '../driver/statement-entry.ts'
import { explainFailure } from '../run/explain-failure.ts'
import { blankEntry, refusal } from '../run/prepare-step.ts'
import { announce, finish, newRunContext } from '../run/run-context.ts'
import type { VersionState } from '../plan/version-state.ts'
import { CatalogModel } from './catalog-model.ts'
import type { DiagnosedStep } from './diagnosis.ts'
import type { RepairInput, RepairOptions } from './repair-input.ts'

/**
 * Runs what is left of a step, under the dirty mark that it has left. Settings of the session that stand before are made
 * again; what else was in the session is gone, and a script that had more there cannot go on.
 *
 * Returns how many statements ran.
 */
export const resumeStep = async (
  input: RepairInput,
  diagnosed: DiagnosedStep,
  state: VersionState,
  fromStatement: number,
  options: RepairOptions,
): Promise<number> => {
  const { driver, identity, preparation } = input
  const { step, diagnosis } = diagnosed
  const { length } = step.parsed.statements
  const first = fromStatement - 1
  requireRunnable(input, diagnosed, first, state)
  const context = newRunContext({
    ...input,
    options: options.signal === undefined ? {} : { signal: options.signal },
  })
  context.steps = 1
  const nonTransactional: NonTransactionalStep = {
    ...step,
    resume: true,
    reason: 'it goes on where it broke off',
    entry: { ...step.entry, details: JSON.stringify(resumption(diagnosed, first)) },
  }
  if (preparation.ledger === 'on') {
    await driver.appendEvent({
      ...blankEntry(identity),
      kind: 'repaired',
      version: diagnosis.version,
      direction: diagnosis.direction,
      title: diagnosis.title,
      from: state.version,
      to: state.version,
      dirty: true,
      statement: fromStatement,
      statements: length,
      message: options.reason ?? null,
      details: JSON.stringify({ action: 'resume' }),
    })
  }
  context.current = nonTransactional
  announce(context, nonTransactional, 'non-transactional')
  const startedAt = performance.now()
  try {
    const start = await driver.beginNonTransactional(nonTransactional, options.signal)
    if (start.kind !== 'started') throw moved(start.kind)
    const { run } = start
    const ran = await runRest(diagnosed, first, async (index) => {
      throwIfAborted(options.signal)
      context.statement = index + 1
      if ((await run.statement(index, options.signal)) === 'undone') throw moved('changed')
      context.emit({ type: 'statement-finished', statement: index + 1, statements: length })
    })
    await run.finish()
    finish(context, nonTransactional, 'non-transactional', performance.now() - startedAt)
    await driver.makeDurable()
    return ran
  } catch (error) {
    throw await explainFailure(identity, context, error)
  }
}

/** What the next repair needs to know, should this one break off before its first statement is on record. */
const resumption = (
  { step }: DiagnosedStep,
  first: number,
): { readonly resumedFrom: number; readonly checksum: string } => ({
  resumedFrom: first,
  checksum: prefixChecksum(
    step.script,
    first === 0 ? 0 : (step.parsed.statements.at(first - 1)?.end ?? 0),
  ),
})

const moved = (kind: 'changed' | 'busy'): MigrateError =>
  kind === 'changed'
    ? new MigrateError('STATE_CHANGED', 'Somebody else has moved the version meanwhile')
    : new MigrateError('LOCK_TIMEOUT', 'Somebody else is writing the version table')

const runRest = async (
  { step }: DiagnosedStep,
  first: number,
  run: (index: number) => Promise<void>,
): Promise<number> => {
  const { statements } = step.parsed
  let ran = 0
  for (let index = 0; index < statements.length; index++) {
    const again = index < first && statements.at(index)?.role === 'session'
    if (index < first && !again) continue
    await run(index)
    if (!again) ran++
  }
  return ran
}

const cannot = (state: VersionState, message: string, hint: string): MigrateError =>
  new MigrateError('CANNOT_REPAIR', message, { hint, details: { state } })

/** Refuses to go on where what ran is not in the file any more, or what it needs is gone. */
const requireRunnable = (
  { driver }: RepairInput,
  { step, diagnosis, inspected }: DiagnosedStep,
  first: number,
  state: VersionState,
): void => {
  const { statements } = step.parsed
  const { length } = statements
  if (!Number.isSafeInteger(first) || first < 0 || first > length) {
    throw new MigrateError(
      'INVALID_OPTION',
      `There is no statement ${first + 1}; there are ${length}`,
      {
        details: { option: '--from-statement' },
      },
    )
  }
  const { recorded, unchangedSoFar } = diagnosis
  if (recorded !== null && first > 0 && !unchangedSoFar) {
    throw cannot(
      state,
      `The file was changed before statement ${recorded + 1}, so nobody can say what is in effect of it`,
      'Restore what stood there, or repair the database by hand and say --rolled-back or --applied.',
    )
  }
  if (recorded !== null && first < recorded) {
    throw cannot(
      state,
      `Statement ${first + 1} is in effect by the ledger, and would run a second time`,
      `Go on after it with --from-statement ${recorded + 1}, or undo all of it by hand and say --rolled-back.`,
    )
  }
  const [against] = new CatalogModel(inspected).contradictions(first, first)
  if (against !== undefined) {
    const { label, shown } = against
    throw cannot(
      state,
      `Statement ${first + 1} is not the first one to run: there is ${shown ? 'a' : 'no'} ${label}`,
      'See "mig doctor", and name another one with --from-statement.',
    )
  }
  const [unusable] = diagnosis.unusable
  if (unusable !== undefined && first < length) {
    throw cannot(
      state,
      `The ${unusable} was left INVALID by a build that failed, and cannot be built while it is there`,
      'Say --drop-invalid-indexes as well, which removes it first.',
    )
  }
  const classification = classify(step.parsed, driver.capabilities, readDirectives(step.script))
  if (classification.kind === 'refused') throw refusal(step, classification)
  for (let index = 0; index < Math.min(first, length); index++) {
    const left = first < length ? inspected[index]?.inSession : undefined
    if (left !== undefined) {
      throw cannot(
        state,
        `Statement ${index + 1} left ${left} in its session, which is gone`,
        'Run what is left by hand and say --applied, or undo what is there and say --rolled-back.',
      )
    }
  }
}
