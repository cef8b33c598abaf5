import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { presentable, redact } from '../src/redact.ts'

test.each([
  ['postgres://u:p@h:1/d?sslmode=disable', 'postgres://u:***@h:1/d?sslmode=disable'],
  ['u:p@tcp(127.0.0.1:3306)/d', 'u:***@tcp(127.0.0.1:3306)/d'],
  ['host=h password=p dbname=d', 'host=h password=*** dbname=d'],
  ['http://h:1/path and sqlite:///tmp/a', 'http://h:1/path and sqlite:///tmp/a'],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected)
})

test("what a program printed is shown without this machine's folders, stack traces and filler", () => {
  const file = new URL('../peers/run-kysely.js', import.meta.url)
  const output = [
    `${file.href}:5`,
    '\treturn prepare(sql)',
    '\t       ^',
    '',
    `RangeError: in ${tmpdir()}/mig-1/db.sqlite: '${'x'.repeat(1000)}'`,
    `    at prepare (${fileURLToPath(file)}:5:21)`,
    '',
    'Node.js v24.0.0',
    '',
  ].join('\n')
  expect(presentable(output)).toBe(
    "apps/bench/peers/run-kysely.js:5\n\treturn prepare(sql)\n\nRangeError: in mig-1/db.sqlite: 'x…'",
  )
})
