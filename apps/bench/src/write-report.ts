import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plotPoints, renderPlot } from './plot.ts'
import { renderReport } from './report.ts'
import type { BenchResults } from './results.ts'

/** What an earlier run left in a folder, or nothing. */
export async function readResults(folder: string): Promise<BenchResults | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'benchmarks.json'), 'utf8')) as BenchResults
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes `benchmarks.md`, `benchmarks.json` and, if there is something to draw, `benchmarks.svg`. */
export async function writeReport(folder: string, results: BenchResults): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'benchmarks.json'), `${JSON.stringify(results, null, 2)}\n`)
  let report = renderReport(results)
  if (plotPoints(results).length > 0) {
    await writeFile(join(folder, 'benchmarks.svg'), await renderPlot(results))
    const plot = '![Time over number of migrations, for each tool and database](benchmarks.svg)'
    report = report.replace('## Targets', `${plot}\n\n## Targets`)
  }
  await writeFile(join(folder, 'benchmarks.md'), report)
}
