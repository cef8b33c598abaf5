import { atDepth } from '@mig/internal-testing'
import { startServer } from '@mig/testing'
import { describeOwnServer } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { migrationFolder } from './folder.ts'
import { inspect, versionOf } from './inspector.ts'
import { runMig } from './mig-process.ts'

const rounds = atDepth({ quick: 1, ci: 2, full: 5 })
const versions = 20

describeOwnServer(['postgres', 'mysql', 'mariadb'], 'kill -9 of the server', (kind) => {
  test('right after success: nothing reported is lost', { timeout: 300_000 }, async () => {
    await using server = await startServer(kind)
    await using folder = await migrationFolder(versions, (version) => ({
      // The last script changes nothing itself: only the version row says that it ran.
      up: version === versions ? '-- nothing\n' : `create table t${version} (i int);\n`,
    }))
    for (let round = 0; round < rounds; round++) {
      const database = await server.createDatabase()
      const result = await runMig(['up', '--path', folder.path, '--database', database.url])
      expect(result.code, result.stderr).toBe(0)
      await server.kill()
      await server.start()
      await using inspector = await inspect(kind, database.url)
      expect(await versionOf(inspector)).toMatch(new RegExp(`^${versions} (false|0)$`))
      for (let version = 1; version < versions; version++) {
        await inspector.rows(`select * from t${version}`)
      }
    }
  })
})
