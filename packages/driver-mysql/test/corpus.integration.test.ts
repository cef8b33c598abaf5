import { join } from 'node:path'
import { createMigrator, directorySource } from '@mig/core'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { mysqlDriver } from '../src/index.ts'
import { versionOf, tablesOf } from './admin.ts'

const corpus = process.env['MIG_CORPUS_DIR'] ?? ''
const kratos = join(corpus, 'kratos-mysql')

describeDatabase('mysql', 'the migrations of Ory Kratos', (kind) => {
  test.skipIf(corpus === '')('go all up and all down', { timeout: 600_000 }, async () => {
    await using database = await testDatabase(kind)
    const source = directorySource(kratos)
    const { migrations } = await source.list()
    expect(migrations).toHaveLength(345)
    const withoutDown = migrations.filter(({ down }) => down === undefined)
    expect(withoutDown).toHaveLength(111)

    const migrator = await createMigrator({ source, driver: mysqlDriver(database.url) })
    try {
      const up = await migrator.up()
      expect(up.steps).toHaveLength(345)
      expect(up.to).toEqual({ version: migrations.at(-1)?.version, dirty: false })
      const tables = await tablesOf(database.url)
      expect(tables).toContain('identities')

      await expect(migrator.down({ steps: 'all' })).rejects.toMatchObject({
        code: 'MISSING_DOWN',
        details: { versions: withoutDown.map(({ version }) => version).toReversed() },
      })
      expect(await migrator.version()).toEqual(up.to)

      const down = await migrator.down({ steps: 'all', missingDown: 'skip' })
      expect(down.steps).toHaveLength(345)
      expect(down.to).toEqual({ version: null, dirty: false })
      expect(await versionOf(database.url)).toEqual([])
    } finally {
      await migrator.close()
    }
  })
})
