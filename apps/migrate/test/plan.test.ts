import { describe, expect, test } from 'vitest'
import { NotExistError, type MigrateSource } from '../src/file-source.ts'
import { planDown, planGoto, planUp, type Plan, type PlanInput } from '../src/plan.ts'

const versions = [1n, 3n, 4n, 5n, 7n]
const scripts = { up: [1n, 3n, 4n, 7n], down: [1n, 4n, 5n, 7n] }

const neighbour = (version: bigint, step: number): bigint => {
  const index = versions.indexOf(version)
  const found = index < 0 ? undefined : versions[index + step]
  if (found === undefined) throw new NotExistError(`no neighbour of ${version}`)
  return found
}

/** The fixture that all of golang-migrate's own tests use. */
const source: MigrateSource = {
  first: () => 1n,
  prev: (version) => neighbour(version, -1),
  next: (version) => neighbour(version, 1),
  open: (version, direction) => {
    if (!scripts[direction].includes(version)) {
      throw new NotExistError(`read ${direction} for version ${version} .: file does not exist`)
    }
    return { identifier: `v${version}`, read: () => new Uint8Array(), close: () => {} }
  },
}

const input: PlanInput = { source, shouldStop: () => false, planned: () => {}, failed: () => {} }

/** The steps as `version→target`, and the error that ends them. */
const read = (plan: Plan): readonly string[] => {
  const steps: string[] = []
  try {
    for (const { version, target } of plan) steps.push(`${version}→${target}`)
  } catch (error) {
    steps.push(error instanceof Error ? error.message : String(error))
  }
  return steps
}

const absent = (version: bigint): string =>
  `no migration found for version ${version}: read down for version ${version} .: file does not exist`

/** What golang-migrate's own table expects of a way from one version to another. */
const expectedGoto = (from: bigint, to: bigint): readonly string[] => {
  if (from >= 0n && !versions.includes(from)) return [absent(from)]
  if (to >= 0n && !versions.includes(to)) return [absent(to)]
  if (from === to) return ['no change']
  if (from < to) {
    return versions.filter((v) => v > from && v <= to).map((version) => `${version}→${version}`)
  }
  return versions
    .filter((version) => version <= from && version > to)
    .toReversed()
    .map((version) => `${version}→${versions[versions.indexOf(version) - 1] ?? -1n}`)
}

describe('goto', () => {
  const all = [-1n, 0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]
  test.each(all.flatMap((from) => all.map((to) => [from, to] as const)))('%d to %d', (from, to) => {
    expect(read(planGoto(input, from, to))).toEqual(expectedGoto(from, to))
  })
})

describe('up', () => {
  test.each<[bigint, bigint | undefined, readonly string[]]>([
    [-1n, undefined, ['1→1', '3→3', '4→4', '5→5', '7→7']],
    [0n, undefined, [absent(0n)]],
    [5n, 2n, ['7→7', 'limit 1 short']],
    [7n, undefined, ['no change']],
    [7n, 1n, ['file does not exist']],
    [6n, 1n, [absent(6n)]],
    [-1n, 2n, ['1→1', '3→3']],
  ])('from %d, limit %s', (from, limit, steps) => {
    expect(read(planUp(input, from, limit))).toEqual(steps)
  })
})

describe('down', () => {
  test.each<[bigint, bigint | undefined, readonly string[]]>([
    [-1n, undefined, ['no change']],
    [-1n, 1n, ['file does not exist']],
    [1n, 1n, ['1→-1']],
    [1n, 2n, ['1→-1', 'limit 1 short']],
    [3n, 2n, ['3→1', '1→-1']],
    [7n, undefined, ['7→5', '5→4', '4→3', '3→1', '1→-1']],
    [2n, 1n, [absent(2n)]],
  ])('from %d, limit %s', (from, limit, steps) => {
    expect(read(planDown(input, from, limit))).toEqual(steps)
  })
})

test('a step has a label, and says so where it has no body', () => {
  const labels = [...planUp(input, 4n)].map(({ label }) => label)
  expect(labels).toEqual(['5/u <empty>', '7/u v7'])
  expect([...planDown(input, 3n)].map(({ label }) => label)).toEqual(['3/d <empty>', '1/d v1'])
})

test('nothing is planned after a stop', () => {
  expect(read(planUp({ ...input, shouldStop: () => true }, -1n))).toEqual([])
})
