import { describe, expect, test } from 'vitest'
import { addTo } from '../src/results.ts'
import { entry, results, workload } from './example-results.ts'

const ids = ['up-1', 'up-10', 'up-100']

describe('results of two runs', () => {
  test('stand in the order of the workloads, and the later ones replace', () => {
    const earlier = results(
      workload('up-1', 1, [entry('mig', 'ours', 10)]),
      workload('up-100', 100, [entry('mig', 'ours', 1000)]),
    )
    const later = results(
      workload('up-100', 100, [entry('mig', 'ours', 900)]),
      workload('up-10', 10, [entry('mig', 'ours', 100)]),
    )
    const { workloads } = addTo(earlier, later, ids)
    expect(workloads.map(({ workload: id, entries }) => [id, entries[0]?.medianMs])).toEqual([
      ['up-1', 10],
      ['up-10', 100],
      ['up-100', 900],
    ])
  })

  test('a tool that one of them had is not called unavailable', () => {
    const earlier = { ...results(), unavailable: [{ name: 'tern', reason: 'no Go' }] }
    const later = { ...results(), tools: { tern: '2' }, unavailable: [{ name: 'x', reason: 'y' }] }
    expect(addTo(earlier, later, ids)).toMatchObject({
      tools: { mig: '1.2.3', tern: '2' },
      unavailable: [{ name: 'x' }],
    })
  })
})
