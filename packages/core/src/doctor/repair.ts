import type { Observation } from '../driver/inspection.ts'
import { MigrateError } from '../errors/errors.ts'
import type { Direction, Version } from '../plan/migration.ts'
import { blankEntry } from '../run/prepare-step.ts'
import type { VersionState } from '../plan/version-state.ts'
import { CatalogModel } from './catalog-model.ts'
import { diagnose } from './diagnose.ts'
import type { DiagnosedStep, Diagnosis } from './diagnosis.ts'
import { readSnapshot } from './doctor.ts'
import { provenRemedy, remedyText } from './explain-diagnosis.ts'
import type { RepairInput, RepairOptions } from './repair-input.ts'
import { resumeStep } from './resume.ts'

/** What `repair` did. */
export interface RepairResult {
  /** `none` where nothing had to be done. */
  readonly action: 'none' | 'resume' | 'rolled-back' | 'applied'
  readonly from: VersionState
  readonly to: VersionState
  readonly version: Version | null
  readonly direction: Direction | null
  /** How many statements ran. */
  readonly ran: number
  readonly droppedIndexes: readonly string[]
}

/** Repairs a dirty database, on record, as far as that needs no guess. */
export const repairDatabase = async (
  input: RepairInput,
  options: RepairOptions,
): Promise<RepairResult> => {
  const { driver } = input
  const droppedIndexes =
    options.dropInvalidIndexes === true ? await dropInvalidIndexes(input, options) : []
  const { state, events } = await readSnapshot(driver)
  if (!state.dirty) {
    if (options.action !== undefined && options.action !== 'proven') throw notDirty(state)
    return { ...nothingDone(state), droppedIndexes }
  }
  const diagnosed = await diagnose({ ...input, state, events })
  if (diagnosed === undefined) {
    throw new MigrateError(
      'CANNOT_REPAIR',
      `The database is dirty at version ${state.version ?? 'none'}, and no file has that version`,
      {
        hint: 'Look for the file, or repair the database by hand and set the version with "mig force VERSION".',
        details: { state, version: state.version },
      },
    )
  }
  const result = await carryOut(input, diagnosed, state, options)
  return { ...result, droppedIndexes }
}

const nothingDone = (state: VersionState): Omit<RepairResult, 'droppedIndexes'> => ({
  action: 'none',
  from: state,
  to: state,
  version: null,
  direction: null,
  ran: 0,
})

const notDirty = (state: VersionState): MigrateError =>
  new MigrateError('CANNOT_REPAIR', 'The database is not dirty, so there is nothing to repair', {
    hint: 'See "mig status".',
    details: { state },
  })

const carryOut = async (
  input: RepairInput,
  diagnosed: DiagnosedStep,
  state: VersionState,
  options: RepairOptions,
): Promise<Omit<RepairResult, 'droppedIndexes'>> => {
  const { diagnosis } = diagnosed
  const { version, direction } = diagnosis
  const { action = 'proven' } = options
  const proven = provenRemedy(diagnosis)
  if (action === 'proven' && proven === undefined) throw unproven(diagnosis, state)
  const chosen = action === 'proven' ? (proven?.action ?? 'rolled-back') : action
  const base = { from: state, version, direction }
  if (chosen === 'resume') {
    const fromStatement =
      options.fromStatement ?? (proven?.action === 'resume' ? proven.fromStatement : undefined)
    const allowed = fromStatement ?? startFromNothing(diagnosis)
    if (allowed === undefined) throw unproven(diagnosis, state)
    const ran = await resumeStep(input, diagnosed, state, allowed, options)
    return { ...base, action: chosen, to: { version: diagnosis.to, dirty: false }, ran }
  }
  if (chosen === 'rolled-back' && !diagnosis.sure) throw unproven(diagnosis, state)
  requireNoContradiction(diagnosed, state, chosen)
  const to: VersionState = {
    version: chosen === 'applied' ? diagnosis.to : diagnosis.from,
    dirty: false,
  }
  const reason = options.reason ?? (action === 'proven' ? proofOf(diagnosis) : null)
  await writeRepair(input, diagnosis, to, chosen, reason)
  return { ...base, action: chosen, to, ran: 0 }
}

/** A step of which nothing is in effect can be run from its first statement. */
const startFromNothing = ({ standing, sure }: Diagnosis): number | undefined =>
  sure && standing.length === 1 && standing[0] === 0 ? 1 : undefined

