import * as vega from 'vega'
import type { TopLevelSpec } from 'vega-lite'
import { compile } from 'vega-lite'
import { databaseTitles } from './databases.ts'
import type { BenchResults } from './results.ts'

interface Point {
  readonly database: string
  readonly tool: string
  readonly count: number
  readonly seconds: number
}

/** The points of the plot: what an empty database took, without a delay. */
export function plotPoints({ workloads }: BenchResults): readonly Point[] {
  return workloads
    .filter(({ workload }) => /^up-\d+$/.test(workload))
    .flatMap(({ database, count, entries }) =>
      entries
        .filter(({ role }) => role !== 'part')
        .map(({ name, medianMs }) => ({
          database: databaseTitles[database],
          tool: name,
          count: count ?? 0,
          seconds: medianMs / 1000,
        })),
    )
}

/** Draws time over number of migrations, a panel for each database, as SVG. */
export async function renderPlot(results: BenchResults): Promise<string> {
  const view = new vega.View(vega.parse(compile(specification(plotPoints(results))).spec), {
    renderer: 'none',
  })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

function specification(values: readonly Point[]): TopLevelSpec {
  const isOurs = "datum.tool === 'mig'"
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    data: { values: [...values] },
    facet: { field: 'database', type: 'nominal', title: null },
    columns: 2,
    spec: {
      width: 380,
      height: 300,
      mark: { type: 'line', point: { size: 25 } },
      encoding: {
        x: { field: 'count', type: 'quantitative', scale: { type: 'log' }, title: 'migrations' },
        y: { field: 'seconds', type: 'quantitative', scale: { type: 'log' }, title: 'seconds' },
        color: {
          field: 'tool',
          type: 'nominal',
          scale: { scheme: 'tableau20' },
          title: null,
        },
        strokeWidth: { condition: { test: isOurs, value: 4 }, value: 1.5 },
      },
    },
  }
}
