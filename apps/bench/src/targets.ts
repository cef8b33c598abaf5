import type { BenchDatabaseKind } from './databases.ts'
import { databaseTitles } from './databases.ts'
import type { BenchResults, Entry, WorkloadResult } from './results.ts'
import { entryOf, growthOf, nameBeside } from './results.ts'
import { emptyScript } from './workloads/start-up.ts'

/** What was wanted and what was found. */
export interface TargetResult {
  readonly what: string
  readonly wanted: string
  /** `null` if the figures it needs were not taken. */
  readonly found: string | null
  readonly met: boolean | null
}

type Find = (workload: string, database: BenchDatabaseKind) => WorkloadResult | undefined

interface Limit {
  readonly what: string
  readonly wanted: string
  readonly unit: '×' | 'MB'
  readonly highest: number
  readonly value: (find: Find) => number | undefined
}

/** What counts as faster where no ratio is asked for. */
const justFaster = 0.999

const databases: readonly BenchDatabaseKind[] = ['postgres', 'mysql', 'mariadb', 'sqlite']

/** The targets that mig is developed against, held against what was measured. */
export function checkTargets(results: BenchResults): readonly TargetResult[] {
  const find: Find = (workload, database) =>
    results.workloads.find((one) => one.workload === workload && one.database === database)
  return targets.map(({ what, wanted, unit, highest, value }) => {
    const found = value(find)
    if (found === undefined || Number.isNaN(found)) return { what, wanted, found: null, met: null }
    const text = unit === '×' ? `${found.toFixed(2)} ×` : `${found.toFixed(0)} MB`
    return { what, wanted, found: text, met: found <= highest }
  })
}

function title(workload: string, database: BenchDatabaseKind): string {
  return `${databaseTitles[database]}, \`${workload}\``
}

/** mig's time against that of another contender in the same workload. */
function against(
  workload: string,
  database: BenchDatabaseKind,
  other: string,
  highest: number,
  ours = 'mig',
): Limit {
  return {
    what: `${title(workload, database)}: ${ours} against ${other}`,
    wanted: highest === justFaster ? '< 1 ×' : `≤ ${highest} ×`,
    unit: '×',
    highest,
    value: (find) => ratio(entriesOf(find(workload, database), ours, other)),
  }
}

/** mig's time against that of the fastest npm package in the same workload. */
function fasterThanNpm(workload: string, database: BenchDatabaseKind): Limit {
  return {
    what: `${title(workload, database)}: mig against the fastest npm package`,
    wanted: '< 1 ×',
    unit: '×',
    highest: justFaster,
    value(find) {
      const result = find(workload, database)
      const npm = result?.entries.filter(({ role }) => role === 'npm') ?? []
      const fastest = npm.toSorted((a, b) => a.medianMs - b.medianMs)[0]
      return ratio([entryOf(result, 'mig'), fastest])
    },
  }
}

/** mig's peak memory. */
function peak(workload: string, database: BenchDatabaseKind, highest: number): Limit {
  return {
    what: `${title(workload, database)}: peak memory of mig`,
    wanted: `≤ ${highest} MB`,
    unit: 'MB',
    highest,
    value: (find) => entryOf(find(workload, database), 'mig')?.peakMb,
  }
}

/** How much more memory mig needs for the larger workload. */
function peakAbove(
  larger: string,
  smaller: string,
  database: BenchDatabaseKind,
  highest: number,
): Limit {
  return {
    what: `${title(larger, database)}: peak memory of mig above that of \`${smaller}\``,
    wanted: `≤ ${highest} MB`,
    unit: 'MB',
    highest,
    value(find) {
      const [large, small] = [larger, smaller].map((id) => entryOf(find(id, database), 'mig'))
      return large && small && large.peakMb - small.peakMb
    },
  }
}

/** How mig's time for each migration grows with their number. */
function growth(workload: string, database: BenchDatabaseKind, highest: number): Limit {
  return {
    what: `${title(workload, database)}: mig for each migration against mig over 1,000`,
    wanted: `≤ ${highest} ×`,
    unit: '×',
    highest,
    value: (find) => growthOf(find(workload, database), 'mig'),
  }
}

function entriesOf(
  result: WorkloadResult | undefined,
  ours: string,
  other: string,
): readonly (Entry | undefined)[] {
  return [entryOf(result, ours), entryOf(result, other)]
}

function ratio([ours, other]: readonly (Entry | undefined)[]): number | undefined {
  return ours && other && ours.medianMs / other.medianMs
}

const peer = 'golang-migrate'

const targets: readonly Limit[] = [
  against('up-1000', 'postgres', peer, 0.35),
  against('up-1000', 'postgres', 'psql -1', 1.5),
  fasterThanNpm('up-1000', 'postgres'),
  against('up-1000', 'postgres', 'mig without a ledger', 1.05),
  against('up-100', 'postgres', peer, 0.7),
  fasterThanNpm('up-100', 'postgres'),
  fasterThanNpm('up-1', 'postgres'),
  against('delay-20ms-100', 'postgres', peer, 0.15),
  against('up-1000', 'sqlite', peer, 0.12),
  against('up-1000', 'mysql', peer, 0.75),
  against('up-1000', 'mariadb', peer, 0.75),
  against('down-1000', 'postgres', peer, 0.35),
  against('down-1000', 'sqlite', peer, 0.12),
  against('down-1000', 'mysql', peer, 0.75),
  against('down-1000', 'mariadb', peer, 0.75),
  ...databases.map((database) => against('version', database, emptyScript, 3.5)),
  against('version', 'postgres', 'node-pg-migrate', justFaster),
  ...databases.map((database) => against('version', database, 'knex', justFaster)),
  ...databases.map((database) => against('version', database, emptyScript, 3.5, 'migrate of mig')),
  ...databases.map((database) =>
    against('nothing-10000', database, nameBeside('mig', 'one file'), 2),
  ),
  ...databases.map((database) => peak('up-10000', database, 100)),
  ...databases.map((database) => peakAbove('up-10000', 'up-10', database, 25)),
  ...databases.map((database) => peak('large-50', database, 250)),
  ...databases.map((database) => growth('up-10000', database, 1.2)),
]
