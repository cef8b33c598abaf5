import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseKind } from '@mig/testing'
import { seededRandom } from './random.ts'
import { openSide, runSession, type StepReport } from './session.ts'
import { migrateTool } from './workplace.ts'

const stepsPerSession = 14

/** The databases on which the two tools are compared. */
export const comparedKinds = ['postgres', 'mysql', 'mariadb', 'sqlite'] as const

/** Commands and options that have to occur, as the steps tag them. */
const tags = [
  'up', 'up N', 'up extra', 'down', 'down N', 'down -all', 'down misuse', 'goto', 'goto misuse', 'force', 'version',
  'drop', 'drop -f', 'create', 'create -ext', 'create -dir', 'create -seq', 'create -digits', 'create -format', 'create -tz',
  'unknown command', 'no command', 'command -help', 'command -h', 'command flag error',
  '-path', '-source', '-database', '-prefetch', '-lock-timeout', '-verbose', '-version', '-help', '-h', 'flag error',
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
  readonly ranBody: number
  readonly failed: number
  readonly counts: Readonly<Record<string, number>>
  readonly known: Readonly<Record<string, number>>
}

/** Runs random steps through both tools. */
export const compareKind = async (
  kind: DatabaseKind,
  { reference, steps, firstSeed, mostDifferences, progress }: ComparisonOptions,
): Promise<Comparison> => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-side-by-side-'))
  const theirs = await openSide(kind, [[reference]], join(folder, 'a'))
  const ours = await openSide(kind, [migrateTool], join(folder, 'b'))
  const reports: StepReport[] = []
  const differences: string[] = []
  try {
    for (
      let seed = firstSeed;
      reports.length < steps && differences.length < mostDifferences;
      seed++
    ) {
      const before = reports.length
      const random = seededRandom(seed)
      const session = await runSession(kind, { theirs, ours }, random, stepsPerSession)
      reports.push(...session.reports)
      if (session.difference !== undefined) {
        const text = `${kind}, MIG_SIDE_BY_SIDE_SEED=${seed}: ${session.difference}`
        differences.push(text)
        progress(text)
      }
      if (Math.floor(before / 1000) < Math.floor(reports.length / 1000)) {
        progress(`${kind}: ${reports.length} steps, up to seed ${seed}`)
      }
    }
  } finally {
    await Promise.all([theirs.database.close(), ours.database.close()])
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...summarize(reports, firstSeed), differences }
}

const summarize = (reports: readonly StepReport[], firstSeed: number): Omit<Comparison, 'differences'> => {
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
    ranBody: share(({ ranBody }) => ranBody),
    failed: share(({ failed }) => failed),
    counts,
    known,
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** A comparison in words. */
export const describeComparison = (
  kind: DatabaseKind,
  { steps, firstSeed, ranBody, failed, counts, known, differences }: Comparison,
): string =>
  [
    `${kind}: ${steps} steps from seed ${firstSeed}, ${percent(ranBody)} ran a body, ${percent(failed)} failed, ${differences.length} differences`,
    `  ${Object.entries(counts)
      .map(([tag, count]) => `${tag}: ${count}`)
      .join(', ')}`,
    ...Object.entries(known).map(([quirk, count]) => `  known: ${count} × ${quirk}`),
  ].join('\n')
