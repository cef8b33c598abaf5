import type { BenchDatabaseKind } from './databases.ts'
import type { Machine } from './machine.ts'
import type { CountedRun } from './measure.ts'
import type { Role } from './tools/tool.ts'

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

/** Finds the figures of a contender. */
export function entryOf(result: WorkloadResult | undefined, name: string): Entry | undefined {
  return result?.entries.find((entry) => entry.name === name)
}
