import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { seededRandom } from './random.ts'
import { findReference } from './reference-binary.ts'
import { openSide, runSession, type StepReport } from './session.ts'
import { migrateTool } from './workplace.ts'

const reference = findReference()
const required = process.env['MIG_REQUIRE_DATABASES'] === '1'
const steps = Number(process.env['MIG_SIDE_BY_SIDE_STEPS'] ?? 500)
const firstSeed = Number(process.env['MIG_SIDE_BY_SIDE_SEED'] ?? Date.now() % 1_000_000_000)
const stepsPerSession = 14

/** Commands and options that have to occur, as the steps tag them. */
const tags = [
  'up', 'up N', 'up extra', 'down', 'down N', 'down -all', 'down misuse', 'goto', 'goto misuse', 'force', 'version',
  'drop', 'drop -f', 'create', 'create -ext', 'create -dir', 'create -seq', 'create -digits', 'create -format', 'create -tz',
  'unknown command', 'no command', 'command -help', 'command -h', 'command flag error',
  '-path', '-source', '-database', '-prefetch', '-lock-timeout', '-verbose', '-version', '-help', '-h', 'flag error',
  'no source', 'bad source', 'no database', 'bad database',
] // prettier-ignore

const countTags = (reports: readonly StepReport[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = Object.fromEntries(tags.map((tag) => [tag, 0]))
  for (const tag of reports.flatMap((report) => report.tags)) counts[tag] = (counts[tag] ?? 0) + 1
  return counts
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`

describeDatabase(
  ['postgres', 'mysql', 'mariadb', 'sqlite'],
  'migrate beside golang-migrate',
  (kind) => {
    const title = `${steps} random steps`
    if (reference.path === undefined) {
      // eslint-disable-next-line vitest/no-disabled-tests -- there is nothing to compare with
      test.skipIf(!required)(`${title} (${reference.reason})`, () => {
        throw new Error(reference.reason)
      })
      return
    }
    const { path } = reference

    test(title, { timeout: 60_000 + steps * 3_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'mig-side-by-side-'))
      const theirs = await openSide(kind, [[path]], join(folder, 'a'))
      const ours = await openSide(kind, [migrateTool], join(folder, 'b'))
      const reports: StepReport[] = []
      try {
        for (let seed = firstSeed; reports.length < steps; seed++) {
          try {
            const random = seededRandom(seed)
            const before = reports.length
            reports.push(...(await runSession(kind, { theirs, ours }, random, stepsPerSession)))
            // A long run says where it is.
            if (Math.floor(before / 1000) < Math.floor(reports.length / 1000)) {
              console.log(`${kind}: ${reports.length} steps, up to seed ${seed}`)
            }
          } catch (error) {
            throw new Error(`${kind}, MIG_SIDE_BY_SIDE_SEED=${seed}`, { cause: error })
          }
        }
      } finally {
        await Promise.all([theirs.database.close(), ours.database.close()])
        rmSync(folder, { recursive: true, force: true })
      }
      const counts = countTags(reports)
      const bodies = reports.filter(({ ranBody }) => ranBody).length
      const failed = reports.filter((report) => report.failed).length
      const known = Object.groupBy(reports, (report) => report.known ?? '')
      console.log(
        `${kind}: ${reports.length} steps from seed ${firstSeed}, ${percent(bodies, reports.length)} ran a body, ${percent(failed, reports.length)} failed`,
        counts,
        Object.fromEntries(Object.entries(known).map(([quirk, all = []]) => [quirk, all.length])),
      )
      expect(bodies / reports.length).toBeGreaterThan(0.3)
      expect(failed / reports.length).toBeGreaterThan(0.1)
      // Fifty of each in a run of 5000. In a short run a rare one may be missing.
      const least = Math.floor(reports.length / 100) - 4
      if (reports.length >= 5000)
        expect(Object.entries(counts).filter(([, n]) => n < 50)).toEqual([])
      else expect(Object.entries(counts).filter(([, n]) => n < Math.min(least, 1))).toEqual([])
    })
  },
)
