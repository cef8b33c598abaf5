import { describe, expect, test } from 'vitest'
import { markdownTable } from '../src/markdown.ts'
import { renderReport } from '../src/report.ts'
import { beside, entry, results, workload } from './example-results.ts'

test('a table is padded, and a bar in a cell does not end it', () => {
  const columns = [
    { heading: 'Tool', alignment: 'left' },
    { heading: 'ms', alignment: 'right' },
  ] as const
  expect(
    markdownTable(columns, [
      ['a|b', '1'],
      ['longer', '1000'],
    ]).split('\n'),
  ).toEqual(['| Tool   |   ms |', '| ------ | ---: |', '| a\\|b   |    1 |', '| longer | 1000 |'])
})

describe('the report', () => {
  const text = renderReport({
    ...results(
      workload(
        'up-1000',
        1000,
        [
          entry('mig', 'ours', 400, 70),
          entry('golang-migrate', 'golang-migrate', 2000),
          entry('psql -1', 'limit', 200),
        ],
        [{ name: 'slow', reason: 'took\nlonger than <900> s' }],
      ),
    ),
    skipped: [
      { workload: 'corpus', title: 'Corpus', database: 'mariadb', reason: 'there is none' },
    ],
    unavailable: [{ name: 'dbmate', reason: 'needs Go' }],
  })

  test('sorts by time and gives ratios', () => {
    const rows = text.split('\n').filter((line) => /^\| (\*\*mig|golang|psql)/.test(line))
    expect(rows).toEqual([
      '| psql -1        |       200 |        200–200 |    100 |      10 |             0.10 |      1.00 |',
      '| **mig**        |       400 |        400–400 |    200 |      70 |             0.20 |      2.00 |',
      '| golang-migrate |      2000 |      2000–2000 |   1000 |      10 |             1.00 |     10.00 |',
    ])
  })

  test('names what was not run, with the reason', () => {
    expect(text).toContain('- slow: took longer than \\<900\\> s')
    expect(text).toContain('- `corpus` on MariaDB: there is none')
    expect(text).toContain('- dbmate: needs Go')
  })

  test('holds the figures against the targets', () => {
    expect(text).toMatch(/`up-1000`: mig against golang-migrate +\| ≤ 0.35 × \| 0.20 × \| met/)
    expect(text).toMatch(/`up-1000`: mig against psql -1 +\| +≤ 1.5 × \| 2.00 × \| \*\*missed\*\*/)
  })
})

test('a report says how the time for a migration grows, of each tool that was measured so', () => {
  const entries = [
    entry('mig', 'ours', 14_000),
    entry('psql', 'limit', 13_000),
    entry('mig over 1,000', 'part', 1000),
    entry('psql over 1,000', 'part', 1000),
    entry('knex', 'npm', 1000),
  ]
  const text = renderReport(results({ ...workload('up-10000', 10_000, entries), beside }))
  expect(text).toContain('against the same tool over 1,000: mig 1.40 ×, psql 1.30 ×.')
})
