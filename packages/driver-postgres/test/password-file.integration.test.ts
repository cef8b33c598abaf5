import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMigrator, memorySource } from '@mig/core'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { fromUrl } from '../src/index.ts'

describeDatabase('postgres', 'a password file', (kind) => {
  test.runIf(process.platform !== 'win32')(
    'that others may read is named where the server asks for a password',
    async () => {
      await using database = await testDatabase(kind)
      const url = new URL(database.url)
      const folder = mkdtempSync(join(tmpdir(), 'mig-passfile-'))
      const file = join(folder, 'pgpass')
      writeFileSync(file, `*:*:*:*:${decodeURIComponent(url.password)}\n`)
      url.password = ''
      const version = async (): Promise<unknown> => {
        const driver = fromUrl(url.href, { environment: { PGPASSFILE: file } })
        await using migrator = await createMigrator({ source: memorySource({}), driver })
        return await migrator.version()
      }
      try {
        chmodSync(file, 0o644)
        await expect(version()).rejects.toMatchObject({
          code: 'CONNECTION_FAILED',
          message: expect.stringContaining(`${file} is ignored because others may read it`),
          hint: expect.stringContaining(`chmod 600 ${file}`),
        })
        chmodSync(file, 0o600)
        expect(await version()).toEqual({ version: null, dirty: false })
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})
