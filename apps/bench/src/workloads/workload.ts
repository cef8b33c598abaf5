import type { Contender } from '../alternate.ts'
import type { BenchDatabaseKind, Target } from '../databases.ts'
import type { MigrationSet } from '../migrations.ts'
import type { Operation } from '../tools/tool.ts'
import type { Workshop } from '../workshop.ts'

/**
 * What the database holds when a measured run starts: nothing, all migrations put there for each
 * run, or all migrations put there once because the run changes nothing.
 */
type StartingState = 'empty' | 'applied-each-time' | 'applied-once'

/** A smaller set of migrations, run by the first of our own tools and by the limits. */
export interface Beside {
  readonly count: number
  /** What stands behind the name of a tool, as in `mig over one file`. */
  readonly over: string
  migrations(kind: BenchDatabaseKind): MigrationSet
}

/** Something to measure, on each database it makes sense for. */
export interface Workload {
  /** Such as `up-1000`; what stands before the first hyphen is its family. */
  readonly id: string
  readonly title: string
  readonly databases: readonly BenchDatabaseKind[]
  /** Added to each round trip. */
  readonly delayMs: number
  readonly operation: Operation
  readonly start: StartingState
  /** Number of migrations, where it is what the workload is about. */
  readonly count: number | null
  /** The migrations, or the reason why there are none. */
  migrations(kind: BenchDatabaseKind): Promise<MigrationSet | { readonly missing: string }>
  /** The same over fewer migrations, in turn with everything else. */
  readonly beside?: Beside
  /** Contenders that are no migration tools. */
  extras?(workshop: Workshop, target: Target): Promise<readonly Contender[]>
}
