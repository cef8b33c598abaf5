import { classify } from '../script/classify.ts'
import { readDirectives } from '../script/directives.ts'
import type { Driver, PreparedStep } from '../driver/driver.ts'
import type { Inspection, InspectedStatement } from '../driver/inspection.ts'
import { prefixChecksum } from '../driver/statement-entry.ts'
import type { LedgerEvent } from '../ledger/ledger.ts'
import type { MigrationStep, Version } from '../plan/migration.ts'
import { prepareStep, type RunIdentity } from '../run/prepare-step.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import { versionToRow, type VersionState } from '../plan/version-state.ts'
import { boundariesOf, type Commits } from './boundaries.ts'
import { CatalogModel } from './catalog-model.ts'
import type {
  DiagnosedFailure,
  DiagnosedObject,
  DiagnosedStatement,
  DiagnosedStep,
  Diagnosis,
} from './diagnosis.ts'
import { causeOf, type RecordedStep } from './progress.ts'

/** What a diagnosis is made from. */
export interface DiagnosisInput {
  readonly driver: Driver
  readonly source: Source
  readonly listing: MigrationListing
  readonly identity: RunIdentity
  readonly state: VersionState
  readonly events: readonly LedgerEvent[]
}

/** A statement as it stands in the file. */
export const statementAt = (step: PreparedStep, number: number): DiagnosedStatement | null => {
  const statement = step.parsed.statements.at(number - 1)
  if (number < 1 || statement === undefined) return null
  const { line, column, text } = statement
  return { number, line, column, text }
}

/**
 * Finds out what left the database dirty and what of it is in effect: by the ledger where mig ran it, by version row, files
 * and catalog alone where somebody else did. Nothing where no file has the version.
 */
export const diagnose = async (input: DiagnosisInput): Promise<DiagnosedStep | undefined> => {
  const cause = causeOf(input.events, input.state)
  if (cause.by === 'mig') {
    const planned = recordedStep(input, cause.step)
    return planned === undefined ? undefined : diagnoseRecorded(input, planned, cause.step)
  }
  const candidates = foreignSteps(input, cause.before)
  const diagnosed: DiagnosedStep[] = []
  for (const step of candidates) {
    diagnosed.push(await diagnoseForeign(input, step, candidates.length === 1))
  }
  return chooseStep(diagnosed)
}

/**
 * Of the two steps that could have run, the one that did, as far as the catalog tells: the version's own up, or the down
 * of the version above it. A step that was up did not begin with the upper version there, and one that was down did not
 * begin with the lower one missing.
 */
const chooseStep = (steps: readonly DiagnosedStep[]): DiagnosedStep | undefined => {
  const [up, down] = steps
  if (up === undefined || down === undefined) return up
  const lowerMissing = isNothing(up)
  const upperThere = isNothing(down)
  if (lowerMissing === upperThere) return up
  return sure(lowerMissing ? up : down)
}

/** Whether the catalog shows that nothing of the step is in effect. */
const isNothing = ({ diagnosis: { standing, asked } }: DiagnosedStep): boolean =>
  asked && standing.length === 1 && standing[0] === 0

const sure = (step: DiagnosedStep): DiagnosedStep => ({
  ...step,
  diagnosis: { ...step.diagnosis, sure: true },
})

const recordedStep = (
  { listing }: DiagnosisInput,
  { version, direction, from, to }: RecordedStep,
): MigrationStep | undefined => {
  const migration = listing.migrations.find((known) => known.version === version)
  const file = migration?.[direction]
  if (file === undefined) return undefined
  return { version, direction, title: file.title, file: file.name, from, to }
}

/** The steps that end at the version row: up to its version, or down from the one above it. */
const foreignSteps = (
  { listing: { migrations }, state }: DiagnosisInput,
  before: Version | null | undefined,
): MigrationStep[] => {
  const { version: to } = state
  const place = migrations.findIndex(({ version }) => version === to)
  if (to !== null && place === -1) return []
  const own = migrations[place]
  const above = migrations[place + 1]
  const below = migrations[place - 1]?.version ?? null
  const steps: MigrationStep[] = []
  const wentUp = before === undefined || versionToRow(before) <= versionToRow(to)
  const wentDown = before === undefined || versionToRow(before) >= versionToRow(to)
  if (own?.up !== undefined && wentUp) {
    const { name, title } = own.up
    steps.push({ version: own.version, direction: 'up', title, file: name, from: below, to })
  }
  if (above?.down !== undefined && wentDown) {
    const { name, title } = above.down
    const { version } = above
    steps.push({ version, direction: 'down', title, file: name, from: version, to })
  }
  return steps
}

