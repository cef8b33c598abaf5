import { describe, expect, test } from 'vitest'
import { outOfOrderOf, viewLedger } from '../../src/ledger/ledger-view.ts'
import type { LedgerEvent } from '../../src/ledger/ledger.ts'
import type { Version } from '../../src/plan/migration.ts'
import { blankEntry } from '../../src/run/prepare-step.ts'
import { listMigrations } from '../../src/source/list-migrations.ts'

const blank = blankEntry({ runId: 'run', actor: 'ann@desk', tool: 'mig' })

type Draft = Partial<LedgerEvent> & Pick<LedgerEvent, 'kind'>

const events = (...drafts: readonly Draft[]): LedgerEvent[] =>
  drafts.map((draft, index) => ({
    ...blank,
    id: BigInt(index + 1),
    format: 1,
    at: new Date(index),
    ...draft,
  }))

const up = (version: Version, from: Version | null): Draft => ({
  kind: 'applied',
  version,
  direction: 'up',
  from,
  to: version,
  checksum: `sum${version}`,
})

const down = (version: Version, to: Version | null): Draft => ({
  kind: 'reverted',
  version,
  direction: 'down',
  from: version,
  to,
})

const files = (...versions: readonly number[]): string =>
  JSON.stringify({ files: versions.map(String) })

const migrations = (...versions: readonly number[]) =>
  listMigrations(versions.map((version) => `${version}_x.up.sql`)).migrations

const outOfOrderMigrations = (
  list: readonly LedgerEvent[],
  versionTable: Version | null,
  ...versions: readonly number[]
): Version[] => {
  const listed = migrations(...versions)
  const state = { version: versionTable, dirty: false }
  return outOfOrderOf(viewLedger(list, state, listed), state, listed).map(({ version }) => version)
}

describe('versions out of order', () => {
  test.each<[string, LedgerEvent[], Version | null, number[], Version[]]>([
    ['without a ledger nobody can tell', [], 5n, [1, 2, 5], []],
    ['a file that came late', events(up(1n, null), up(5n, 1n)), 5n, [1, 3, 5], [3n]],
    ['above the version row is pending, not late', events(up(1n, null)), 1n, [1, 3], []],
    [
      'reverted and below the version row',
      events(up(1n, null), up(2n, 1n), down(2n, 1n)),
      1n,
      [1, 2],
      [],
    ],
    [
      'what another tool passed over was applied elsewhere',
      events({ kind: 'observed', from: null, to: 5n, version: 5n, details: files(1, 2, 5) }),
      5n,
      [1, 2, 5],
      [],
    ],
    [
      'a file that appeared after another tool passed over its place',
      events({ kind: 'observed', from: null, to: 5n, version: 5n, details: files(1, 2, 5) }),
      5n,
      [1, 2, 3, 5],
      [3n],
    ],
    [
      'a force to a lower version forgets those above it',
      events(
        up(1n, null),
        up(2n, 1n),
        up(3n, 2n),
        { kind: 'forced', from: 3n, to: 1n, version: 1n, details: files(1, 2, 3) },
        up(3n, 1n),
      ),
      3n,
      [1, 2, 3],
      [2n],
    ],
    [
      'a force upwards with no files at hand covers all between',
      events(up(1n, null), { kind: 'forced', from: 1n, to: 9n, version: 9n }),
      9n,
      [1, 4, 9],
      [],
    ],
    [
      'a version row moved since the newest event was moved over the files of now',
      events(up(1n, null)),
      5n,
      [1, 3, 5],
      [],
    ],
    [
      'an observation that came too late, for another run had gone on',
      events(
        { kind: 'observed', from: null, to: 1n, version: 1n, details: files(1, 2) },
        up(2n, 1n),
        { kind: 'observed', from: null, to: 1n, version: 1n, details: files(1, 2) },
        up(3n, 2n),
      ),
      3n,
      [1, 2, 3],
      [],
    ],
    [
      'a version that was applied late',
      events(up(1n, null), up(5n, 1n), { ...up(3n, 5n), to: 5n }),
      5n,
      [1, 3, 5],
      [],
    ],
    [
      'a repair that calls the version applied',
      events(
        up(1n, null),
        { kind: 'started', version: 2n, from: 1n, to: 2n, dirty: true },
        { kind: 'repaired', version: 2n, from: 2n, to: 2n, details: files(1, 2) },
      ),
      2n,
      [1, 2],
      [],
    ],
  ])('%s', (_, list, versionTable, versions, expected) => {
    expect(outOfOrderMigrations(list, versionTable, ...versions)).toEqual(expected)
  })
})

test('says how each version came to be applied', () => {
  const list = events(
    { kind: 'observed', from: null, to: 1n, version: 1n, details: files(1) },
    { ...up(2n, 1n), durationMs: 12 },
    { kind: 'baselined', from: 2n, to: 3n, version: 3n, details: files(1, 2, 3) },
    { kind: 'accepted', version: 2n, from: 3n, to: 3n, checksum: 'new' },
    { kind: 'failed', version: 4n, from: 3n, to: 3n },
  )
  const { applied, known } = viewLedger(list, { version: 3n, dirty: false }, migrations(1, 2, 3))
  expect(known).toBe(true)
  expect([...applied.keys()]).toEqual([1n, 2n, 3n])
  expect(applied.get(1n)).toMatchObject({ how: 'elsewhere', checksum: null })
  expect(applied.get(2n)).toMatchObject({ how: 'run', checksum: 'new', durationMs: 12 })
  expect(applied.get(3n)).toMatchObject({ how: 'set', at: new Date(2) })
})
