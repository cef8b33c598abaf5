import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atDepth } from '@mig/internal-testing'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { inspect, versionOf } from '../crash/inspector.ts'
import { serverApp } from '../support/server-app.ts'

const tellPeak = `
process.on('exit', () => {
  require('node:fs').writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS))
})
`

const fileBytes = atDepth({ quick: 10_000_000, ci: 100_000_000, full: 100_000_000 })
const rowBytes = 100

/** Rows of one length, so that their number follows from the length of the file. */
const inserts = (): string => {
  const row = (i: number): string => {
    const head = `insert into big values (${String(i).padStart(8, '1')}, '`
    return `${head}${'x'.repeat(rowBytes - head.length - 4)}');\n`
  }
  return Array.from({ length: fileBytes / rowBytes }, (_, i) => row(i)).join('')
}

describeDatabase(
  ['postgres', 'postgres-old', 'sqlite'],
  `a file of ${fileBytes / 1e6} MB`,
  (kind) => {
    test('is applied in less than 250 MB of memory', { timeout: 240_000 }, async () => {
      await using database = await testDatabase(kind)
      const { app, mig } = serverApp(database.url, {
        '1_big.up': `create table big (i integer, t varchar(100));\n${inserts()}`,
      })
      const peakFile = join(app.folder, 'peak')
      const script = join(app.folder, 'tell-peak.cjs')
      writeFileSync(script, tellPeak)
      const run = await mig(['up'], { node: ['--require', script], env: { PEAK_FILE: peakFile } })
      expect(run.code, run.stderr).toBe(0)
      await using inspector = await inspect(kind, database.url)
      expect(await inspector.rows('select count(*) from big')).toEqual([
        [`${fileBytes / rowBytes}`],
      ])
      expect(await versionOf(inspector)).toMatch(/^1 (false|0)$/)
      expect(Number(readFileSync(peakFile, 'utf8')) / 1024).toBeLessThan(250)
    })
  },
)
