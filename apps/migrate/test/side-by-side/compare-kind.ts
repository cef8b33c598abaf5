import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseKind } from '@mig/testing'
import { seededRandom } from '@mig/internal-testing'
import { openSide, runSession, type SessionResult, type StepReport } from './session.ts'
import { migrateTool } from '@mig/internal-testing'

const stepsPerSession = 14

/** The databases on which the two tools are compared. */
export const comparedKinds = ['postgres', 'mysql', 'mariadb', 'sqlite'] as const

/** Commands and options that have to occur, as the steps tag them. */
const tags = [
  'up', 'up N', 'up extra', 'down', 'down N', 'down -all', 'down misuse', 'goto', 'goto misuse', 'force', 'version',
  'drop', 'drop -f', 'create', 'create -ext', 'create -dir', 'create -seq', 'create -digits', 'create -format', 'create -tz',
  'unknown command', 'no command', 'command -help', 'command -h', 'command flag error',
  '-path', '-source', '-database', '-prefetch', '-lock-timeout', '-verbose', '-version', '-help', '-h', 'flag error', 'flag without value',
  'no source', 'bad source', 'no database', 'bad database',
] // prettier-ignore

/** How many steps, and from which seed on. */
export interface ComparisonOptions {
  /** The real golang-migrate. */
  readonly reference: string
  readonly steps: number
  readonly firstSeed: number
  /** How many differences are enough to stop. */
  readonly mostDifferences: number
  /** Told of each difference, and after each thousand steps. */
  readonly progress: (text: string) => void
}

/** What a comparison came to. */
export interface Comparison {
  /** What differs and is not known, each with all it takes to run it again. */
  readonly differences: readonly string[]
  readonly steps: number
  readonly firstSeed: number
  /** Of the steps, from 0 to 1. */
  readonly ranScript: number
  readonly failed: number
  readonly counts: Readonly<Record<string, number>>
  readonly known: Readonly<Record<string, number>>
}

/** Sessions that run at a time: what one waits for the database, another has the processor. */
const lanes = 2

/** Runs random steps through both tools. */
export const compareKind = async (
  kind: DatabaseKind,
  { reference, steps, firstSeed, mostDifferences, progress }: ComparisonOptions,
): Promise<Comparison> => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-side-by-side-'))
  // By the number of the session, so that the same seed gives the same steps whichever lane is the faster.
  const sessions: SessionResult[] = []
  let [started, done, found] = [0, 0, 0]
  const lane = async (name: string): Promise<void> => {
    const theirs = await openSide(kind, [[reference]], join(folder, name, 'a'))
    const ours = await openSide(kind, [migrateTool], join(folder, name, 'b'))
    try {
      while (done < steps && found < mostDifferences) {
        const session = started++
        const seed = firstSeed + session
        const result = await runSession(kind, { theirs, ours }, seededRandom(seed), stepsPerSession)
        const difference = result.difference && `${kind}, seed ${seed}: ${result.difference}`
        sessions[session] = { ...result, ...(difference && { difference }) }
        const before = done
        done += result.reports.length
        if (difference !== undefined) {
          found++
          progress(difference)
        }
        if (Math.floor(before / 1000) < Math.floor(done / 1000)) {
          progress(`${kind}: ${done} steps, up to seed ${seed}`)
        }
      }
    } finally {
      await Promise.all([theirs.database.close(), ours.database.close()])
    }
  }
  try {
    await Promise.all(Array.from({ length: lanes }, (_, index) => lane(String(index))))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    ...summarize(
      sessions.flatMap(({ reports }) => reports),
      firstSeed,
    ),
    differences: sessions.flatMap(({ difference }) => difference ?? []),
  }
}

const summarize = (
  reports: readonly StepReport[],
  firstSeed: number,
): Omit<Comparison, 'differences'> => {
  const counts: Record<string, number> = Object.fromEntries(tags.map((tag) => [tag, 0]))
  for (const tag of reports.flatMap((report) => report.tags)) counts[tag] = (counts[tag] ?? 0) + 1
  const known: Record<string, number> = {}
  for (const { known: quirk } of reports) {
    if (quirk !== undefined) known[quirk] = (known[quirk] ?? 0) + 1
  }
  const share = (matches: (report: StepReport) => boolean): number =>
    reports.filter(matches).length / reports.length
  return {
    steps: reports.length,
    firstSeed,
    ranScript: share(({ ranScript }) => ranScript),
    failed: share(({ failed }) => failed),
    counts,
    known,
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** A comparison in words. */
export const describeComparison = (
  kind: DatabaseKind,
  { steps, firstSeed, ranScript, failed, counts, known, differences }: Comparison,
): string =>
  [
    `${kind}: ${steps} steps from seed ${firstSeed}, ${percent(ranScript)} ran a body, ${percent(failed)} failed, ${differences.length} differences`,
    `  ${Object.entries(counts)
      .map(([tag, count]) => `${tag}: ${count}`)
      .join(', ')}`,
    ...Object.entries(known).map(([quirk, count]) => `  known: ${count} × ${quirk}`),
  ].join('\n')
