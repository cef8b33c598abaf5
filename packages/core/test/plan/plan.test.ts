import { describe, expect, test } from 'vitest'
import type { Migration, Version } from '../../src/plan/migration.ts'
import { plan, resolveTarget, type Target } from '../../src/plan/plan.ts'
import { listMigrations } from '../../src/source/list-migrations.ts'

// golang-migrate's fixture: 1 (up, down), 3 (up), 4 (up, down), 5 (down), 7 (up, down).
const migrations: readonly Migration[] = listMigrations([
  '1_foobar.up.sql',
  '1_foobar.down.sql',
  '3_foobar.up.sql',
  '4_foobar.up.sql',
  '4_foobar.down.sql',
  '5_foobar.down.sql',
  '7_foobar.up.sql',
  '7_foobar.down.sql',
]).migrations

const at = (version: Version | null, dirty = false) => ({ version, dirty })

const walk = (from: Version | null, to: Version | null): string[] =>
  plan(migrations, at(from), to).map(
    (step) => `${step.version}${step.direction === 'up' ? 'u' : 'd'}>${step.to ?? 'none'}`,
  )

describe('steps between two versions', () => {
  test.each([
    [null, 5n, ['1u>1', '3u>3', '4u>4', '5u>5']],
    [5n, null, ['5d>4', '4d>3', '3d>1', '1d>none']],
    [7n, 3n, ['7d>5', '5d>4', '4d>3']],
    [3n, 7n, ['4u>4', '5u>5', '7u>7']],
    [4n, 4n, []],
    [null, null, []],
  ] as const)('%s to %s', (from, to, expected) => {
    expect(walk(from, to)).toEqual(expected)
  })

  test('each step starts where the one before it ended', () => {
    for (const steps of [plan(migrations, at(null), 7n), plan(migrations, at(7n), null)]) {
      const [first, ...others] = steps
      expect(first?.from).toBe(first?.direction === 'up' ? null : 7n)
      expect(others.map(({ from }) => from)).toEqual(steps.slice(0, -1).map(({ to }) => to))
    }
  })

  test('a missing direction is a step without a file', () => {
    const [, , , five] = plan(migrations, at(null), 5n)
    expect(five).toEqual({ version: 5n, direction: 'up', title: 'foobar', from: 4n, to: 5n })
  })

  test.each([
    ['a dirty database', at(3n, true), 7n, 'DIRTY_DATABASE'],
    ['dirty with nothing applied', at(null, true), 7n, 'DIRTY_DATABASE'],
    ['a version row without a file', at(6n), 7n, 'MISSING_FILE'],
    ['a target without a file', at(1n), 6n, 'VERSION_NOT_FOUND'],
  ] as const)('%s', (_, state, to, code) => {
    expect(() => plan(migrations, state, to)).toThrow(expect.objectContaining({ code }))
  })
})

describe('targets', () => {
  test.each<[Target, Version | null, Version | null]>([
    [{ kind: 'up' }, null, 7n],
    [{ kind: 'up', steps: 2 }, null, 3n],
    [{ kind: 'up', steps: 2 }, 5n, 7n],
    [{ kind: 'up', steps: 0 }, 4n, 4n],
    [{ kind: 'up', steps: 0 }, null, null],
    [{ kind: 'down', steps: 1 }, 7n, 5n],
    [{ kind: 'down', steps: 9 }, 4n, null],
    [{ kind: 'down' }, 7n, null],
    [{ kind: 'down' }, null, null],
    [{ kind: 'goto', version: 4n }, 7n, 4n],
    [{ kind: 'goto', version: null }, 7n, null],
  ])('%o from %s', (target, from, expected) => {
    expect(resolveTarget(migrations, at(from), target)).toBe(expected)
  })

  test('a version that is not there', () => {
    expect(() => resolveTarget(migrations, at(1n), { kind: 'goto', version: 2n })).toThrow(
      expect.objectContaining({ code: 'VERSION_NOT_FOUND' }),
    )
  })
})
