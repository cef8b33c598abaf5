import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { noOtherUser } from '@mig/internal-testing'
import { describeDatabase } from '@mig/testing/vitest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { versionTable, up } from './harness.ts'

const nobody = 65_534
const isRoot = process.getuid?.() === 0
/** Root may write anything, so the commands run as another user, if they can. */
const skipped =
  process.platform === 'win32' ? 'has no such rights' : isRoot ? noOtherUser(nobody) : undefined
if (skipped !== undefined) console.warn(`Skipped: rights on files: ${skipped}`)

/** What the commands say to a user who is not root, who may write anything. */
const tryCommands = async (file: string): Promise<Readonly<Record<string, unknown>>> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--conditions=@mig/source',
      fileURLToPath(new URL('./try-commands.ts', import.meta.url)),
      file,
    ],
    isRoot ? { uid: nobody, gid: nobody } : {},
  )
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>
}

describeDatabase('sqlite', 'rights on files', () => {
  let folder = ''
  let file = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mig-file-rights-'))
    file = join(folder, 'db.sqlite')
  })
  afterEach(() => {
    chmodSync(folder, 0o755)
    rmSync(folder, { recursive: true })
  })

  test.skipIf(skipped !== undefined).each([
    ['file', 0o444, 0o777, () => `this user may not write the file "${file}"`],
    ['folder', 0o666, 0o555, () => `this user may not write the folder "${folder}"`],
  ])(
    'a %s that may not be written is named by a run and by doctor, and no migration is blamed',
    async (_, fileMode, folderMode, reason) => {
      await up(file, ['create table a (i int)'])
      chmodSync(file, fileMode)
      chmodSync(folder, folderMode)
      const refused = expect.stringContaining(
        `DATABASE_FAILED: The migration is fine, but ${reason()}`,
      )
      expect(await tryCommands(file)).toEqual({
        version: 'done',
        status: 'done',
        up: refused,
        redo: refused,
        goto: refused,
        force: refused,
        verify: 'done',
        history: 'done',
        doctor: 'done',
        findings: [expect.stringContaining(reason())],
      })
      expect(versionTable(file)).toBe('1/0')
    },
  )

  test.skipIf(skipped !== undefined)(
    'file and folder that may be written are enough for every command',
    async () => {
      if (isRoot) chownSync(folder, nobody, nobody)
      const done = 'done'
      expect(await tryCommands(file)).toEqual({
        version: done,
        status: done,
        up: done,
        redo: done,
        goto: done,
        force: done,
        verify: done,
        history: done,
        doctor: done,
        findings: [],
      })
    },
  )
})
