import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { knownDifferences } from './known-differences.ts'
import { listedCases } from './listed-cases/index.ts'
import { quirks, type Treatment } from './quirks.ts'

const page = readFileSync(
  new URL('../../../../docs/how-to/coming-from-golang-migrate.md', import.meta.url),
  'utf8',
)
const text = page.replaceAll(/\s+/g, ' ')

const headings: Readonly<Record<Treatment, string>> = {
  repaired: 'Repaired',
  decided: 'Decided',
  absent: 'Not there',
}

const rowsUnder = (heading: string): readonly string[] => {
  const [, section = ''] = page.split(`\n### ${heading}\n`)
  const [table = ''] = section.split(/\n#{2,3} /)
  return [...table.matchAll(/^\| (Q-\d+) +\|/gm)].map(([, quirk = '']) => quirk)
}

test.each(['repaired', 'decided', 'absent'] as const)(
  'the page has a row for each quirk that is %s',
  (treatment) => {
    const own = Object.keys(quirks).filter((quirk) => quirks[quirk] === treatment)
    expect(rowsUnder(headings[treatment])).toEqual(own)
  },
)

/** The sources of the tests that play both tools. */
const tests = ['.', '..']
  .flatMap((folder) => {
    const url = new URL(`${folder}/`, import.meta.url)
    return readdirSync(url, { recursive: true, encoding: 'utf8' }).map((name) => new URL(name, url))
  })
  .filter(({ pathname }) => pathname.endsWith('.ts') && !/\/quirks(?:\.test)?\.ts$/.test(pathname))
  .map((url) => readFileSync(url, 'utf8'))
  .join('\n')

// Nothing outside the process shows whether a connection was closed before it ended.
const cannotBeSeen = new Set(['Q-37'])

test.each(
  Object.keys(quirks).filter((quirk) => quirks[quirk] !== 'absent' && !cannotBeSeen.has(quirk)),
)('%s is named by the test that shows it', (quirk) => {
  expect(tests).toMatch(new RegExp(`${quirk}\\b`))
})

const differing = [
  ...knownDifferences,
  ...listedCases.filter(({ ours }) => ours !== undefined),
].map(({ quirk, page: words }) => ({ quirk, words }))

test.each(differing)('the page tells of "$quirk"', ({ quirk, words }) => {
  const [number] = /^Q-\d+/.exec(quirk) ?? []
  if (number !== undefined) expect(Object.keys(quirks)).toContain(number)
  else expect(text).toContain(words ?? 'no words are given')
})
