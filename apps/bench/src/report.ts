import { databaseTitles } from './databases.ts'
import type { Column } from './markdown.ts'
import { markdownTable } from './markdown.ts'
import type { BenchResults, Entry, WorkloadResult } from './results.ts'
import { entryOf, growthOf } from './results.ts'
import { checkTargets } from './targets.ts'
import { emptyScript } from './workloads/start-up.ts'

/** Renders the whole report as Markdown. Every number in it comes from the results. */
export function renderReport(results: BenchResults): string {
  const sections = [
    '# Benchmarks',
    'Made by `npx -y pnpm@12.20.0 bench`; do not edit. How it measures: `apps/bench/README.md`.',
    renderMachine(results),
    '## Targets',
    renderTargets(results),
    ...results.workloads.flatMap((result, index) => [
      ...(results.workloads[index - 1]?.workload === result.workload ? [] : [heading(result)]),
      renderWorkload(result),
    ]),
    ...renderMissing(results),
  ]
  return `${sections.join('\n\n')}\n`
}

function renderMachine({ startedAt, machine, servers, tools }: BenchResults): string {
  const serverList = Object.entries(servers)
    .map(([kind, version]) => `${databaseTitles[kind as keyof typeof databaseTitles]} ${version}`)
    .join(', ')
  return [
    `- Taken on ${startedAt.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}`,
    ...(serverList === '' ? [] : [`- Servers, on the same machine: ${serverList}`]),
    `- Tools: ${Object.entries(tools)
      .map(([name, version]) => `${name} (${version})`)
      .join(', ')}`,
  ].join('\n')
}

function renderTargets(results: BenchResults): string {
  const targets = checkTargets(results)
  const rows = targets.flatMap(({ what, wanted, found, met }) =>
    found === null ? [] : [[what, wanted, found, met ? 'met' : '**missed**']],
  )
  const open = targets.length - rows.length
  return [
    ...(rows.length === 0
      ? []
      : [markdownTable([left('Target'), right('Wanted'), right('Found'), left('')], rows)]),
    ...(open === 0
      ? []
      : [`${open} more could not be checked: what they compare was not measured.`]),
  ].join('\n\n')
}

function heading({ title, workload }: WorkloadResult): string {
  return `## ${title} (\`${workload}\`)`
}

const limits: Readonly<Record<WorkloadResult['database'], string>> = {
  postgres: 'psql -1',
  mysql: 'mariadb client',
  mariadb: 'mariadb client',
  sqlite: 'sqlite3 (one transaction)',
}

function renderWorkload(result: WorkloadResult): string {
  const { database, rounds, roundTripMs, entries, notRun } = result
  const bases = ['golang-migrate', limits[database], emptyScript]
    .map((name) => entryOf(result, name))
    .filter((entry) => entry !== undefined)
  const columns: readonly Column[] = [
    left('Tool'),
    right('Median ms'),
    right('Lowest–highest'),
    right('CPU ms'),
    right('Peak MB'),
    ...(roundTripMs === null ? [] : [right('Round trips')]),
    ...bases.map(({ name }) => right(`× ${name}`)),
  ]
  const rows = entries
    .toSorted((a, b) => a.medianMs - b.medianMs)
    .map((entry) => [
      entry.role === 'ours' ? `**${entry.name}**` : entry.name,
      milliseconds(entry.medianMs),
      `${milliseconds(entry.lowestMs)}–${milliseconds(entry.highestMs)}`,
      milliseconds(entry.cpuMs),
      entry.peakMb.toFixed(0),
      ...(roundTripMs === null ? [] : [String(entry.roundTrips ?? '–')]),
      ...bases.map((base) => ratio(entry, base)),
    ])
  const trip = roundTripMs === null ? '' : `, a round trip takes ${roundTripMs.toFixed(1)} ms`
  return [
    `### ${databaseTitles[database]}`,
    `${rounds} alternating ${rounds === 1 ? 'run' : 'runs'}${trip}.`,
    entries.length === 0 ? 'Nothing was measured.' : markdownTable(columns, rows),
    ...renderGrowth(result),
    ...(notRun.length === 0
      ? []
      : [notRun.map(({ name, reason }) => `- ${name}: ${oneLine(reason)}`).join('\n')]),
  ].join('\n\n')
}

function renderGrowth(result: WorkloadResult): readonly string[] {
  const { beside, entries } = result
  // Beside one file it is seen what does not grow at all.
  if (beside === undefined || beside.count === 1) return []
  const grown = entries.flatMap(({ name }) => {
    const growth = growthOf(result, name)
    return growth === undefined ? [] : [`${name} ${growth.toFixed(2)} ×`]
  })
  if (grown.length === 0) return []
  return [`Each migration against the same tool over ${beside.over}: ${grown.join(', ')}.`]
}

function renderMissing({ skipped, unavailable }: BenchResults): readonly string[] {
  const lines = [
    ...unavailable.map(({ name, reason }) => `- ${name}: ${oneLine(reason)}`),
    ...skipped.map(
      ({ workload, database, reason }) =>
        `- \`${workload}\` on ${databaseTitles[database]}: ${oneLine(reason)}`,
    ),
  ]
  return lines.length === 0 ? [] : ['## Not run', lines.join('\n')]
}

function milliseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0)
}

function ratio(entry: Entry, base: Entry): string {
  return (entry.medianMs / base.medianMs).toFixed(2)
}

const longestPart = 150

/** What a failing tool printed, as part of a line; it must not become markup. */
function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('`', "'")
  // Some tools begin with the error, some end with it.
  const cut =
    line.length > 2 * longestPart
      ? `${line.slice(0, longestPart)} … ${line.slice(-longestPart)}`
      : line
  return cut.replaceAll(/[<>*_[\]]/g, '\\$&')
}

function left(title: string): Column {
  return { heading: title, alignment: 'left' }
}

function right(title: string): Column {
  return { heading: title, alignment: 'right' }
}
