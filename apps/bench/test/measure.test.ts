import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { measure, median, RunFailedError, summarise } from '../src/measure.ts'

describe('median', () => {
  test.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 9, 1], 9],
    [[1, 2, 3, 4], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  test('of nothing is no number', () => {
    expect(median([])).toBeNaN()
  })
})

test('a sample has the median of each figure and the spread of time', () => {
  const runs = [
    { wallMs: 30, cpuMs: 3, peakMb: 50, roundTrips: 7 },
    { wallMs: 10, cpuMs: 9, peakMb: 70, roundTrips: 9 },
    { wallMs: 20, cpuMs: 6, peakMb: 60, roundTrips: 8 },
  ]
  expect(summarise(runs)).toEqual({
    runs,
    medianMs: 20,
    lowestMs: 10,
    highestMs: 30,
    cpuMs: 6,
    peakMb: 60,
    roundTrips: 8,
  })
})

describe.skipIf(!existsSync('/usr/bin/time'))('a measured program', () => {
  let scratch: string
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'mig-bench-test-'))
  })
  afterAll(() => rm(scratch, { recursive: true }))

  test('has time and memory', async () => {
    const command = { program: 'sh', args: ['-c', 'sleep 0.2'] }
    const run = await measure(command, { scratch, timeoutMs: 10_000 })
    expect(run.wallMs).toBeGreaterThanOrEqual(200)
    expect(run.peakMb).toBeGreaterThan(0)
  })

  test('reads its input', async () => {
    const command = { program: 'sh', args: ['-c', 'test "$(cat)" = ""'] }
    await expect(measure(command, { scratch, timeoutMs: 10_000 })).resolves.toBeDefined()
  })

  test('sees no settings of whoever runs the benchmark', async () => {
    process.env['MIG_DATABASE'] = 'sqlite://of-somebody'
    const command = { program: 'sh', args: ['-c', 'test -z "$MIG_DATABASE"'] }
    await expect(measure(command, { scratch, timeoutMs: 10_000 })).resolves.toBeDefined()
    delete process.env['MIG_DATABASE']
  })

  test('that fails tells what it printed, without a password', async () => {
    const command = {
      program: 'sh',
      args: ['-c', 'echo "cannot reach postgres://me:secret@127.0.0.1:1/db" >&2; exit 3'],
    }
    const failed = measure(command, { scratch, timeoutMs: 10_000 })
    await expect(failed).rejects.toThrow(
      new RunFailedError('ended with 3: cannot reach postgres://me:***@127.0.0.1:1/db'),
    )
  })

  test('that takes too long is ended', async () => {
    const command = { program: 'sleep', args: ['60'] }
    const failed = measure(command, { scratch, timeoutMs: 300 })
    await expect(failed).rejects.toThrow('took longer than 0.3 s')
  })
})