const noInspection: Inspection = { scripts: [], observations: [], wholeScripts: false }

interface InspectedStep {
  readonly step: PreparedStep
  readonly reason: string | null
  readonly refused: boolean
  readonly inspected: readonly InspectedStatement[]
  readonly wholeScripts: boolean
}

const inspectStep = async (
  { driver, source, identity }: DiagnosisInput,
  planned: MigrationStep,
): Promise<InspectedStep> => {
  const { step, classification } = await prepareStep(planned, source, driver, identity)
  const scripts = [step.parsed.statements]
  const { scripts: found, wholeScripts } = (await driver.inspect?.({ scripts })) ?? noInspection
  return {
    step,
    reason: classification.kind === 'transactional' ? null : classification.reason,
    refused: classification.kind === 'refused',
    inspected: found[0] ?? [],
    wholeScripts,
  }
}

const diagnoseRecorded = async (
  input: DiagnosisInput,
  planned: MigrationStep,
  record: RecordedStep,
): Promise<DiagnosedStep> => {
  const { step, reason, inspected } = await inspectStep(input, planned)
  const { statements } = step.parsed
  const commits: Commits = input.driver.capabilities.transactionalDdl
    ? 'each-transaction'
    : 'each-statement'
  const { certain, refused, certainChecksum, started, failed, journalled } = record
  const changed = started.checksum !== null && started.checksum !== step.entry.checksum
  const end = statements.at(certain - 1)?.end ?? 0
  const unchangedSoFar =
    certain === 0 || !changed || certainChecksum === prefixChecksum(step.script, end)
  const possible =
    refused !== undefined
      ? [certain]
      : pointsAfter(boundariesOf(statements, commits), certain, inspected, journalled, step)
  const seen = compare(possible, inspected, {
    changed: changed && refused === undefined,
    recorded: true,
  })
  return {
    step,
    inspected,
    diagnosis: {
      ...common(planned, statements.length),
      by: 'mig',
      sure: true,
      how: commits,
      reason,
      recorded: certain,
      failure: failed === undefined ? null : failureOf(failed, step, changed, refused, inspected),
      possible,
      changed,
      unchangedSoFar,
      ...seen,
      objects: objectsAfter(inspected, certain),
      unusable: unusableObjects(inspected),
    },
  }
}

const common = (
  { version, direction, title, file, from, to }: MigrationStep,
  statements: number,
): Pick<Diagnosis, 'version' | 'direction' | 'title' | 'file' | 'from' | 'to' | 'statements'> => ({
  version,
  direction,
  title,
  file: file ?? null,
  from,
  to,
  statements,
})

const failureOf = (
  { at, statement, errorCode, message }: LedgerEvent,
  step: PreparedStep,
  changed: boolean,
  refused: number | undefined,
  inspected: readonly InspectedStatement[],
): DiagnosedFailure => ({
  at,
  refused: refused !== undefined,
  partly: refused === undefined || changed ? null : partlyReason(inspected[refused - 1]),
  // In a file that was changed since, another statement may stand there.
  statement: statement === null || changed ? null : statementAt(step, statement),
  code: errorCode,
  message,
})

/** A statement about one object did all of it or nothing. */
const partlyReason = (statement: InspectedStatement | undefined): string | null =>
  statement?.objects.length === 1 ? null : (statement?.partly ?? null)