const proofOf = (diagnosis: Diagnosis): string => {
  const remedy = provenRemedy(diagnosis)
  return remedy === undefined ? '' : remedyText(diagnosis, remedy)
}

const choices =
  'Look at the database, see "mig doctor", then say --rolled-back if nothing of the step is in effect, --applied if all of it is.'

/** The error for a database about which record and catalog do not say enough. */
const unproven = (diagnosis: Diagnosis, state: VersionState): MigrateError => {
  const { version, direction, standing, possible, statements, changed, unchangedSoFar } = diagnosis
  const points = standing.length > 0 ? standing : possible
  const next = Math.min((points[0] ?? 0) + 1, statements)
  const name = `${direction} ${version}`
  const message =
    changed && !unchangedSoFar
      ? `The file of ${name} was changed before the statement that the step reached`
      : standing.length === 0
        ? `What the database has fits no point at which ${name} can have broken off`
        : `It cannot be told how much of ${name} is in effect`
  const resume = ` To go on, say which statement is the first to run: --resume --from-statement ${next}.`
  return new MigrateError('CANNOT_REPAIR', message, {
    hint: choices + (statements > 1 || diagnosis.by === 'mig' ? resume : ''),
    details: { state, version },
  })
}

/** Refuses what the catalog proves to be wrong. */
const requireNoContradiction = (
  { diagnosis, inspected }: DiagnosedStep,
  state: VersionState,
  action: 'rolled-back' | 'applied',
): void => {
  if (diagnosis.changed) return
  const done = action === 'applied' ? diagnosis.statements : 0
  // Without a record, what is there may have been there before, and be the reason why the step failed.
  const reached = diagnosis.by === 'mig' ? (diagnosis.possible.at(-1) ?? 0) : 0
  const against = new CatalogModel(inspected).contradictions(done, reached)
  if (against.length === 0) return
  const shown = against
    .slice(0, 3)
    .map(({ label, shown: there }) => `${there ? 'there is' : 'there is no'} ${label}`)
  throw new MigrateError(
    'CANNOT_REPAIR',
    `${diagnosis.direction} ${diagnosis.version} is not ${action === 'applied' ? 'applied' : 'rolled back'} as a whole: ${shown.join(', ')}`,
    {
      hint: 'Fix that first. To set the version against what the database shows, there is "mig force VERSION".',
      details: { state, version: diagnosis.version },
    },
  )
}

/** Sets the version row and says on record that and why. */
const writeRepair = async (
  { driver, identity }: RepairInput,
  { version, direction, title, from, statements }: Diagnosis,
  to: VersionState,
  action: 'rolled-back' | 'applied',
  reason: string | null,
): Promise<void> => {
  const outOfOrderMigrations = action === 'applied' && from === to.version
  await driver.writeState({
    to,
    entry: {
      ...blankEntry(identity),
      kind: 'repaired',
      version,
      direction,
      title,
      // From the version before the step: that is what the version row is moved over.
      from: action === 'applied' ? from : to.version,
      to: to.version,
      statements,
      message: reason,
      details: JSON.stringify({ action }),
    },
  })
  if (!outOfOrderMigrations) return
  // A version applied late leaves the version row where it is, so only an event of its own says that it is applied.
  await driver.appendEvent({
    ...blankEntry(identity),
    kind: direction === 'up' ? 'applied' : 'reverted',
    version,
    direction,
    title,
    from: to.version,
    to: to.version,
    message: reason,
  })
}

const dropInvalidIndexes = async (
  { driver, identity }: RepairInput,
  { reason }: RepairOptions,
): Promise<readonly string[]> => {
  const { observations } = (await driver.inspect?.({ scripts: [] })) ?? { observations: [] }
  const state = await driver.readState()
  const dropped: string[] = []
  for (const seen of observations) {
    if (!isInvalidIndex(seen) || driver.dropInvalidIndex === undefined) continue
    await driver.dropInvalidIndex(seen.name)
    dropped.push(seen.name)
    await driver.appendEvent({
      ...blankEntry(identity),
      kind: 'repaired',
      version: state.version,
      from: state.version,
      to: state.version,
      dirty: state.dirty,
      message: reason ?? `INVALID index ${seen.name} removed`,
      details: JSON.stringify({ action: 'drop-invalid-index', index: seen.name }),
    })
  }
  return dropped
}

const isInvalidIndex = (
  seen: Observation,
): seen is Extract<Observation, { readonly kind: 'invalid-index' }> => seen.kind === 'invalid-index'
