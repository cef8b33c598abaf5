import { maxVersion, type Direction, type Source, type Version } from '@mig/core'
import { describe, expect, test } from 'vitest'
import { rejectionOf } from './outcomes.ts'
import { leaksIn } from './secrets.ts'

/** Names and scripts of what a source is to hold. */
export type SourceFiles = Readonly<Record<string, string | Uint8Array>>

/** What {@link testSource} needs to know of a source. */
export interface SourceTestOptions {
  /** Stands in the names of the tests. */
  readonly name: string
  /** Makes a source that holds exactly these files. Called many times. */
  readonly open: (files: SourceFiles) => Source | Promise<Source>
  /** What must appear in no description, such as a token of the URL, raw and encoded. */
  readonly secrets?: readonly string[]
}

/** Versions 1 (up, down), 3 (up), 4 (up, down), 5 (down), 7 (up, down). */
const gaps: SourceFiles = {
  '1_a.up.sql': 'up 1',
  '1_a.down.sql': 'down 1',
  '3_b.up.sql': 'up 3',
  '4_c.up.sql': 'up 4',
  '4_c.down.sql': 'down 4',
  '5_d.down.sql': 'down 5',
  '7_e.up.sql': 'up 7',
  '7_e.down.sql': 'down 7',
}

const scripts: Readonly<Record<string, Uint8Array>> = {
  'an empty script': new Uint8Array(),
  'CRLF line ends and no newline at the end': new TextEncoder().encode('a;\r\nb'),
  'a byte order mark': new Uint8Array([0xef, 0xbb, 0xbf, 0x61]),
  'characters beyond ASCII': new TextEncoder().encode('-- d\u00e9j\u00e0 \u{1f4a5}'),
  'bytes that are no UTF-8': new Uint8Array([0x00, 0xff, 0xfe, 0x0a, 0x80]),
  'a megabyte': new Uint8Array(1_000_000).fill(0x78),
}

const textOf = async (source: Source, version: Version, direction: Direction): Promise<string> =>
  new TextDecoder().decode(await source.read(version, direction))

/** Registers the tests that every source must pass: which versions there are, and their scripts byte for byte. */
export const testSource = ({ name, open, secrets }: SourceTestOptions): void => {
  const listed = async (files: SourceFiles): Promise<readonly unknown[]> => {
    const { migrations } = await (await open(files)).list()
    return migrations.map(({ version, up, down }) => [version, up?.name, down?.name])
  }

  describe(`source ${name}`, () => {
    test('says where it is, without secrets', async () => {
      const { location } = await open(gaps)
      expect(location).toMatch(/\S/)
      expect(leaksIn(location, secrets)).toEqual([])
    })

    test('lists every version once, upwards, with what there is of it', async () => {
      expect(await listed(gaps)).toEqual([
        [1n, '1_a.up.sql', '1_a.down.sql'],
        [3n, '3_b.up.sql', undefined],
        [4n, '4_c.up.sql', '4_c.down.sql'],
        [5n, undefined, '5_d.down.sql'],
        [7n, '7_e.up.sql', '7_e.down.sql'],
      ])
    })

    test('lists the same again', async () => {
      const source = await open(gaps)
      expect(await source.list()).toEqual(await source.list())
    })

    test('reads what it listed', async () => {
      const source = await open(gaps)
      const read: string[] = []
      for (const { version, up, down } of (await source.list()).migrations) {
        if (up !== undefined) read.push(await textOf(source, version, 'up'))
        if (down !== undefined) read.push(await textOf(source, version, 'down'))
      }
      expect(read).toEqual(Object.values(gaps))
    })

    test.each([
      [3n, 'down'],
      [5n, 'up'],
      [2n, 'up'],
      [0n, 'down'],
      [8n, 'up'],
    ] as const)('rejects the script of %s %s, which is not there', async (version, direction) => {
      const source = await open(gaps)
      await rejectionOf(source.read(version, direction), 'SOURCE_FAILED')
    })

    test('orders versions by number, whatever their zeros', async () => {
      expect(
        await listed({
          '10_c.up.sql': '',
          '0002_a.up.sql': '',
          '9_b.up.sql': '',
          '0_z.up.sql': '',
          '20260101120000_d.up.sql': '',
        }),
      ).toEqual([
        [0n, '0_z.up.sql', undefined],
        [2n, '0002_a.up.sql', undefined],
        [9n, '9_b.up.sql', undefined],
        [10n, '10_c.up.sql', undefined],
        [20_260_101_120_000n, '20260101120000_d.up.sql', undefined],
      ])
    })

    test('keeps titles as they are', async () => {
      const { migrations } = await (
        await open({
          '1_add.up.users_v2.up.sql': '',
          '2_.up.sql': '',
          '3_d\u00e9j\u00e0 vu.up.sql': '',
        })
      ).list()
      expect(migrations.map(({ up }) => up?.title)).toEqual([
        'add.up.users_v2',
        '',
        'd\u00e9j\u00e0 vu',
      ])
    })

    test('takes the highest version, and refuses one above it by name', async () => {
      expect(await listed({ [`${maxVersion}_a.up.sql`]: '' })).toEqual([
        [maxVersion, `${maxVersion}_a.up.sql`, undefined],
      ])
      const above = `${maxVersion + 1n}_a.up.sql`
      const listing = (async () => (await open({ [above]: '' })).list())()
      expect((await rejectionOf(listing, 'INVALID_FILENAME')).message).toContain(above)
    })

    test('refuses two scripts of one version and direction, and names both', async () => {
      const files = { '1_a.up.sql': '', '01_b.up.sql': '' }
      const listing = (async () => (await open(files)).list())()
      const error = await rejectionOf(listing, 'DUPLICATE_VERSION')
      expect(error.details.files?.toSorted()).toEqual(['01_b.up.sql', '1_a.up.sql'])
    })

    test('passes over other files and mentions those that nearly match', async () => {
      const { migrations, nearMisses } = await (
        await open({
          '1_a.up.sql': '',
          'README.md': '',
          'V2__b.sql': '',
          '3_c.up.sql~': '',
        })
      ).list()
      expect(migrations.map(({ version }) => version)).toEqual([1n])
      expect(nearMisses.toSorted()).toEqual(['3_c.up.sql~', 'V2__b.sql'])
    })

    test('lists nothing where there is nothing', async () => {
      expect(await (await open({})).list()).toEqual({ migrations: [], nearMisses: [] })
    })

    test.each(Object.entries(scripts))('reads %s byte for byte', async (_what, script) => {
      const source = await open({ '1_a.up.sql': script })
      expect(Buffer.from(await source.read(1n, 'up')).equals(script)).toBe(true)
    })
  })
}
