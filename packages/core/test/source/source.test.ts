import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testFolder } from '@mig/internal-testing'
import { describe, expect, test } from 'vitest'
import { directorySource, memorySource } from '../../src/index.ts'

const folder = async (files: Record<string, string>): Promise<string> => {
  const path = testFolder('source')
  for (const [name, script] of Object.entries(files)) await writeFile(join(path, name), script)
  return path
}

/** File permissions mean nothing to root. */
const asOrdinaryUser = async (action: () => Promise<void>): Promise<void> => {
  if (process.geteuid?.() !== 0) return action()
  process.seteuid?.(65534)
  try {
    await action()
  } finally {
    process.seteuid?.(0)
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('a folder', () => {
  test('is listed in numeric order, one level deep, links by name', async () => {
    const path = await folder({ '10_b.up.sql': 'b', '9_a.up.sql': 'a', 'README.md': '' })
    await mkdir(join(path, '11_folder.up.sql'))
    await symlink(join(path, '9_a.up.sql'), join(path, '12_link.up.sql'))
    const { migrations } = await directorySource(path).list()
    expect(migrations.map(({ version }) => version)).toEqual([9n, 10n, 12n])
  })

  test('gives scripts by version and direction', async () => {
    const source = directorySource(await folder({ '1_a.up.sql': 'up', '1_b.down.sql': 'down' }))
    expect(text(await source.read(1n, 'up'))).toBe('up')
    expect(text(await source.read(1n, 'down'))).toBe('down')
    await expect(source.read(2n, 'up')).rejects.toMatchObject({ code: 'SOURCE_FAILED' })
  })

  test.skipIf(!existsSync('/proc/version'))(
    'gives scripts of a file system that knows no sizes (skipped where there is no /proc)',
    async () => {
      const path = await folder({})
      await symlink('/proc/version', join(path, '1_a.up.sql'))
      expect(text(await directorySource(path).read(1n, 'up'))).toBe(
        readFileSync('/proc/version', 'utf8'),
      )
    },
  )

  test('that is not there, or is a file', async () => {
    const path = await folder({ '1_a.up.sql': '' })
    await expect(directorySource(join(path, 'no')).list()).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      message: expect.stringContaining('does not exist'),
    })
    await expect(directorySource(join(path, '1_a.up.sql')).list()).rejects.toMatchObject({
      message: expect.stringContaining('not a folder'),
    })
  })

  test('with an unreadable file', async () => {
    const path = await folder({ '1_a.up.sql': '' })
    await chmod(join(path, '1_a.up.sql'), 0)
    await chmod(path, 0o755)
    await asOrdinaryUser(async () => {
      await expect(directorySource(path).read(1n, 'up')).rejects.toMatchObject({
        code: 'SOURCE_FAILED',
        message: expect.stringContaining('permission denied'),
        details: { file: '1_a.up.sql' },
      })
    })
  })

  test('with a link to nothing', async () => {
    const path = await folder({})
    await symlink(join(path, 'nowhere'), join(path, '1_a.up.sql'))
    await expect(directorySource(path).read(1n, 'up')).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      details: { file: '1_a.up.sql' },
    })
  })
})

describe.skipIf(process.platform === 'win32')('what is not a regular file', () => {
  const read = async (make: (path: string) => unknown): Promise<unknown> => {
    const folder = await mkdtemp(join(tmpdir(), 'mig-core-'))
    await make(join(folder, '1_a.up.sql'))
    const source = directorySource(folder)
    const [whole, pieces] = await Promise.allSettled([
      source.read(1n, 'up'),
      source.readPieces?.(1n, 'up'),
    ])
    await rm(folder, { recursive: true })
    if (whole.status === 'fulfilled' && pieces.status === 'fulfilled') return whole.value
    return [whole, pieces].map((result) => String((result as PromiseRejectedResult).reason))
  }

  test.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['a device', (path: string) => symlink('/dev/zero', path)],
  ])('is refused at once: %s', { timeout: 5000 }, async (kind, make) => {
    const message = expect.stringMatching(
      new RegExp(`1_a.up.sql": it is ${kind} and not a regular`),
    )
    expect(await read(make)).toEqual([message, message])
  })

  test('a link to a regular file is followed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mig-core-'))
    await writeFile(join(folder, 'script.sql'), 'select 1')
    const bytes = await read((path) => symlink(join(folder, 'script.sql'), path))
    await rm(folder, { recursive: true })
    expect(new TextDecoder().decode(bytes as Uint8Array)).toBe('select 1')
  })
})

describe('file names', () => {
  test('two files of one version and direction', async () => {
    expect(() => memorySource({ '1_a.up.sql': '', '01_b.up.sql': '' })).toThrow(
      expect.objectContaining({
        code: 'DUPLICATE_VERSION',
        details: { version: 1n, files: ['01_b.up.sql', '1_a.up.sql'] },
      }),
    )
  })

  test('a version that the version row cannot hold is refused by name', () => {
    expect(() => memorySource({ '9223372036854775808_x.up.sql': '' })).toThrow(
      expect.objectContaining({
        code: 'INVALID_FILENAME',
        message: expect.stringContaining('9223372036854775808_x.up.sql'),
      }),
    )
  })

  test('the highest version there is', async () => {
    const { migrations } = await memorySource({ '9223372036854775807_x.up.sql': '' }).list()
    expect(migrations[0]?.version).toBe(9223372036854775807n)
  })

  test('near misses are named, not taken', async () => {
    const { migrations, nearMisses } = await memorySource({
      './migrations/1_a.up.sql': '',
      './migrations/1_a.up.sql~': '',
      './migrations/V2__b.sql': '',
    }).list()
    expect(migrations).toHaveLength(1)
    expect(nearMisses).toEqual(['1_a.up.sql~', 'V2__b.sql'])
  })
})
