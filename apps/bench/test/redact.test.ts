import { expect, test } from 'vitest'
import { redact } from '../src/redact.ts'

test.each([
  ['postgres://u:p@h:1/d?sslmode=disable', 'postgres://u:***@h:1/d?sslmode=disable'],
  ['u:p@tcp(127.0.0.1:3306)/d', 'u:***@tcp(127.0.0.1:3306)/d'],
  ['host=h password=p dbname=d', 'host=h password=*** dbname=d'],
  ['http://h:1/path and sqlite:///tmp/a', 'http://h:1/path and sqlite:///tmp/a'],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected)
})