/** Where a step can have broken off of which statements 1 to `certain` are on record. */
const pointsAfter = (
  boundaries: ReturnType<typeof boundariesOf>,
  certain: number,
  inspected: readonly InspectedStatement[],
  journalled: boolean,
  { parsed }: PreparedStep,
): readonly number[] => {
  const all = Array.from({ length: parsed.statements.length + 1 }, (_, index) => index)
  if (!journalled) return boundaries?.points ?? all
  if (boundaries === undefined) return all.filter((point) => point >= certain)
  const points = [certain]
  for (const point of boundaries.points) {
    if (point <= certain) continue
    points.push(point)
    // The event of the next one is written after this one, unless a transaction or a lock keeps it back.
    const isRecordedLate =
      boundaries.inBlock.has(point) || inspected[point - 1]?.recordedLater === true
    if (!isRecordedLate) break
  }
  return points
}

/** Which of the points the catalog does not contradict. */
const compare = (
  possible: readonly number[],
  inspected: readonly InspectedStatement[],
  { changed, recorded }: { readonly changed: boolean; readonly recorded: boolean },
): Pick<Diagnosis, 'standing' | 'likely' | 'contradictions' | 'asked'> => {
  const uncertain = inspected.slice(possible[0] ?? 0, possible.at(-1))
  const asked =
    !changed && uncertain.some(({ objects }) => objects.some(({ shown }) => shown !== undefined))
  if (changed) return { standing: possible, likely: possible, contradictions: [], asked }
  const model = new CatalogModel(inspected)
  const last = possible.at(-1) ?? 0
  const found = possible.map((point) => ({
    point,
    against: model.contradictions(point, recorded ? last : 0),
  }))
  const standing = found.filter(({ against }) => against.length === 0).map(({ point }) => point)
  const likely = standing.filter((point) => model.contradictions(point, last).length === 0)
  const [nearest] = found.toSorted((a, b) => a.against.length - b.against.length)
  const contradictions = standing.length > 0 ? [] : (nearest?.against ?? [])
  return { standing, likely, contradictions, asked }
}

/** What the catalog shows of the statements after the certain ones. */
const objectsAfter = (
  inspected: readonly InspectedStatement[],
  certain: number,
): readonly DiagnosedObject[] =>
  inspected
    .slice(certain)
    .flatMap(({ objects }, index) =>
      objects.flatMap(({ label, action, shown }) =>
        shown === undefined ? [] : [{ statement: certain + index + 1, label, action, shown }],
      ),
    )

const unusableObjects = (inspected: readonly InspectedStatement[]): readonly string[] =>
  inspected.flatMap(({ objects }) =>
    objects.filter(({ unusable }) => unusable === true).map(({ label }) => label),
  )

const unrecorded = { changed: false, recorded: false }

/** A step that nobody wrote into the ledger. */
const diagnoseForeign = async (
  input: DiagnosisInput,
  planned: MigrationStep,
  sure: boolean,
): Promise<DiagnosedStep> => {
  const { step, reason, inspected, wholeScripts } = await inspectStep(input, planned)
  const { statements } = step.parsed
  const { capabilities } = input.driver
  const piecewise: Commits = capabilities.transactionalDdl ? 'each-transaction' : 'each-statement'
  // A run of mig without its ledger would have taken this script statement by statement.
  const nonTransactional =
    classify(step.parsed, capabilities, readDirectives(step.script)).kind === 'non-transactional' &&
    statements.length > 1
  const commits: Commits = wholeScripts && !nonTransactional ? 'whole-script' : piecewise
  const all = Array.from({ length: statements.length + 1 }, (_, index) => index)
  const points = boundariesOf(statements, commits)?.points
  let possible = points ?? all
  let seen = compare(possible, inspected, unrecorded)
  let how: Diagnosis['how'] = commits === 'whole-script' ? 'one-transaction' : piecewise
  if (seen.likely.length === 0 && commits === 'whole-script') {
    // Some of it is there and some is not: x-multi-statement sends each statement by itself.
    possible = all
    seen = compare(all, inspected, unrecorded)
    if (seen.standing.length !== 1) how = 'each-statement'
  }
  return {
    step,
    inspected,
    diagnosis: {
      ...common(planned, statements.length),
      by: 'other',
      sure,
      how,
      reason: commits === 'whole-script' ? null : reason,
      recorded: null,
      failure: null,
      possible,
      changed: false,
      unchangedSoFar: false,
      ...seen,
      objects: objectsAfter(inspected, 0),
      unusable: unusableObjects(inspected),
    },
  }
}
