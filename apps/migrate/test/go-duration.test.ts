import { expect, test } from 'vitest'
import { formatGoDuration } from '../src/go-duration.ts'

test.each([
  [0n, '0s'],
  [1n, '1ns'],
  [-1n, '-1ns'],
  [999n, '999ns'],
  [1500n, '1.5µs'],
  [1001n, '1.001µs'],
  [12_345_678n, '12.345678ms'],
  [1_000_000n, '1ms'],
  [1_500_000_000n, '1.5s'],
  [132_155_787_369n, '2m12.155787369s'],
  [60_000_000_000n, '1m0s'],
  [3_600_000_000_000n, '1h0m0s'],
  [36_061_000_000_001n, '10h1m1.000000001s'],
])('%d ns is %s', (nanoseconds, text) => {
  expect(formatGoDuration(nanoseconds)).toBe(text)
})
