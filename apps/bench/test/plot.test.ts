import { expect, test } from 'vitest'
import { plotPoints, renderPlot } from '../src/plot.ts'
import { entry, results, workload } from './example-results.ts'

const given = results(
  workload('up-10', 10, [entry('mig', 'ours', 100), entry('knex', 'npm', 250)]),
  workload('up-100', 100, [entry('mig', 'ours', 200), entry('mig over 10', 'part', 99)]),
  workload('nothing-1', 1, [entry('mig', 'ours', 90)]),
)

test('the plot shows time over number of migrations, nothing else', () => {
  expect(plotPoints(given)).toEqual([
    { database: 'PostgreSQL', tool: 'mig', count: 10, seconds: 0.1 },
    { database: 'PostgreSQL', tool: 'knex', count: 10, seconds: 0.25 },
    { database: 'PostgreSQL', tool: 'mig', count: 100, seconds: 0.2 },
  ])
})

test('the plot is an SVG that names the tools', async () => {
  const svg = await renderPlot(given)
  expect(svg).toMatch(/^<svg /)
  expect(svg).toContain('knex')
  expect(svg).toContain('PostgreSQL')
})
