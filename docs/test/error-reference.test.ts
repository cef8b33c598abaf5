import { readFileSync } from 'node:fs'
import { errorCatalog } from '@mig/core'
import { expect, test } from 'vitest'

test('every error code has a heading in the reference, and every heading a code', () => {
  const page = readFileSync(new URL('../reference/errors.md', import.meta.url), 'utf8')
  const headings = [...page.matchAll(/^### (\S+)$/gm)].map(([, heading]) => heading)
  expect(new Set(headings)).toEqual(new Set(Object.keys(errorCatalog)))
  expect(headings).toHaveLength(new Set(headings).size)
})
