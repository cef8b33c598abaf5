import type { BenchDatabaseKind } from './databases.ts'
import type { Machine } from './machine.ts'
import type { CountedRun } from './measure.ts'
import type { Role } from './tools/tool.ts'
import type { Beside } from './workloads/workload.ts'

/** Figures of one contender in one workload. */
export interface Entry {
  readonly name: string
  /** `part` is no migration tool but a part of what the time goes to. */
  readonly role: Role | 'part'
  readonly medianMs: number
  readonly lowestMs: number
  readonly highestMs: number
  readonly cpuMs: number
  readonly peakMb: number
  /** Counted where a proxy stood between tool and server. */
  readonly roundTrips: number | null
  readonly runs: readonly CountedRun[]
}

/** A contender without figures. */
export interface NotRun {
  readonly name: string
  readonly reason: string
}

/** One workload on one database: all contenders in alternating runs. */
export interface WorkloadResult {
  readonly workload: string
  readonly title: string
  readonly database: BenchDatabaseKind
  readonly count: number | null
  /** What `SELECT 1` takes with the added delay; `null` without one. */
  readonly roundTripMs: number | null
  readonly rounds: number
  /** The fewer migrations that some of the contenders ran in turn with these. */
  readonly beside?: Pick<Beside, 'count' | 'over'>
  readonly entries: readonly Entry[]
  readonly notRun: readonly NotRun[]
}

/** A workload that could not be run on a database. */
export interface SkippedWorkload {
  readonly workload: string
  readonly title: string
  readonly database: BenchDatabaseKind
  readonly reason: string
}

/** Everything that one run of the benchmark found. */
export interface BenchResults {
  readonly startedAt: string
  readonly machine: Machine
  /** Version of each tool that ran. */
  readonly tools: Readonly<Record<string, string>>
  readonly servers: Readonly<Partial<Record<BenchDatabaseKind, string>>>
  readonly workloads: readonly WorkloadResult[]
  readonly skipped: readonly SkippedWorkload[]
  /** Tools that this machine cannot have. */
  readonly unavailable: readonly NotRun[]
}

/** A run's results with those of an earlier one behind them, in the order of `ids`; what was measured again replaces. */
export function addTo(
  earlier: BenchResults,
  results: BenchResults,
  ids: readonly string[],
): BenchResults {
  const keys = new Set([...results.workloads, ...results.skipped].map(keyOf))
  const kept = <T extends Measured>(list: readonly T[]): T[] =>
    list.filter((one) => !keys.has(keyOf(one)))
  const rank = ({ workload }: Measured): number => ids.indexOf(workload)
  const tools = { ...earlier.tools, ...results.tools }
  return {
    ...results,
    startedAt: earlier.startedAt,
    tools,
    servers: { ...earlier.servers, ...results.servers },
    workloads: [...kept(earlier.workloads), ...results.workloads].toSorted(
      (a, b) => rank(a) - rank(b),
    ),
    skipped: [...kept(earlier.skipped), ...results.skipped],
    unavailable: [
      ...earlier.unavailable.filter(({ name }) => tools[name] === undefined),
      ...results.unavailable.filter(
        ({ name }) => !earlier.unavailable.some((other) => other.name === name),
      ),
    ],
  }
}

type Measured = Pick<WorkloadResult, 'workload' | 'database'>

function keyOf({ workload, database }: Measured): string {
  return `${workload} ${database}`
}

/** The name of a tool that runs the fewer migrations. */
export function nameBeside(tool: string, over: string): string {
  return `${tool} over ${over}`
}

/** How much longer a migration takes a tool among the many than among the fewer, in the same alternating runs. */
export function growthOf(result: WorkloadResult | undefined, name: string): number | undefined {
  if (result?.beside === undefined || result.count === null) return undefined
  const { count, over } = result.beside
  const many = entryOf(result, name)
  const few = entryOf(result, nameBeside(name, over))
  return many && few && many.medianMs / result.count / (few.medianMs / count)
}

/** Finds the figures of a contender. */
export function entryOf(result: WorkloadResult | undefined, name: string): Entry | undefined {
  return result?.entries.find((entry) => entry.name === name)
}
