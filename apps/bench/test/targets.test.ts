import { describe, expect, test } from 'vitest'
import { checkTargets } from '../src/targets.ts'
import { beside, entry, results, workload } from './example-results.ts'

function found(given: Parameters<typeof checkTargets>[0], what: string) {
  return checkTargets(given).find((target) => target.what === `PostgreSQL, ${what}`)
}

test('the fastest npm package counts', () => {
  const given = results(
    workload('up-1', 1, [
      entry('mig', 'ours', 100),
      entry('slow', 'npm', 300),
      entry('fast', 'npm', 80),
    ]),
  )
  expect(found(given, '`up-1`: mig against the fastest npm package')).toMatchObject({
    found: '1.25 ×',
    met: false,
  })
})

describe('growth', () => {
  const ten = entry('mig', 'ours', 11_000)
  const one = entry('mig over 1,000', 'part', 1000)
  const target = '`up-10000`: mig for each migration against mig over 1,000'

  test('is that of one migration, in the same alternating runs', () => {
    const many = { ...workload('up-10000', 10_000, [ten, one]), beside }
    expect(found(results(many), target)).toMatchObject({ found: '1.10 ×', met: true })
  })

  test('is not found between two workloads', () => {
    const few = workload('up-1000', 1000, [entry('mig', 'ours', 1000)])
    expect(found(results(few, workload('up-10000', 10_000, [ten])), target)?.met).toBe(null)
  })
})

test('memory is compared between workloads', () => {
  const given = results(
    workload('up-10', 10, [entry('mig', 'ours', 1, 70)]),
    workload('up-10000', 10_000, [entry('mig', 'ours', 1, 99)]),
  )
  expect(found(given, '`up-10000`: peak memory of mig above that of `up-10`')).toMatchObject({
    found: '29 MB',
    met: false,
  })
})

test('what was not measured is not judged', () => {
  expect(checkTargets(results()).every(({ met }) => met === null)).toBe(true)
})
