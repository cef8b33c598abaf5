import { setTimeout as sleep } from 'node:timers/promises'
import type { Driver } from '../driver/driver.ts'
import type { Inspection } from '../driver/inspection.ts'
import { isMigrateError, type MigrateError } from '../errors/errors.ts'
import type { MigratorEventListener } from '../migrator/events.ts'
import { ledgerFormat, type LedgerEvent, type LedgerSnapshot } from '../ledger/ledger.ts'
import { viewLedger } from '../ledger/ledger-view.ts'
import type { RunIdentity } from '../run/prepare-step.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import { verify } from '../migrator/verify.ts'
import { emptyState, formatVersion, type VersionState } from '../plan/version-state.ts'
import { diagnose, statementAt } from './diagnose.ts'
import type { DiagnosedStep } from './diagnosis.ts'
import { explainDiagnosis } from './explain-diagnosis.ts'
import { explainObservation } from './explain-observations.ts'
import type { DoctorResult, Finding } from './finding.ts'
import { lastCleanFailure } from './progress.ts'

/** What a doctor works on. */
export interface DoctorInput {
  readonly driver: Driver
  readonly source: Source
  readonly identity: RunIdentity
  readonly emit: MigratorEventListener
  /** How long to wait for a run that is under way on a dirty database. */
  readonly lockTimeoutMs: number
}

const nothing: Inspection = { scripts: [], observations: [], wholeScripts: false }
const noFiles: MigrationListing = { migrations: [], nearMisses: [] }
const longestWaitMs = 10_000
const pauseMs = 200
const skewMs = 5000

/** Version row and ledger at one moment. */
export const readSnapshot = async (driver: Driver): Promise<LedgerSnapshot> =>
  (await driver.readLedger?.({})) ?? { state: await driver.readState(), events: [] }

/** Finds out what is wrong and says what to do. Changes nothing, creates nothing, and takes no lock. */
export const inspectDatabase = async (input: DoctorInput): Promise<DoctorResult> => {
  try {
    return await inspectReadable(input)
  } catch (error) {
    if (!isMigrateError(error) || error.code !== 'VERSION_TABLE_UNTRUSTED') throw error
    return inspectUnreadable(input, error)
  }
}

/** What is wrong with a version table that is not read, and whatever else can be seen without it. */
const inspectUnreadable = async (
  { driver }: DoctorInput,
  error: MigrateError,
): Promise<DoctorResult> => {
  const { observations } = (await driver.inspect?.({ scripts: [] })) ?? nothing
  const table = driver.database.migrationsTable
  const findings = observations.map((seen) => explainObservation(seen, table))
  const explained = findings.some(({ code }) => code === 'UNTRUSTED_TABLE')
  const reason: Finding = {
    code: 'UNTRUSTED_TABLE',
    severity: 'error',
    title: error.message,
    why: 'mig decides by what this table says, and reads it only as mig or golang-migrate makes it.',
    details: error.hint === undefined ? [] : [error.hint],
  }
  return {
    state: emptyState,
    healthy: false,
    findings: bySeverity(explained ? findings : [reason, ...findings]),
  }
}

const bySeverity = (findings: readonly Finding[]): Finding[] =>
  (['error', 'warning', 'info'] as const).flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  )

const inspectReadable = async (input: DoctorInput): Promise<DoctorResult> => {
  const { driver, source } = input
  const files = await readFiles(source)
  await letRunEnd(input)
  const { state, events } = await readSnapshot(driver)
  const startedAt = Date.now()
  const inspection = (await driver.inspect?.({ scripts: [] })) ?? nothing
  const diagnosed =
    state.dirty && files.listing !== undefined
      ? await diagnose({ ...input, listing: files.listing, state, events })
      : undefined
  const listing = files.listing ?? noFiles
  const findings = [
    ...files.findings,
    ...(state.dirty ? dirtyFinding(diagnosed, state) : []),
    ...(files.listing === undefined ? [] : await fileFindings(input, listing, state, events)),
    ...ledgerFindings(events),
    ...clockFinding(inspection, startedAt),
    ...inspection.observations.map((seen) =>
      explainObservation(seen, driver.database.migrationsTable),
    ),
  ]
  const sorted = bySeverity(findings)
  return {
    state,
    healthy: sorted.every(({ severity }) => severity === 'info'),
    findings: sorted,
    ...(diagnosed === undefined ? {} : { diagnosis: diagnosed.diagnosis }),
  }
}

/** A dirty mark is part of every non-transactional step that is running: waits for its end, as long as the lock is held. */
const letRunEnd = async ({ driver, emit, lockTimeoutMs }: DoctorInput): Promise<void> => {
  const startedAt = performance.now()
  const patience = Math.min(lockTimeoutMs, longestWaitMs)
  let told: string | undefined
  while (driver.inspect !== undefined && (await driver.readState()).dirty) {
    const { observations } = await driver.inspect({ scripts: [] })
    const held = observations.find((seen) => seen.kind === 'lock-held')
    if (held === undefined || performance.now() - startedAt > patience) return
    const { holder } = held
    if (told !== holder) emit({ type: 'lock-waiting', holder: (told = holder) })
    await sleep(pauseMs)
  }
}

const readFiles = async (
  source: Source,
): Promise<{ readonly listing?: MigrationListing; readonly findings: readonly Finding[] }> => {
  try {
    const listing = await source.list()
    return { listing, findings: nearMissFinding(listing) }
  } catch (error) {
    if (!isMigrateError(error)) throw error
    const duplicate = error.code === 'DUPLICATE_VERSION'
    return {
      findings: [
        {
          code: duplicate ? 'DUPLICATE_VERSION' : 'FILES_UNREADABLE',
          severity: 'error',
          title: error.message,
          why: duplicate
            ? 'Which of the two was applied is not certain, and nothing runs until there is one of each.'
            : 'Without the files nobody can say what the database should be like.',
          details: error.hint === undefined ? [] : [error.hint],
        },
      ],
    }
  }
}

