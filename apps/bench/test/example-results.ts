import type { BenchResults, Entry, WorkloadResult } from '../src/results.ts'

/** An entry with one run of that many milliseconds. */
export function entry(name: string, role: Entry['role'], ms: number, peakMb = 10): Entry {
  const run = { wallMs: ms, cpuMs: ms / 2, peakMb, roundTrips: null }
  return { name, role, medianMs: ms, lowestMs: ms, highestMs: ms, ...run, runs: [run] }
}

/** A PostgreSQL workload with these entries. */
export function workload(
  id: string,
  count: number,
  entries: readonly Entry[],
  notRun: WorkloadResult['notRun'] = [],
): WorkloadResult {
  return {
    workload: id,
    title: id,
    database: 'postgres',
    count,
    roundTripMs: null,
    rounds: 1,
    entries,
    notRun,
  }
}

/** Results with these workloads. */
export function results(...workloads: readonly WorkloadResult[]): BenchResults {
  return {
    startedAt: '2026-01-02T03:04:05.000Z',
    machine: { cpu: 'a processor', cores: 2, memoryGb: 8, system: 'a system', node: 'v24.0.0' },
    tools: { mig: '1.2.3' },
    servers: { postgres: '18.1' },
    workloads,
    skipped: [],
    unavailable: [],
  }
}

/** What ran in turn with a workload of more migrations. */
export const beside = { count: 1000, over: '1,000' }