const nearMissFinding = ({ nearMisses }: MigrationListing): Finding[] =>
  nearMisses.length === 0
    ? []
    : [
        {
          code: 'NEAR_MISS',
          severity: 'warning',
          title: `Not taken for migrations: ${nearMisses.join(', ')}`,
          why: 'Their names nearly are those of migrations, and nothing of them is ever applied.',
          details: ['A migration is called VERSION_TITLE.up.sql or VERSION_TITLE.down.sql.'],
        },
      ]

const dirtyFinding = (diagnosed: DiagnosedStep | undefined, state: VersionState): Finding[] => {
  if (diagnosed !== undefined) {
    const { diagnosis, step } = diagnosed
    return [explainDiagnosis(diagnosis, (number) => statementAt(step, number))]
  }
  return [
    {
      code: 'DIRTY_WITHOUT_FILE',
      severity: 'error',
      title: `The database is dirty at version ${formatVersion(state.version)}, and there is no file to explain it`,
      why: 'Nothing runs on a dirty database, and without the file nobody can say what the step was to do.',
      details: ['Look for the file first: another branch or release may have it. Check --path.'],
      command: 'mig force VERSION',
    },
  ]
}

const fileFindings = async (
  { source }: DoctorInput,
  listing: MigrationListing,
  state: VersionState,
  events: readonly LedgerEvent[],
): Promise<Finding[]> => {
  const view = viewLedger(events, state, listing.migrations)
  const { changed, outOfOrder, missing, ahead } = await verify(view, state, listing, source)
  const findings: Finding[] = []
  if (ahead && !state.dirty) {
    findings.push({
      code: 'AHEAD_OF_FILES',
      severity: 'error',
      title: `The database is at version ${formatVersion(state.version)}, which no file has`,
      why: 'A newer release has migrated it, or the files are those of another project; nothing runs meanwhile.',
      details: ['Deploy the files of that version, or check --path.'],
    })
  }
  const gone = missing.filter((version) => version !== state.version || !ahead)
  if (gone.length > 0) {
    findings.push({
      code: 'MISSING_FILE',
      severity: 'error',
      title: `Applied versions without a file: ${gone.join(', ')}`,
      why: 'They cannot be reverted, and a new database would not get them.',
      details: ['Restore the files from version control.'],
    })
  }
  for (const { version, file } of changed) {
    findings.push({
      code: 'CHANGED_FILE',
      severity: 'error',
      title: `${file} was changed after it was applied`,
      why: 'This database has what the file said then; a new one would get what it says now.',
      details: ['Restore the file and write a new migration, or put the change on record.'],
      command: `mig verify --accept ${version} --reason "why"`,
    })
  }
  if (outOfOrder.length > 0) {
    findings.push({
      code: 'OUT_OF_ORDER',
      severity: 'error',
      title: `Below the database's version and never applied: ${outOfOrder.join(', ')}`,
      why: 'golang-migrate would skip them in silence; other databases may have them.',
      details: ['Give them numbers above the newest one, or apply them late.'],
      command: 'mig up --out-of-order=apply',
    })
  }
  return [...findings, ...failureFinding(listing, events)]
}

/** A run that failed and left the database as it was. */
const failureFinding = (
  { migrations }: MigrationListing,
  events: readonly LedgerEvent[],
): Finding[] => {
  const failed = lastCleanFailure(events)
  if (failed === undefined) return []
  const { version, direction, line, column, message, errorCode } = failed
  if (version === null || direction === null) return []
  const migration = migrations.find((known) => known.version === version)
  const file = migration?.[direction]?.name ?? `${version} ${direction}`
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  const code = errorCode === null || message?.endsWith(errorCode) === true ? '' : ` (${errorCode})`
  return [
    {
      code: 'LAST_RUN_FAILED',
      severity: 'info',
      title: `The last run failed at ${direction} ${version}, and nothing of it is in effect`,
      why: 'The step was one transaction and was rolled back: the database is as it was before, and clean.',
      details: [`${place}: ${message ?? 'no message'}${code}`, `Fix ${file}, then run it again.`],
      command: direction === 'up' ? 'mig up' : 'mig down',
    },
  ]
}

const ledgerFindings = (events: readonly LedgerEvent[]): Finding[] => {
  const newest = Math.max(0, ...new Set(events.map(({ format }) => format)))
  if (newest <= ledgerFormat) return []
  return [
    {
      code: 'LEDGER_NEWER',
      severity: 'warning',
      title: `The ledger has format ${newest}, and this release writes format ${ledgerFormat}`,
      why: 'A newer release of mig has been here. This one reads the ledger as far as it understands it and does not write to it.',
      details: ['Update mig. The version itself does not depend on the ledger.'],
    },
  ]
}

const clockFinding = ({ serverTime }: Inspection, askedAt: number): Finding[] => {
  if (serverTime === undefined) return []
  const halfway = (askedAt + Date.now()) / 2
  const skew = Math.round((serverTime.getTime() - halfway) / 1000)
  if (Math.abs(skew) * 1000 < skewMs) return []
  return [
    {
      code: 'CLOCK_SKEW',
      severity: 'warning',
      title: `The server's clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'after'} this machine's`,
      why: "Times in the ledger are the server's: they do not fit the logs of this machine, nor versions that are timestamps.",
      details: ['Set both by a time server.'],
    },
  ]
}
